"""What happens to legs at one instant, by family: the moves that commands and timers share.

instant.py collects the effects; calls.py rings, answers, bridges and ends legs, over what goes on on them:
sound.py, recording.py, streaming.py, keypad.py.
"""
