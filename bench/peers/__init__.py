"""What others would build, each at its best documented settings."""
