"""The native module, through its Python surface."""
