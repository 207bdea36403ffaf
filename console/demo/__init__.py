"""`trunkline demo`: calls of every kind against a Telnyx stand-in, with what goes wrong in real life, checked."""

from console.demo.command import CHAOS, add_arguments, run

__all__ = ["CHAOS", "add_arguments", "run"]
