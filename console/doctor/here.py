"""What this machine tells: the dialplan, whether recordings can be written, and secrets that can be guessed."""

import errno
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import S3Store

from console.dialplan.check import checked
from console.doctor.check import Check, hidden
from console.platforms import loses_recordings
from shared.errors import DialplanError
from shared.settings import Settings

PLAN, RECORDINGS, SECRETS = "dialplan", "recordings", "secrets"
PROBE: Final = "trunkline-doctor"
GUESSABLE: Final = 12  # characters; guesses at the web process are logged, not slowed down


def dialplan_check(settings: Settings) -> Check:
    try:
        found = checked(settings.dialplan)
    except DialplanError as reason:
        return Check(PLAN, "wrong", str(reason), "trunkline dialplan check")
    told = f"{found.file}: {found.rules} rules, {found.profiles} outbound profiles"
    if found.warnings:
        return Check(PLAN, "warn", f"{told}, {len(found.warnings)} warnings", "trunkline dialplan check")
    return Check(PLAN, "ok", told)


def recordings_check(settings: Settings, env: Mapping[str, str]) -> Check:
    """By a file, or an object, that is written and deleted again."""
    if settings.recordings_url.startswith("s3:"):
        return _bucket(settings)
    found = _folder(settings.recordings_url)
    lost = loses_recordings(settings.recordings_url, env)
    return Check(RECORDINGS, "warn", lost, "set RECORDINGS_URL") if lost and found.state == "ok" else found


def secrets_check(settings: Settings) -> Check:
    """The length of what we were given ourselves; whether Telnyx takes its key has a check of its own."""
    given = {"CONSOLE_PASSWORD": settings.console_password, "TRUNKLINE_API_TOKEN": settings.api_token}
    short = [name for name, value in given.items() if 0 < len(value) < GUESSABLE]
    if short:
        found = f"{' and '.join(short)} can be guessed: under {GUESSABLE} characters"
        return Check(SECRETS, "warn", found, "openssl rand -base64 24")
    return Check(SECRETS, "ok", ", ".join(name for name, value in given.items() if value) or "none is set")


def _folder(url: str) -> Check:
    parts = urlsplit(url)
    folder = Path(("" if parts.netloc == "localhost" else parts.netloc) + unquote(parts.path))
    try:
        with tempfile.TemporaryFile(dir=_nearest(folder)):
            pass
    except OSError as reason:
        mend = "let the workers' user write there, or set RECORDINGS_URL"
        return Check(RECORDINGS, "wrong", f"{folder} cannot be written: {reason.strerror}", mend)
    return Check(RECORDINGS, "ok", f"{folder} can be written from here")


def _nearest(folder: Path) -> Path:
    """The folder, or what there is of the way to it: a worker makes the rest. Raises OSError for no way at all.

    Not by `exists`: since Python 3.14 that is False for whatever is wrong with a path.
    """
    for one in (folder, *folder.absolute().parents):
        with suppress(FileNotFoundError, NotADirectoryError):
            one.stat()
            return one
    raise FileNotFoundError(errno.ENOENT, "there is no such folder")


def _bucket(settings: Settings) -> Check:
    aws, url = settings.aws, urlsplit(settings.recordings_url)
    keys = {"access_key_id": aws.access_key_id, "secret_access_key": aws.secret_access_key}
    config = {"region": aws.region, "endpoint": aws.endpoint, "token": aws.session_token} | keys
    try:
        store = S3Store(
            url.netloc,
            prefix=url.path.strip("/") or None,
            config={name: value for name, value in config.items() if value},  # type: ignore[arg-type] # its keys are literals
            client_options={"allow_http": aws.allow_http.lower() == "true", "timeout": timedelta(seconds=10)},
            retry_config={"max_retries": 0},
        )
        store.put(PROBE, b"")
    except (BaseError, ValueError, OSError) as reason:
        said = hidden(str(reason).partition("\n")[0], "")
        return Check(
            RECORDINGS, "wrong", f"{url.netloc} takes no object: {said}", "check RECORDINGS_URL and AWS_*"
        )
    with suppress(BaseError, OSError):  # a key that may not delete is as good: the probe is empty
        store.delete(PROBE)
    return Check(RECORDINGS, "ok", f"bucket {url.netloc} takes objects")
