"""The Dockerfile's own steps in a clean folder, as far as they need no Docker: `make image`, about half a minute.

A virtual environment stands for the base image, a folder for /app: what is copied, the RUN steps that are Python's
own, and then the Procfile's release line and `--help` of each process, all in what .dockerignore lets through.
"""

import os
import shlex
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]


def steps() -> Iterator[tuple[str, str]]:
    """(instruction, argument) of each step of the Dockerfile, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            instruction, argument = line.split(None, 1)
            yield instruction, argument


def let_through() -> list[str]:
    """What .dockerignore keeps of the folder: everything else stays outside of the image."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return [line[1:].rstrip("/") for line in lines if line.startswith("!")]


def copy(names: list[str], folder: Path) -> None:
    for name in names:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(
                source, folder / name, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
            )
        else:
            shutil.copy(source, folder / name)


def main() -> int:
    """0 when every step and every process worked; the first that does not ends it."""
    folder = ROOT / "build" / "image"
    shutil.rmtree(folder, ignore_errors=True)
    app = folder / "app"
    app.mkdir(parents=True)
    venv.create(folder / "python", with_pip=True)
    env = {"PATH": f"{folder / 'python' / 'bin'}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder)}
    for instruction, argument in steps():
        if instruction == "COPY":
            names = shlex.split(argument)[:-1]
            copy(let_through() if names == ["."] else names, app)
        elif instruction == "RUN" and argument.startswith(("pip ", "python ")):
            _run(argument, app, env)
    _run("python -m console release", app, env)
    for command in ("python -m workers --help", "python -m console --help"):
        _run(command, app, env)
    _run('python -c "import ingress.__main__"', app, env)
    shutil.rmtree(folder)
    return 0


def _run(command: str, folder: Path, env: dict[str, str]) -> None:
    sys.stdout.write(f"$ {command}\n")
    sys.stdout.flush()
    subprocess.run(command, shell=True, cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
