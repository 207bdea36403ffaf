"""Events in: our web process beside what others would build."""
