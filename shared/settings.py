"""The environment, read once at the root of a process into one frozen struct.

Names and meanings are the contract of `docs/environment.md`. Every error is one line that names the variable
and says how to mend it; the roots print it and exit with 2.
"""

import base64
import binascii
import ipaddress
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, TypeVar, get_args
from urllib.parse import urlsplit

import msgspec

from shared import faults
from shared.errors import ConfigError

Durability = Literal["auto", "fsync", "replica"]
LogFormat = Literal["json", "text"]

_Choice = TypeVar("_Choice", bound=str)


class Aws(msgspec.Struct, frozen=True):
    """Amazon's own names for a bucket, unchecked: they matter, and are judged, where RECORDINGS_URL is s3:// only.

    A key that is None is not in the environment at all: the machine may have a role of its own.
    """

    access_key_id: str | None = None
    secret_access_key: str | None = None
    session_token: str = ""
    region: str = "us-east-1"
    endpoint: str = ""  # Amazon's own of the region
    allow_http: str = "false"

    def __repr__(self) -> str:
        return f"Aws(region={self.region!r}, …)"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a process is told from outside. Secrets are left out of the repr."""

    redis_url: str
    redis_tls: str = "verify"
    telnyx_api_key: str = ""
    telnyx_base_url: str = "https://api.telnyx.com/v2"
    telnyx_public_keys: tuple[bytes, ...] = ()
    connection_id: str = ""
    dialplan: Path = Path("dialplan.toml")
    host: str = "0.0.0.0"  # noqa: S104 - a PaaS routes to the container's address
    port: int = 8000
    web_concurrency: int = 1
    worker_concurrency: int = 100
    api_token: str = ""
    console_password: str = ""
    recordings_url: str = "file://./recordings"
    recording_hosts: tuple[str, ...] = ()
    aws: Aws = Aws()
    public_url: str = ""
    history_days: int = 7
    log_level: str = "INFO"
    log_format: LogFormat = "json"
    durability: Durability = "auto"
    faults: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"Settings(dialplan={str(self.dialplan)!r}, telnyx_base_url={self.telnyx_base_url!r}, …)"

    @classmethod
    def for_ingress(cls, env: Mapping[str, str]) -> "Settings":
        """Settings of the web process. Raises ConfigError."""
        return _read(env, required=("REDIS_URL", "TELNYX_PUBLIC_KEY"))

    @classmethod
    def for_worker(cls, env: Mapping[str, str]) -> "Settings":
        """Settings of a worker. Raises ConfigError."""
        return _read(env, required=("REDIS_URL", "TELNYX_API_KEY"))

    @classmethod
    def for_console(cls, env: Mapping[str, str], required: tuple[str, ...] = ()) -> "Settings":
        """Settings of a command, which names what it cannot do without. Raises ConfigError."""
        return _read(env, required)


_DEFAULTS: Final = Settings(redis_url="")
_AT_A_HOST: Final = frozenset({"https", "http", "s3"})  # of s3:// it is the bucket
_HOW_TO_MEND: Final = {
    "REDIS_URL": "set it to your Redis or Valkey, for example redis://127.0.0.1:6379/0",
    "TELNYX_API_KEY": "set it to an API v2 key of your Telnyx account",
    "CONSOLE_PASSWORD": "set it to a long password of your own: whoever has it sees and stops calls",
    "TELNYX_PUBLIC_KEY": "copy the public key of your Telnyx account (base64 of 32 bytes)",
}


def _read(env: Mapping[str, str], required: tuple[str, ...]) -> Settings:
    for name in required:
        if not _text(env, name):
            raise ConfigError(f"{name} is missing: {_HOW_TO_MEND[name]}")
    base_url = _url(env, "TELNYX_BASE_URL", ("https", "http"), _DEFAULTS.telnyx_base_url)
    return Settings(
        redis_url=_url(env, "REDIS_URL", ("redis", "rediss", "unix", "redis+sentinel")),
        redis_tls=_redis_tls(env),
        telnyx_api_key=_api_key(env),
        telnyx_base_url=base_url,
        telnyx_public_keys=_public_keys(_text(env, "TELNYX_PUBLIC_KEY")),
        connection_id=_text(env, "TELNYX_CONNECTION_ID"),
        dialplan=Path(_text(env, "DIALPLAN", str(_DEFAULTS.dialplan))),
        host=_text(env, "HOST", _DEFAULTS.host),
        port=_whole(env, "PORT", _DEFAULTS.port, 0, 65535),
        web_concurrency=_whole(env, "WEB_CONCURRENCY", _DEFAULTS.web_concurrency, 1, 128),
        worker_concurrency=_whole(env, "WORKER_CONCURRENCY", _DEFAULTS.worker_concurrency, 1, 10_000),
        api_token=_text(env, "TRUNKLINE_API_TOKEN"),
        console_password=_text(env, "CONSOLE_PASSWORD"),
        recordings_url=_url(env, "RECORDINGS_URL", ("file", "s3"), _DEFAULTS.recordings_url),
        recording_hosts=tuple(filter(None, (h.strip() for h in _text(env, "RECORDING_HOSTS").split(",")))),
        aws=_aws(env),
        public_url=_url(env, "PUBLIC_URL", ("https",)),
        history_days=_whole(env, "HISTORY_DAYS", _DEFAULTS.history_days, 1, 3650),
        log_level=_one_of(env, "LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), _DEFAULTS.log_level),
        log_format=_one_of(env, "LOG_FORMAT", get_args(LogFormat), "text" if sys.stderr.isatty() else "json"),
        durability=_one_of(env, "DURABILITY", get_args(Durability), _DEFAULTS.durability),
        faults=_faults(_text(env, "TRUNKLINE_TEST_FAULT"), base_url),
    )


def _text(env: Mapping[str, str], name: str, default: str = "") -> str:
    """A value, or the default where it is empty: platforms set names without a value."""
    return env.get(name, "").strip() or default


def _whole(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = _text(env, name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
        raise ConfigError(f"{name}={text!r} is not a whole number from {low} to {high}")
    return int(text)


def _one_of(env: Mapping[str, str], name: str, allowed: tuple[_Choice, ...], default: _Choice) -> _Choice:
    text = _text(env, name, default)
    for choice in allowed:
        if choice == text:
            return choice
    raise ConfigError(f"{name}={text!r} is not one of {', '.join(allowed)}")


def _url(env: Mapping[str, str], name: str, schemes: tuple[str, ...], default: str = "") -> str:
    text = _text(env, name)
    if not text:
        return default
    if not _is_url(text, schemes):
        wanted = " or ".join(f"{scheme}://…" for scheme in schemes)
        raise ConfigError(f"{name} is not a URL of the form {wanted}")  # its value may hold a password
    return text.rstrip("/")


def _is_url(text: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(text)
        several_hosts = parts.scheme == "redis+sentinel"  # each has a port of its own, checked where it is read
        is_whole = several_hosts or parts.port != 0
    except ValueError:  # a port that is none, or half an IPv6 address
        return False
    host = parts.hostname or ""
    place = host if parts.scheme in _AT_A_HOST else parts.netloc or parts.path
    is_marked = "://" in text or parts.scheme == "file"  # RFC 8089 has `file:/path` as well
    return is_whole and parts.scheme in schemes and is_marked and place != "" and " " not in host


def _aws(env: Mapping[str, str]) -> Aws:
    """Of two names for one thing the first counts."""
    key, secret = env.get("AWS_ACCESS_KEY_ID"), env.get("AWS_SECRET_ACCESS_KEY")
    return Aws(
        access_key_id=None if key is None else key.strip(),
        secret_access_key=None if secret is None else secret.strip(),
        session_token=_text(env, "AWS_SESSION_TOKEN"),
        region=_text(env, "AWS_REGION") or _text(env, "AWS_DEFAULT_REGION", _DEFAULTS.aws.region),
        endpoint=_text(env, "AWS_ENDPOINT") or _text(env, "AWS_ENDPOINT_URL"),
        allow_http=_text(env, "AWS_ALLOW_HTTP", _DEFAULTS.aws.allow_http),
    )


def _redis_tls(env: Mapping[str, str]) -> str:
    choice = _text(env, "REDIS_TLS", "verify")
    if choice not in {"verify", "insecure"} and not Path(choice).is_file():
        raise ConfigError(f"REDIS_TLS={choice!r} is neither verify, insecure nor the path of a CA file")
    return choice


def _api_key(env: Mapping[str, str]) -> str:
    key = _text(env, "TELNYX_API_KEY")
    if not (key.isascii() and key.isprintable()):
        raise ConfigError("TELNYX_API_KEY holds characters that no key has; copy it again from your account")
    return key


def _public_keys(text: str) -> tuple[bytes, ...]:
    return tuple(_public_key(item.strip()) for item in text.split(",") if item.strip())


def _public_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise ConfigError(f"TELNYX_PUBLIC_KEY={text[:8]!r}… is not base64 of 32 bytes; copy it from your account")
    return key


def _faults(text: str, base_url: str) -> dict[str, int]:
    if not text:
        return {}
    if not _is_loopback(urlsplit(base_url).hostname or ""):
        raise ConfigError("TRUNKLINE_TEST_FAULT is for tests only: TELNYX_BASE_URL must be loopback, or unset it")
    try:
        return faults.parse(text)
    except ValueError as reason:
        raise ConfigError(f"TRUNKLINE_TEST_FAULT: {reason}") from None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
