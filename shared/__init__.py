"""What several rooms speak: settings, names, events, commands, the dialplan, the call record."""
