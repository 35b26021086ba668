"""Who may come in: keys to principals, and money held before anything is sent.

| module | holds |
|---|---|
| `keys` | `Keys`: a presented key to its `Principal` |
| `reserve` | `reserve`: hold the price of the dearest attempt against the caller's budget |
"""

from gateway.admission.keys import ANONYMOUS, KeyEntry, Keys
from gateway.admission.reserve import reserve

__all__ = ["ANONYMOUS", "KeyEntry", "Keys", "reserve"]
