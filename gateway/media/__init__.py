"""Media: what they are, what they weigh, and how they are made ready for a target."""
