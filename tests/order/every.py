"""Every script, and how many things are told in it: what is proven of one is proven of all."""

from typing import Final

from tests.order.rules import history
from tests.order.script import Script
from tests.order.scripts import attempts, beginnings, detection, groups, messages, transfers

SCRIPTS: Final[dict[str, Script]] = {
    **beginnings.SCRIPTS,
    **transfers.SCRIPTS,
    **groups.SCRIPTS,
    **messages.SCRIPTS,
    **detection.SCRIPTS,
    **attempts.SCRIPTS,
}
TOLD: Final = {name: len(history(script)) for name, script in SCRIPTS.items()}
SHORT: Final = [name for name, told in TOLD.items() if told <= 7]
