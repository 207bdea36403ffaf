"""`trunkline dead` in this process."""

from collections.abc import Callable

import pytest

from console.cli import build_parser


@pytest.fixture
def dead(redis_url: str, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """`dead("list", "--json")`: the exit code, and what was printed."""

    def ask(*words: str) -> tuple[int, str]:
        arguments = build_parser().parse_args(["dead", *words])
        capsys.readouterr()
        code = arguments.run(arguments, {"REDIS_URL": redis_url})
        said = capsys.readouterr()
        return code, said.out + said.err

    return ask
