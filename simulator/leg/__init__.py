"""The records of the state machine: legs, their sound, recordings and streams, timers, effects."""

from simulator.leg.effects import Act, Does, Effect, Emit, StartTimer, StopTimers
from simulator.leg.media import Audio, Recording, RecordWish, Stream, StreamWish
from simulator.leg.records import Ending, Leg, State, Switch

__all__ = [
    "Act",
    "Audio",
    "Does",
    "Effect",
    "Emit",
    "Ending",
    "Leg",
    "RecordWish",
    "Recording",
    "StartTimer",
    "State",
    "StopTimers",
    "Stream",
    "StreamWish",
    "Switch",
]
