"""A stored answer, its bytes, and what may be stored at all.

Bytes in a store are not trusted: another program may write there, a bit may flip, a write may be cut.
A value is `tag || HMAC-SHA256(secret, tag || key || payload) || payload`, the payload MessagePack of
strict types. Anything that does not check out is a miss. With the empty secret the code is only a
checksum, which suits a store that nobody else can write.
"""

import hmac
from itertools import groupby
from typing import Final

import msgspec
from msgspec import Struct

from gateway.types.event import Ended, Event, Failed, Finished, TextDelta, UsageReported
from gateway.types.money import LineItem
from gateway.types.outcome import Outcome

_TAG: Final = b"WBA\x01"
_MAC_BYTES: Final = 32
_HEAD_BYTES: Final = len(_TAG) + _MAC_BYTES
_STORABLE_REASONS: Final = frozenset({"stop", "tool_calls"})


class StoredAnswer(Struct, frozen=True):
    """An answer as it was given, and what it cost then.

    `key`: the cache key it answers. `model`: name of the deployment that answered. `items`: what was
    paid, by modality: a hit saves exactly that. `quoted`: nanodollars. `created`: ISO 8601, UTC.
    """

    key: str
    events: tuple[Event, ...]
    model: str
    provider: str
    items: tuple[LineItem, ...]
    quoted: int
    created: str

    @property
    def cost(self) -> int:
        """Nanodollars the answer cost when it was made."""
        return sum(item.nanodollars for item in self.items)


class CacheControl(Struct, frozen=True):
    """What the client allows. `read`: a stored answer will do. `write`: this answer may be stored."""

    read: bool = True
    write: bool = True


def cache_control(header: str | None) -> CacheControl:
    """The request's `Cache-Control`. `no-store`: the cache is not touched at all. `no-cache`: a new
    answer is made, and replaces the stored one. Other directives say nothing about requests here.

    Sampled answers (temperature above 0) are cached like all others, as callers of an exact-match cache
    expect; whoever wants a new draw sends `no-cache`.
    """
    names = {part.split("=", 1)[0].strip().lower() for part in (header or "").split(",")}
    if "no-store" in names:
        return CacheControl(read=False, write=False)
    return CacheControl(read="no-cache" not in names)


def storable(outcome: Outcome, events: tuple[Event, ...]) -> bool:
    """Whether an answer is whole: successful, explicitly ended, metered, every choice finished well.

    Cut, failed, filtered and length-limited answers never are: a replay would repeat the accident.
    """
    if outcome.end != "finished" or not outcome.complete or outcome.error is not None:
        return False
    if any(isinstance(event, Failed) for event in events):
        return False
    if not any(isinstance(event, Ended) for event in events):
        return False
    if not any(isinstance(event, UsageReported) for event in events):
        return False
    finished = {event.choice for event in events if isinstance(event, Finished)}
    opened = {choice for event in events if (choice := getattr(event, "choice", None)) is not None}
    reasons = {event.reason for event in events if isinstance(event, Finished)}
    return bool(finished) and opened <= finished and reasons <= _STORABLE_REASONS


def compact(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """The same answer in fewer events: neighbouring plain text of one choice is joined."""
    joined: list[Event] = []
    for choice, run in groupby(events, key=_plain_choice):
        if choice is None:
            joined.extend(run)
        else:
            joined.append(TextDelta("".join(e.text for e in run if isinstance(e, TextDelta)), choice))
    return tuple(joined)


def _plain_choice(event: Event) -> int | None:
    return event.choice if isinstance(event, TextDelta) and not event.rest else None


def encode(answer: StoredAnswer, secret: bytes) -> bytes:
    """The bytes to store."""
    payload = _encoder.encode(answer)
    return _TAG + _mac(secret, answer.key, payload) + payload


def decode(value: bytes, key: str, secret: bytes) -> StoredAnswer | None:
    """The answer to `key`; None for anything foreign, cut, flipped, of another key or version."""
    head, payload = value[:_HEAD_BYTES], value[_HEAD_BYTES:]
    if not hmac.compare_digest(head, _TAG + _mac(secret, key, payload)):
        return None
    try:
        answer = _decoder.decode(payload)
    except msgspec.MsgspecError:
        # Written by us, in a shape we no longer read.
        return None
    return answer if answer.key == key else None


def _mac(secret: bytes, key: str, payload: bytes) -> bytes:
    name = key.encode()
    return hmac.digest(secret, _TAG + len(name).to_bytes(4, "big") + name + payload, "sha256")


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(StoredAnswer)
