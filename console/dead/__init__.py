"""Dead letters: what the workers have given up, read, run again or thrown away."""

from console.dead.command import add_commands

__all__ = ["add_commands"]
