"""Trunkline beside its peers, on one machine, in one run. Everything stays on loopback, and ends by itself."""
