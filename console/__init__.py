"""For the operator: the command line and the demo."""
