"""Weighbridge against no gateway at all, and, with the shared bench, against the others.

`weighbridge.toml` is our adapter for the shared bench of gateways.
"""
