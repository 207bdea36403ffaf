"""`trunkline release`: what the Procfile's release line runs. It needs no Redis, and blocks a bad release."""

import argparse
import sys
from collections.abc import Mapping

from console import provision
from console.dialplan.check import checked, tell
from console.platforms import loses_recordings
from shared.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=run)


def run(_: argparse.Namespace, env: Mapping[str, str]) -> int:
    """The dialplan first; then, with PUBLIC_URL, the application is made to match.

    0 released; 1 Telnyx refused; bad input raises ConfigError. Warnings are shown and let pass.
    """
    settings = Settings.for_console(env)
    tell(checked(settings.dialplan))
    lost = loses_recordings(settings.recordings_url, env)
    if lost:
        print(f"warning: RECORDINGS_URL names a folder, and {lost}", file=sys.stderr)
    if not settings.public_url:
        print("PUBLIC_URL is not set: the call control application is left as it is")
        return 0
    settings = Settings.for_console(env, required=("TELNYX_API_KEY",))
    code = provision.of_release(settings)
    if code:
        print("the release is blocked: the application at Telnyx does not match", file=sys.stderr)
    return code
