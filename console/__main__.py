"""`trunkline`, also `python -m console`: the operator's commands.

Exit codes: 0 done; 1 the thing asked about is not so; 2 bad usage or input; 128 and the number of a signal.
"""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Final, NoReturn

from console import demo, dev, dev_notes, trigger
from console.cli import build_parser
from shared.errors import ConfigError, Unavailable

LENT_NOTHING: Final = (demo.run, dev.run, trigger.run)  # they bring what they need, or choose


def main() -> int:
    signal.signal(signal.SIGTERM, _end)
    try:
        code = run(sys.argv[1:], os.environ)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python writes as it ends
        return 128 + signal.SIGPIPE
    return code


def run(words: Sequence[str], env: Mapping[str, str]) -> int:
    """One command; its exit code."""
    for word in words:
        if not _is_utf8(word):
            print(f"trunkline: {word!r} is not UTF-8", file=sys.stderr)
            return 2
    arguments = build_parser().parse_args(words)
    try:
        if arguments.run not in LENT_NOTHING:
            env = dev_notes.environment(env)
        code: int = arguments.run(arguments, env)
    except ConfigError as reason:
        print(reason, file=sys.stderr)
        return 2
    except Unavailable as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return code


def _is_utf8(word: str) -> bool:
    """Python keeps the bytes of an argument that are not as lone surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in word)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """Leave as an exception does, so that whatever was started is ended on the way out."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
