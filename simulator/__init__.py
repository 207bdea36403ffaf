"""A stand-in for the Telnyx Voice API on loopback, for tests, the demo and development.

It imports none of our other packages and keeps its own copies of the API's names, so that our mistakes cannot
agree with each other. A command comes in by app.py (HTTP) and exchange.py (time, ids, faults), changes a leg in
legs.py (the pure state machine, with commands/ and turn/), and its webhooks go out by delivery.py.
control.py scripts all this from outside.
"""
