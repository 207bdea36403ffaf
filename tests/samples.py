"""The twelve events of the seed, as recorded: one home for them, which `trunkline trigger` sends from as well."""

from typing import Final

from console.samples import FOLDER

SEED: Final = (
    *("call.initiated", "call.answered", "call.bridged", "call.hangup", "call.recording.saved"),
    *("call.machine.detection.ended", "call.machine.greeting.ended"),
    *("call.machine.premium.detection.ended", "call.machine.premium.greeting.ended"),
    *("streaming.started", "streaming.stopped", "streaming.failed"),
)
SAMPLES: Final = {name: (FOLDER / f"{name}.json").read_bytes() for name in sorted(SEED)}
