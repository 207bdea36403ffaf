"""A stand-in for the Telnyx Voice API on loopback; it imports none of the other rooms."""
