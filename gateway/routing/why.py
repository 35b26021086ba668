"""Why: the best three candidates of a quote, each in a sentence. Pure.

A sentence says, as far as there is something to say of it: what most of the cost is for, how many units at
which rate; what a preparation changes; and how far it is ahead of the next, or behind the first, and by what.

It reads the candidates as the document of `/v1/quote` has them, best first, so that `weighbridge quote` can
tell the same of a document that it has put together itself. "About" stands before what is not exact.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

from gateway.types.money import NANO, short_usd

Candidate: TypeAlias = Mapping[str, Any]

BEST: Final = 3
# From how many times on a ratio says more than the dollars between.
_TELLING: Final = Decimal("1.05")
_TEN: Final = 10
_UNITS: Final = {"cpu_second": "CPU second", "session_second": "session second"}
_PER: Final = {1: "each", 60: "a minute", 1_000: "a thousand", 3_600: "an hour", 1_000_000: "a million"}
_DONE: Final = {
    "downscale": "made smaller",
    "near_lossless": "made smaller to fill whole cells of the model's grid",
    "legible": "made smaller as far as its text stays legible",
    "recode": "drawn anew",
    "pdf_text": "sent as the text of its pages",
}


def with_whys(candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    """The candidates, the best three of those that could be sent with `why` after their `reason`.

    What lacks a key alone, and was weighed, counts among them. None when no candidate can carry the request.
    """
    # What was said beside other candidates is not true beside these.
    bare = [{key: value for key, value in item.items() if key != "why"} for item in candidates]
    best = [item for item in bare if _fits(item)][:BEST]
    return [_with_why(item, best, bare) if item in best else item for item in bare]


def _fits(candidate: Candidate) -> bool:
    return candidate["verdict"] != "rejected" or (_keyless(candidate) and "cost_usd" in candidate)


def _keyless(candidate: Candidate) -> bool:
    return _code(candidate) == "no_credentials"


def _code(candidate: Candidate) -> str | None:
    return (candidate.get("reason") or {}).get("code")


def _with_why(
    candidate: Candidate, best: Sequence[Candidate], candidates: Sequence[Candidate]
) -> dict[str, Any]:
    if candidate is not best[0]:
        place = _behind(candidate, best[0])
    elif len(best) > 1:
        place = _ahead(candidate, best[1])
    else:
        keys = " with the keys at hand" if any(map(_keyless, candidates)) else ""
        place = f"no other candidate can carry it{keys}"
    said = "; ".join([_cost(candidate), *_prepared(candidate), place]) + "."
    head = {key: candidate[key] for key in ("model", "verdict", "reason")}
    return {**head, "why": said, **candidate}


def _cost(candidate: Candidate) -> str:
    """What most of the cost is for."""
    if candidate["cost_usd"] is None:
        return "no price is known of it"
    items, whole = candidate["line_items"], _expected(candidate)
    if not whole:
        return "it costs nothing"
    top = max(items, key=lambda item: item["nanodollars"])
    share = round(100 * Decimal(top["nanodollars"]) / NANO / whole)
    told = f"{_quantity(top)} at {_rate(top)}"
    if share == 100:  # noqa: PLR2004 - percent
        return f"{told} are all of its {short_usd(whole)}"
    return f"{told} are {share} % of its {short_usd(whole)}"


def _quantity(item: Mapping[str, Any]) -> str:
    about = "" if item["certainty"] == "exact" else "about "
    count = Decimal(item["quantity"]).normalize()
    return f"{about}{count:,f} {_units(item, many=count != 1)}"


def _units(item: Mapping[str, Any], *, many: bool = True) -> str:
    unit = _UNITS.get(item["unit"], item["unit"])
    return f"{unit}{'s' if many else ''} of {_subject(item)}"


def _subject(item: Mapping[str, Any]) -> str:
    """What a line is about. A chat is answered in text."""
    if item["direction"] == "in":
        return str(item["modality"])
    return "answer" if item["modality"] == "text" else f"{item['modality']} in the answer"


def _rate(item: Mapping[str, Any]) -> str:
    per = item["per"]
    return f"${item['rate_usd']} {_PER.get(per) or f'for {per:,}'}"


def _prepared(candidate: Candidate) -> Iterator[str]:
    """What a preparation changes in what the model sees, and in what is charged."""
    words = [said for step in candidate.get("preparation") or () if (said := _step(step))]
    saving = candidate.get("saving")
    effect = f"which saves {short_usd(saving['usd'])}" if saving else "at no change of its cost"
    if len(words) == 1:
        yield f"{words[0]}, {effect}"
    elif words:
        yield f"{len(words)} steps prepare its parts, {effect}"


def _step(step: Mapping[str, Any]) -> str:
    """A step in words; none for one that removes metadata and nothing else."""
    done = _DONE.get(step["step"]) or ("asked for" if step.get("level") else "")
    before, after = step.get("from"), step.get("to")
    sizes = f", {_pair(before)} to {_pair(after)}" if before and after and before != after else ""
    form = " as JPEG" if step.get("format") == "jpeg" else ""
    level = f" at detail {step['level']}" if step.get("level") else ""
    return f"part {step['part']} is {done}{form}{sizes}{level}" if done else ""


def _pair(size: Sequence[int]) -> str:
    return f"{size[0]}x{size[1]}"


def _ahead(first: Candidate, second: Candidate) -> str:
    """How far the first is ahead of the one that comes next."""
    resting = first.get("reason")
    if resting and not _keyless(first):
        return str(resting["message"])
    name, code = second["model"], _code(second)
    if code == "standby":
        return f"{name}, next, is on standby"
    if first["cost_usd"] is None or second["cost_usd"] is None:
        either = " either" if first["cost_usd"] is None else ""
        return f"{name} comes next, whose price is not known{either}"
    more = _expected(second) - _expected(first)
    lacks = ", which has no key" if code == "no_credentials" and not _keyless(first) else ", which comes next"
    if not more:
        return f"it costs the same as {name}{lacks}"
    return f"{short_usd(abs(more))} {'less' if more > 0 else 'more'} than {name}{lacks}"


def _behind(candidate: Candidate, first: Candidate) -> str:
    """Why it is not the first: by how much, and what it is that costs more."""
    code = _code(candidate)
    if code in {"standby", "unhealthy"}:
        return str(candidate["reason"]["message"])
    if candidate["cost_usd"] is None:
        return (
            f"it comes after {first['model']}, whose price is known"
            if first["cost_usd"]
            else "it is next by name"
        )
    lacks = _keyless(candidate) and not _keyless(first)
    if first["cost_usd"] is None:
        return f"{first['model']} comes first"
    more = _expected(candidate) - _expected(first)
    if more <= 0:
        said = f"{short_usd(-more)} less than {first['model']}" if more else f"the same as {first['model']}"
        return f"{said}, but there is no key for it" if lacks else f"{said}, which comes first"
    times = _expected(candidate) / _expected(first) if _expected(first) else Decimal(0)
    said = f"{short_usd(more)} more than {first['model']}"
    if times >= _TELLING:
        said = f"{_times(times)} times {first['model']} ({short_usd(more)} more)"
    return f"{said}{_because(candidate, first)}" + (", and there is no key for it" if lacks else "")


def _times(ratio: Decimal) -> str:
    return f"{ratio:,.1f}" if ratio < _TEN else f"{ratio:,.0f}"


def _because(candidate: Candidate, first: Candidate) -> str:
    """What it is, of all that is charged, that makes the difference."""
    mine, theirs = _lines(candidate), _lines(first)

    def difference(about: tuple[str, str]) -> int:
        return _sum(mine.get(about, ())) - _sum(theirs.get(about, ()))

    about = max(mine, key=difference)
    if len(mine[about]) == len(theirs.get(about, ())) == 1:
        one, other = mine[about][0], theirs[about][0]
        if one["unit"] == other["unit"]:
            return _compared(one, other)
    return f", mostly for its {_subject(mine[about][0])}"


def _compared(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Two lines about the same: whether it is the count or the rate that sets them apart, or both."""
    counts = Decimal(one["quantity"]), Decimal(other["quantity"])
    rates = Decimal(one["rate_usd"]) / one["per"], Decimal(other["rate_usd"]) / other["per"]
    counted = f"{_quantity(one)}, not {counts[1].normalize():,f}"
    usual = f"${other['rate_usd']}" if one["per"] == other["per"] else _rate(other)
    rated = f"{_rate(one)}, not {usual}"
    if rates[0] > rates[1] and counts[0] < counts[1] * _TELLING:
        return f" as its {_units(one)} cost {rated}"
    return f" as it counts {counted}" + (f", at {rated}" if rates[0] >= rates[1] * _TELLING else "")


def _lines(candidate: Candidate) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for item in candidate["line_items"]:
        found.setdefault((item["direction"], item["modality"]), []).append(item)
    return found


def _sum(items: Sequence[Mapping[str, Any]]) -> int:
    return sum(item["nanodollars"] for item in items)


def _expected(candidate: Candidate) -> Decimal:
    return Decimal(candidate["cost_usd"]["expected"])
