"""After a SIGKILL: how long a job waits until another worker runs it again."""
