"""HTTP in: verify, decode, deduplicate and enqueue; knows no call logic."""
