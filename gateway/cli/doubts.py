"""Doubts about prices, as marks beside a candidate: unconfirmed, uncertain, stale, about to end."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from gateway.cli.words import Document, clean
from gateway.routing.grounds import SOON_DAYS, STALE_DAYS

_UNCONFIRMED: Final = "~"
_UNCERTAIN: Final = "?"
_STALE: Final = "!"
_ENDS: Final = ">"
_SAID: Final = {
    _UNCONFIRMED: "taken from public price maps, not confirmed by the provider's own documents",
    _UNCERTAIN: "uncertain: sources disagree or are second hand, or it was inferred",
    _STALE: f"stale: its source is more than {STALE_DAYS} days old, or it has ended",
    _ENDS: f"ends within {SOON_DAYS} days",
}


def marks(candidate: Document) -> str:
    """The marks of a candidate, empty where nothing is to be doubted."""
    return "".join(mark for mark, _ in _doubts(candidate))


def legend(candidates: Sequence[Document]) -> list[tuple[str, str]]:
    """What the marks of these candidates say; of what ends, or is old, also who and when."""
    seen: dict[str, list[str]] = {}
    for item in candidates:
        for mark, day in _doubts(item):
            seen.setdefault(mark, []).append(f"{clean(item['model'])} {clean(day)}" if day else "")
    return [
        (mark, f"{said}: {', '.join(seen[mark])}" if any(seen[mark]) else said)
        for mark, said in _SAID.items()
        if mark in seen
    ]


def _doubts(candidate: Document) -> Iterator[tuple[str, str]]:
    """Each mark, with its date where there is one."""
    facts: Mapping[str, Any] = candidate.get("facts") or {}
    if facts and not facts["confirmed"]:
        yield _UNCONFIRMED if facts["confidence"] == "price_map" else _UNCERTAIN, ""
    if facts.get("stale"):
        known = facts.get("checked") or facts["since"]
        yield _STALE, f"(of {known})" if known else "(of no known day)"
    if facts.get("ends_soon"):
        yield _ENDS, f"(on {facts['until']})"
