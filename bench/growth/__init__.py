"""What becomes of it with more workers, and with more calls stored."""
