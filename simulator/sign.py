"""Ed25519 signatures of webhooks, over `timestamp|raw body` (Telnyx docs: receiving-webhooks)."""

import base64

from nacl.signing import SigningKey


class Signer:
    """Signs with one key; `public_key` is what a receiver is given, base64 of 32 bytes."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key
        self.public_key = base64.b64encode(bytes(key.verify_key)).decode()

    @classmethod
    def from_seed(cls, seed: str | None) -> "Signer":
        """From base64 of 32 bytes, or with a fresh key. Raises ValueError."""
        if seed is None:
            return cls(SigningKey.generate())
        return cls(SigningKey(base64.b64decode(seed, validate=True)))

    def headers(self, body: bytes, timestamp: int) -> list[tuple[str, str]]:
        """The two headers of a delivery sent at this Unix second."""
        stamp = str(timestamp)
        signature = self._key.sign(stamp.encode() + b"|" + body).signature
        return [
            ("telnyx-signature-ed25519", base64.b64encode(signature).decode()),
            ("telnyx-timestamp", stamp),
        ]
