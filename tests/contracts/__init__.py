"""One suite a port; every filling of the port runs it."""
