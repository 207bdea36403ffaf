"""What a dialplan would do with a call, found out by letting `decide` do it; pure."""
