"""The two awaits of caching: ask the store, and tell it. Everything that goes wrong is a miss.

Single-flight will live here, between `recall` and the first caller's `remember`: the key is the same.
"""

from msgspec import Struct, structs

from gateway.caching.store import StoredAnswer, compact, decode, encode
from gateway.ports import Cache
from gateway.types.principal import Secret


class CacheRules(Struct, frozen=True):
    """How answers are kept. `secret` signs values in a store that others can write."""

    ttl_seconds: float = 3600.0
    max_answer_bytes: int = 1_048_576
    secret: Secret = Secret("")


async def recall(cache: Cache, key: str, rules: CacheRules) -> StoredAnswer | None:
    """The stored answer to `key`, verified; None is a miss."""
    value = await cache.get(key)
    if value is None or len(value) > rules.max_answer_bytes:
        return None
    return decode(value, key, rules.secret.reveal().encode())


async def remember(cache: Cache, answer: StoredAnswer, rules: CacheRules) -> bool:
    """Store an answer that `storable` let through; False when it is over the byte cap.

    Call it after the client has its answer: a slow store then delays nobody.
    """
    small = structs.replace(answer, events=compact(answer.events))
    value = encode(small, rules.secret.reveal().encode())
    if len(value) > rules.max_answer_bytes:
        return False
    await cache.put(answer.key, value, rules.ttl_seconds)
    return True
