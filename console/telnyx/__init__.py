"""`trunkline telnyx …`: the twelve operations of the Voice API, by hand."""

from console.telnyx.command import add_commands

__all__ = ["add_commands"]
