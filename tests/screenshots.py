"""Pictures of the operator's page for the README, of the demo's calls: `python -m tests.screenshots`."""

import argparse
import os
import tempfile
import time
from pathlib import Path

from console.demo import command as demo
from console.demo.calls import taken_otherwise
from console.demo.scenarios import names, read
from console.fleet import CONNECTION, Fleet
from shared import dialplan
from tests import browser
from tests.processes import ROOT

PASSWORD = "of-the-demo"
MOST_LEGS = """
[...document.querySelectorAll('#calls tbody tr')].map(row => [
  Number(row.querySelector('[data-label=legs]').innerText), row.querySelector('a').href
]).sort((a, b) => b[0] - a[0])[0][1]
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "docs" / "images")
    parser.add_argument("--calls", type=int, default=40)
    arguments = parser.parse_args()
    binary = browser.find()
    assert binary, "Chromium is not installed"
    env = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    plan = dialplan.load(ROOT / "dialplan.toml").plan
    scenarios = [read(name) for name in names()]
    now = time.time()
    kinds = [kind for scenario in scenarios for kind in scenario.kinds]
    due = [kind for kind in kinds if not taken_otherwise(plan, kind, CONNECTION, now)]
    placements = demo._placed(due, arguments.calls, 1)
    options = ["--chaos", demo.CHAOS, "--seed", "1", "--speed", str(demo.SPEED)]
    with Fleet({**env, "CONSOLE_PASSWORD": PASSWORD}, options) as fleet:
        demo._seen(fleet, plan, scenarios, placements)
        with tempfile.TemporaryDirectory() as profile:
            tab = browser.Browser(binary, Path(profile))
            try:
                take(tab, f"{fleet.web}/console/", arguments.folder)
            finally:
                tab.close()


def take(tab: browser.Browser, url: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tab.screen(1180, 640)
    tab.go(url.replace("//", f"//ana:{PASSWORD}@"))
    keep(tab, folder / "page-calls.png")
    call = tab.run(MOST_LEGS)
    tab.screen(1180, 900)
    tab.go(call)
    keep(tab, folder / "page-call.png")
    tab.screen(1180, 620, dark=True)
    tab.go(f"{url}queues")
    keep(tab, folder / "page-queues-dark.png")
    tab.screen(390, 780, dark=True, phone=True)
    tab.go(call)
    tab.run("document.querySelector('.picture').scrollIntoView()")
    keep(tab, folder / "page-phone-dark.png")


def keep(tab: browser.Browser, file: Path) -> None:
    file.write_bytes(tab.picture())
    print(f"{file.name}  {file.stat().st_size / 1024:.0f} KB")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
