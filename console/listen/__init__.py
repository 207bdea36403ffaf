"""`trunkline listen`: Telnyx's own events on this machine, through a tunnel, for as long as one looks."""

from console.listen.command import add_arguments

__all__ = ["add_arguments"]
