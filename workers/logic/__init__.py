"""Pure decisions: what a call needs next. No I/O, no clock, no randomness."""
