"""Whether this runs where files do not last: each of these names is set by the platform itself."""

from collections.abc import Mapping
from typing import Final

_PLATFORMS: Final = {"DYNO": "dyno", "RENDER": "Render service", "RAILWAY_ENVIRONMENT_NAME": "Railway service"}


def loses_recordings(recordings_url: str, env: Mapping[str, str]) -> str:
    """Why a folder of recordings will not last here; empty where it may."""
    if not recordings_url.startswith("file:"):
        return ""
    where = next((what for name, what in _PLATFORMS.items() if name in env), "")
    return f"a {where}'s files are gone when it restarts; use s3://bucket/prefix" if where else ""
