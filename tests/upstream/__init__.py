"""The room `upstream`."""
