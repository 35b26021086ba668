"""Upstream: send one attempt, read its answer as events, and say what went wrong as a row."""
