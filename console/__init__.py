"""The operator's commands and page, the demo, and what a developer runs on one machine."""
