"""What Telnyx knows and we don't, and the other way round: mended where that is safe, reported where it is not.

`reconcile` is one run, of a worker every minute or of an operator; what it mends goes through the queues, as every
event does.
"""

from shared.reconcile.bounds import Limits
from shared.reconcile.compare import DeadLeg
from shared.reconcile.report import Fed, Missed, Report, Unknown
from shared.reconcile.run import reconcile

__all__ = ["DeadLeg", "Fed", "Limits", "Missed", "Report", "Unknown", "reconcile"]
