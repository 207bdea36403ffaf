"""Our key goes to nobody but Telnyx: who shows a certificate that is not vouched for gets no byte of a request."""

import asyncio
import ssl

import pytest
import trustme

from shared.commands import Request
from shared.telnyx import Telnyx


@pytest.mark.parametrize("name", ["localhost", "elsewhere.example"])
def test_a_server_in_the_middle_is_told_nothing(name, tmp_path, monkeypatch):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))  # not read: trust_env is off
    received = bytearray()

    async def listen(reader, _writer):
        received.extend(await reader.read(1))

    async def scenario():
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(name).configure_cert(context)
        server = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=context)
        telnyx = Telnyx(f"https://localhost:{server.sockets[0].getsockname()[1]}/v2", "the-key")
        async with server:
            answer = await telnyx.send(Request("POST", "/calls/v3:a/actions/hangup", b"{}"), 3.0)
        await telnyx.aclose()
        return answer

    answer = asyncio.run(scenario())

    assert (answer.status, answer.reached, answer.trouble) == (None, False, "ConnectError")
    assert received == b""
