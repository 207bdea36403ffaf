"""A client for the bucket that RECORDINGS_URL names, by the AWS_* names of the environment."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import S3Store

from shared.errors import ConfigError
from shared.settings import Aws

if TYPE_CHECKING:  # there for a type checker alone
    from obstore.store import S3Credential, S3CredentialProvider

TRUE: Final = frozenset({"true", "1", "yes", "y", "on"})  # as obstore reads AWS_ALLOW_HTTP

_URL: Final = re.compile(
    r"s3://(?P<bucket>[A-Za-z0-9][A-Za-z0-9._-]{1,62})(?P<prefix>(?:/[A-Za-z0-9!_.*'()=-]+)*)/?"
)


def s3_at(recordings_url: str, aws: Aws) -> S3Store:
    """Asks nobody. Raises ConfigError.

    AWS_* names that Settings does not have (of a machine's role, of encryption) obstore reads by itself.
    """
    match = _URL.fullmatch(recordings_url)
    if match is None or {".", ".."}.intersection(match["prefix"].split("/")):
        raise ConfigError("RECORDINGS_URL is not a bucket; use s3://bucket or s3://bucket/prefix")
    _check(aws)
    try:
        return S3Store(
            match["bucket"],
            prefix=match["prefix"].strip("/") or None,
            # Given even where it is obstore's own choice: it would take an empty AWS_ENDPOINT too, and panic.
            config={"region": aws.region, "endpoint": aws.endpoint or f"https://s3.{aws.region}.amazonaws.com"},
            client_options={
                "allow_http": aws.allow_http.lower() in TRUE,
                "connect_timeout": timedelta(seconds=5),
                "timeout": timedelta(seconds=60),
            },
            # A bucket says 503 now and then, and what was downloaded would be thrown away.
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
            credential_provider=_keys(aws),
        )
    except (BaseError, ValueError) as reason:
        raise ConfigError(f"an AWS_* name holds what obstore cannot use: {str(reason).splitlines()[0]}") from None


def _check(aws: Aws) -> None:
    """Raises ConfigError: obstore would take these, and fail at every request."""
    keys = {aws.access_key_id, aws.secret_access_key}
    if "" in keys or (None in keys and keys != {None}):
        raise ConfigError(
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must both be filled in for an s3:// RECORDINGS_URL,"
            " or both be unset (not empty) on a machine with a role of its own"
        )
    if not aws.endpoint:
        return
    try:
        parts = urlsplit(aws.endpoint)
        usable = parts.scheme in {"https", "http"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError("AWS_ENDPOINT is not a URL of the form https://… or http://…")
    if parts.scheme == "http" and aws.allow_http.lower() not in TRUE:
        raise ConfigError("AWS_ENDPOINT is http://: use https://, or set AWS_ALLOW_HTTP=true")


def _keys(aws: Aws) -> "S3CredentialProvider | None":
    """As a callback: only so does obstore not send an empty AWS_SESSION_TOKEN. None: the machine has a role."""
    if not aws.access_key_id or not aws.secret_access_key:
        return None
    keys: S3Credential = {
        "access_key_id": aws.access_key_id,
        "secret_access_key": aws.secret_access_key,
        "token": aws.session_token or None,
        "expires_at": None,
    }
    return lambda: keys
