"""How jobs run: an RQ worker of many coroutines on one event loop."""
