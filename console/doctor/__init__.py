"""`trunkline doctor`: what keeps this deployment from working, and how to mend it."""

from console.doctor.command import add_arguments

__all__ = ["add_arguments"]
