"""What happens to legs at one instant: the moves that commands and timers share.

instant.py collects their effects. calls.py rings, answers, bridges and ends legs; sound.py, recording.py,
streaming.py and keypad.py are about what happens on an answered one; timers.py says which move a due timer makes.
"""
