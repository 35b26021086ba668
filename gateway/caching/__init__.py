"""Answers given before: the key of a question, the stored answer, and the two awaits round a store.

| module | holds |
|---|---|
| `key` | `cache_key`: everything that can change an answer, as one digest |
| `store` | `StoredAnswer` and its bytes; which answers may be stored; the client's `Cache-Control` |
| `recall` | `recall` and `remember` over the `Cache` port |
"""

from gateway.caching.key import cache_key
from gateway.caching.recall import CacheRules, recall, remember
from gateway.caching.store import CacheControl, StoredAnswer, cache_control, storable

__all__ = [
    "CacheControl",
    "CacheRules",
    "StoredAnswer",
    "cache_control",
    "cache_key",
    "recall",
    "remember",
    "storable",
]
