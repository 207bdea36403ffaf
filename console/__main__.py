"""`trunkline`, also `python -m console`: the operator's commands.

Exit codes: 0 done; 1 the thing asked about is not so; 2 bad usage or input.
"""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import NoReturn

from console.cli import build_parser
from shared.errors import ConfigError, Unavailable


def main() -> int:
    signal.signal(signal.SIGTERM, _end)
    return run(sys.argv[1:], os.environ)


def run(words: Sequence[str], env: Mapping[str, str]) -> int:
    """One command; its exit code."""
    arguments = build_parser().parse_args(words)
    try:
        code: int = arguments.run(arguments, env)
    except ConfigError as reason:
        print(reason, file=sys.stderr)
        return 2
    except Unavailable as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """Leave as an exception does, so that whatever was started is ended on the way out."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
