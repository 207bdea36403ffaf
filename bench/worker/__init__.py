"""Jobs through: the engine of our workers beside other workers."""
