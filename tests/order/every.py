"""Every script: what is proven of one is proven of all."""

from typing import Final

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
