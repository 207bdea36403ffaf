"""From a decision to its effect: load, commit, send, settle."""
