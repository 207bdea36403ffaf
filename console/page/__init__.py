"""The operator's page: another face of the functions that the commands call."""
