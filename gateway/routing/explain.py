"""Explain: a judged request as the document of `/v1/quote` and `weighbridge quote --json`. Pure."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from gateway.catalog import Catalog
from gateway.routing.grounds import grounds
from gateway.routing.route import Survey
from gateway.routing.why import with_whys
from gateway.types.money import Direction, LineItem, Quote, usd
from gateway.types.plan import Attempt, Plan, Reason, Rejection, Step, Variant
from gateway.types.weight import MediaFacts, Requirements


def explain(
    model: str, load: Requirements, found: Survey | Plan, catalog: Catalog, on: date
) -> dict[str, Any]:
    """Parts seen, then every candidate with preparation, tokens, cost, verdict and reason, best first.

    `chosen` is None when nothing can carry the request. The best three say `why` in a sentence; what has a
    quote says on which `facts` it rests, as they are seen `on` a day.
    """
    chosen = found.attempts[0] if found.attempts else None
    candidates = [
        *(_attempt(attempt, found.attempts[0]) for attempt in found.attempts),
        *(_rejection(rejection) for rejection in found.rejections),
    ]
    return {
        "model": model,
        "chosen": chosen.deployment.name if chosen else None,
        "parts": [_part(fact) for fact in load.media],
        "candidates": [_grounded(item, catalog, on) for item in with_whys(candidates)],
    }


def _grounded(candidate: dict[str, Any], catalog: Catalog, on: date) -> dict[str, Any]:
    """A candidate with what its quote rests on, where it has one."""
    facts = catalog.get(candidate["model"]) if "cost_usd" in candidate else None
    return candidate if facts is None else {**candidate, "facts": grounds(facts, on)}


def _part(fact: MediaFacts) -> dict[str, Any]:
    counted = {
        "pages": fact.pages,
        "seconds": fact.seconds,
        "text_score": _rounded(fact.text_score, 2),
        "glyph_height": _rounded(fact.glyph_height, 1),
    }
    return {
        "index": fact.index,
        "kind": fact.modality,
        "mime": fact.mime,
        "digest": fact.digest,
        "bytes": fact.size,
        "width": fact.width,
        "height": fact.height,
    } | {name: value for name, value in (counted | _fault(fact)).items() if value is not None}


def _fault(fact: MediaFacts) -> dict[str, Any]:
    fault = fact.fault
    return {} if fault is None else {"error": {"code": fault.code, "message": fault.message}}


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)


def _attempt(attempt: Attempt, chosen: Attempt) -> dict[str, Any]:
    return {
        "model": attempt.deployment.name,
        "verdict": "chosen" if attempt is chosen else "dearer",
        "reason": _reason(reason) if (reason := _behind(attempt, chosen)) is not None else None,
        "preparation": [_step(step) for step in attempt.steps],
        **_terms(attempt),
        **_saving(attempt),
        **_quote(attempt.quote),
        **_variants(attempt),
    }


def _terms(attempt: Attempt) -> dict[str, Any]:
    """The tier and the region, where they are not the usual ones."""
    said = {"tier": attempt.terms.tier, "region": attempt.terms.region}
    told = {name: value for name, value in said.items() if value not in (None, "default")}
    return {"terms": told} if told else {}


def _variants(judged: Attempt | Rejection) -> dict[str, Any]:
    """The ways that were weighed for a candidate, each with what it would cost or why it does not fit."""
    if not judged.variants:
        return {}
    return {"variants": [_variant(variant) for variant in judged.variants]}


def _variant(variant: Variant) -> dict[str, Any]:
    said: dict[str, Any] = {"preparation": [_step(step) for step in variant.steps]}
    if variant.reason is not None:
        return {**said, "reason": _reason(variant.reason)}
    quote = variant.quote
    return {**said, "cost_usd": usd(quote.expected) if quote is not None and quote.priced else None}


def _saving(attempt: Attempt) -> dict[str, Any]:
    """Input tokens and dollars that the preparation saves against the request as it came, if any."""
    before, after = attempt.unprepared, attempt.quote
    if not (before.priced and after.priced) or before == after:
        return {}
    was, now = _tokens(before.items, "in"), _tokens(after.items, "in")
    tokens = {modality: was[modality] - now.get(modality, 0) for modality in was}
    return {
        "saving": {
            "tokens": {modality: count for modality, count in tokens.items() if count},
            "usd": usd(before.expected - after.expected),
        }
    }


def _behind(attempt: Attempt, chosen: Attempt) -> Reason | None:
    """Why a suitable candidate is not the first, or what is to be said of the first."""
    if attempt.resting is not None or attempt is chosen:
        return attempt.resting
    name = chosen.deployment.name
    if attempt.standby is not None and chosen.standby is None:
        return Reason("standby", f"taken only when nothing else can carry it: {attempt.standby}")
    if not attempt.quote.priced:
        return Reason("unpriced", "no price is known, so it comes after those that have one")
    more = attempt.quote.expected - chosen.quote.expected
    if more == 0:
        return Reason("dearer", f"costs the same as {name}, which comes first by name")
    return Reason("dearer", f"${usd(more)} more than {name} for this request")


def _rejection(rejection: Rejection) -> dict[str, Any]:
    told: dict[str, Any] = {
        "model": rejection.deployment.name,
        "verdict": "rejected",
        "reason": _reason(rejection.reason),
    }
    if rejection.quote is not None:
        told |= _quote(rejection.quote)
    return {**told, **_variants(rejection)}


def _reason(reason: Reason) -> dict[str, Any]:
    place = {"part": reason.part, "kind": reason.kind} if reason.part is not None else {}
    return {"code": reason.code, **place, "message": reason.message}


def _step(step: Step) -> dict[str, Any]:
    told: dict[str, Any] = {"part": step.part, "step": step.step}
    if step.from_ is not None and step.to is not None:
        told |= {"from": list(step.from_), "to": list(step.to)}
    if step.format is not None:
        told["format"] = step.format
    if step.level is not None:
        told["level"] = step.level
    return told


def _quote(quote: Quote) -> dict[str, Any]:
    if not quote.priced:
        return {"tokens": None, "line_items": [], "cost_usd": None}
    return {
        "tokens": {"in": _tokens(quote.items, "in"), "out": _tokens(quote.items, "out")},
        "line_items": [_item(item) for item in quote.items],
        "cost_usd": {"low": usd(quote.low), "expected": usd(quote.expected), "high": usd(quote.high)},
    }


def _tokens(items: Iterable[LineItem], direction: Direction) -> dict[str, int]:
    counted: dict[str, int] = {}
    for item in items:
        if item.direction == direction and item.unit == "token":
            counted[item.modality] = counted.get(item.modality, 0) + int(Decimal(item.quantity))
    return counted


def _item(item: LineItem) -> dict[str, Any]:
    told: dict[str, Any] = {
        "modality": item.modality,
        "direction": item.direction,
        "unit": item.unit,
        "quantity": item.quantity,
        "rate_usd": item.rate_usd,
        "per": item.per,
        "nanodollars": item.nanodollars,
        "low": item.low,
        "high": item.high,
        "certainty": item.certainty,
    }
    if item.kind != "fresh":
        told["kind"] = item.kind
    return told if item.basis is None else told | {"basis": item.basis}
