"""A `/v1/quote` document in words, for the table and for Markdown alike.

Whatever comes from outside, a name or a message, has passed `clean`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

from gateway.cli.whatif import NO_KEY, Key
from gateway.types.money import short_usd

Document: TypeAlias = Mapping[str, Any]

NOTHING: Final = "-"
_SERVICES: Final = {"transcription": "transcriptions", "speech": "speech", "embedding": "embeddings"}
_KIB: Final = 2**10
_MIB: Final = 2**20
_CERTAINTY: Final = ("exact", "bounded", "estimated")
_UNITS: Final = {"cpu_second": "cpu s", "second": "s"}
# Whatever is drawn anew loses its metadata, and what is not is stripped of it.
_BARE: Final = "metadata removed"
# Why a picture is smaller than what loses nothing.
_SMALLER: Final = {
    "near_lossless": " to fill whole cells of the model's grid",
    "legible": " as far as its text stays legible",
}


def headline(document: Document, key: Key | None) -> list[str]:
    """What would be sent and why that; then what another key would change, if anything."""
    asked, chosen = clean(document["model"]), document.get("chosen")
    by_name = {item["model"]: item for item in document["candidates"]}
    reason = _why(document["candidates"], chosen=chosen is not None)
    if chosen is None:
        said = [f"Weighed for {asked}, nothing was sent. {reason}."]
    else:
        name = f"{clean(chosen)}{_for(by_name[chosen])}"
        head = f"Weighed for {asked}, nothing was sent."
        if document.get("served", True):
            said = [f"{head} Chosen: {name}, {reason}."]
        else:
            asked_for = _SERVICES[document["operation"]]
            unserved = f"The gateway does not serve {asked_for} yet; every service of the catalog is weighed."
            said = [f"{head} Least: {name}, {reason}.", unserved]
    if key is not None:
        said.append(_with_key(key, by_name[key.model], by_name.get(chosen or "")))
    return said


def _why(candidates: Sequence[Document], *, chosen: bool) -> str:
    """Why the chosen one is it, or none is, in one sentence."""
    keys = " with the keys at hand" if any(verdict(item) == "no key" for item in candidates) else ""
    if not chosen:
        return f"No candidate can carry it{keys}"
    rivals = [item for item in candidates if verdict(item) == "dearer"]
    priced = [item for item in rivals if item["reason"]["code"] != "unpriced"]
    if not rivals:
        aside = ", standby aside" if any(verdict(item) == "standby" for item in candidates) else ""
        return f"the only one that can carry it{keys}{aside}"
    if not priced and any(item["verdict"] == "chosen" and not item["cost_usd"] for item in candidates):
        return f"the first by name of {len(rivals) + 1} that can carry it{keys}: no price is known of any"
    return f"the cheapest of {len(priced) + 1} that can carry it{keys}"


def _with_key(key: Key, would: Document, chosen: Document | None) -> str:
    """What one more key would change."""
    name, cost = clean(key.model), would.get("cost_usd")
    now = chosen.get("cost_usd") if chosen else None
    if cost is not None and now is not None and Decimal(cost["expected"]) < Decimal(now["expected"]):
        saved = short_usd(str(Decimal(now["expected"]) - Decimal(cost["expected"])))
        return f"Cheaper still with {clean(key.remedy)}: {name}{_for(would)}, which saves {saved}."
    aside = f": {clean(chosen['model'])} is {clean(key.standby)}" if chosen and key.standby else ""
    return f"With {clean(key.remedy)} it would be {name}{_for(would)}{aside}."


def _for(candidate: Document) -> str:
    cost = candidate.get("cost_usd")
    return "" if cost is None else f" for {short_usd(cost['expected'])}"


def verdict(candidate: Document) -> str:
    """The verdict as people read it: two of the document's say less than their reason does."""
    code = (candidate.get("reason") or {}).get("code")
    if candidate["verdict"] == "dearer" and code == "standby":
        return "standby"
    if candidate["verdict"] == "rejected" and code == NO_KEY:
        return "no key"
    return str(candidate["verdict"])


def measure(part: Document) -> str:
    if part.get("error"):
        return "cannot be read"
    if part.get("width") and part.get("height"):
        return f"{part['width']}x{part['height']}"
    if part.get("pages"):
        return f"{part['pages']} page{'s' if part['pages'] > 1 else ''}"
    return f"{part['seconds']:g} s" if part.get("seconds") else NOTHING


def size(count: int) -> str:
    """Bytes for people: 3475013 -> "3.3 MiB"."""
    if count < _KIB:
        return f"{count} B"
    return f"{count / _KIB:.1f} KiB" if count < _MIB else f"{count / _MIB:.1f} MiB"


def count(candidate: Document, direction: str, modality: str) -> str:
    """Tokens of one modality; what is not counted in tokens follows in its own unit."""
    count = ((candidate.get("tokens") or {}).get(direction) or {}).get(modality)
    words = [str(count)] if count else []
    words += [
        f"{item['quantity']} {_UNITS.get(item['unit'], item['unit'])}"
        for item in candidate.get("line_items", ())
        if (item["direction"], item["modality"]) == (direction, modality) and item["unit"] != "token"
    ]
    return " + ".join(words) or NOTHING


def answer(rows: Sequence[Document]) -> str | None:
    """The tokens of answer that are assumed, when they are the same for all that have a price."""
    counts = {count(item, "out", "text") for item in rows if item.get("cost_usd")}
    return counts.pop() if len(counts) == 1 else None


def certainty(candidate: Document) -> str:
    """The weakest word among the line items: a sum is no surer than its least sure part."""
    said = [item["certainty"] for item in candidate.get("line_items", ())]
    return max(said, key=_CERTAINTY.index, default=NOTHING)


def _spoken(rows: Sequence[Document]) -> str | None:
    """How much is taken to be said, where what is said will be written down."""
    items = (item for row in rows for item in row.get("line_items", ()))
    bases = (item.get("basis") or "" for item in items if item["direction"] == "out")
    return next((basis for basis in bases if basis.startswith("speech")), None)


def remarks(rows: Sequence[Document], shown: set[str]) -> Iterator[str]:
    """What the figures assume, and what is not there."""
    priced = any(item.get("cost_usd") for item in rows)
    spoken = _spoken(rows)
    if spoken is not None:
        yield f"EXPECTED assumes {spoken}, HIGH the fastest talk."
    elif priced and answer(rows) != NOTHING:
        tokens = answer(rows)
        yield (
            f"EXPECTED assumes {tokens} tokens of answer."
            if tokens
            else "EXPECTED assumes an answer of OUT tokens."
        )
        yield (
            "HIGH assumes the most output that the model may write:"
            " --max-tokens (max_tokens in a request) bounds it."
        )
    if priced:
        yield "What stands under a kind of part is tokens in."
    uncounted = {item["unit"] for row in rows for item in row.get("line_items", ())} & {*_UNITS}
    if "cpu_second" in uncounted:
        yield "cpu s: seconds of CPU time on this machine."
    gone = [head for head in ("CERTAINTY", "LOW", "TEXT", "HIGH") if head not in shown]
    if gone:
        yield f"Left out at this width, but in --json: {', '.join(gone)}."


def whys(candidates: Sequence[Document]) -> list[tuple[str, str]]:
    """The best ones, each with its sentence."""
    return [(clean(item["model"]), clean(item["why"])) for item in candidates if item.get("why")]


def preparation(candidate: Document, kinds: Mapping[int, str]) -> str:
    """What is done to the parts before they are sent, in words."""
    steps: dict[int, list[Document]] = {}
    for step in candidate.get("preparation") or ():
        steps.setdefault(step["part"], []).append(step)
    told = (f"{kinds.get(part, 'part')} {part}: {', '.join(_words(done))}" for part, done in steps.items())
    return "; ".join([*told, *_saving(candidate)])


def _words(steps: Sequence[Document]) -> Iterator[str]:
    """What is done to one part. All steps but two remove its metadata too."""
    names = {step["step"] for step in steps}
    if "pdf_text" in names:
        yield "sent as the text of its pages"
    for step in steps:
        yield from filter(None, (_step(step),))
        if step.get("level"):
            yield f"asked for at detail {step['level']}"
    if names - {"pdf_text", "detail"}:
        yield _BARE


def _step(step: Document) -> str:
    """What a step does to the pixels, if anything."""
    before, after = step.get("from"), step.get("to")
    if not before or not after:
        return ""
    form = " as JPEG" if step.get("format") else ""
    if before == after:
        return f"drawn anew at {_pair(after)}{form}"
    why = _SMALLER.get(step["step"], "")
    return f"made smaller, {_pair(before)} to {_pair(after)}{form}{why}"


def _saving(candidate: Document) -> Iterator[str]:
    """What the preparation saves, where it changes what is charged."""
    saving = candidate.get("saving")
    if saving:
        tokens = [f"{count:,} tokens of {modality}" for modality, count in saving["tokens"].items()]
        yield f"saves {', '.join([*tokens, '$' + saving['usd']])}"


def reasons(document: Document) -> list[tuple[str, str]]:
    """Verdict and reason of each candidate that is not chosen: once for all that it is said of."""
    groups: dict[tuple[str, str], list[str]] = {}
    served = document.get("served", True)
    for item in document["candidates"]:
        if item["verdict"] != "chosen":
            groups.setdefault((verdict(item), _reason(item, served=served)), []).append(clean(item["model"]))
    # The rows say who is dearer or lacks a key, in their order.
    return [
        (said, reason if said in {"dearer", "no key"} else f"{reason}: {', '.join(names)}")
        for (said, reason), names in groups.items()
    ]


def _reason(candidate: Document, *, served: bool) -> str:
    """The reason without the candidate's own name; the code where it says more than the verdict."""
    reason = candidate["reason"]
    code = reason["code"]
    if code == "dearer":
        then = "; tried next, in this order" if served else ""
        return f"can carry it too, at the same or a higher expected cost{then}"
    own = re.escape(candidate["model"])
    if code == NO_KEY:
        return clean(reason["message"].removeprefix("no key "))
    message = re.sub(rf"^(part \d+ \(\w+\): )?{own} ", r"\1", reason["message"])
    message = re.sub(rf"(?<![\w./-]){own}(?![\w/-])", "it", message)
    return clean(message) + ("" if code == "standby" else f" ({clean(code)})")


def _pair(size: Sequence[int]) -> str:
    return f"{size[0]}x{size[1]}"


def clean(text: str) -> str:
    """Without control characters: a file name must not steer a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
