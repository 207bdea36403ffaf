"""The logic of a call, and the commands out."""
