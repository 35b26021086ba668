"""A reservation covers the bill: what a provider counts within its rule is within the quote's upper bound."""

from decimal import Decimal

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import Struct, structs

from gateway.catalog import ModelFacts, quote, settle_items
from gateway.catalog.demand import Amount, demand
from gateway.catalog.terms import under
from gateway.types.outcome import Usage
from gateway.types.terms import Terms
from gateway.types.weight import Kept, MediaFacts, Requirements
from tests.catalog.samples import CATALOG, CHATS, carried, facts, medium

KEPT = st.sampled_from([None, "short", "long", "never"])
# Where prices rise with the length of the prompt, in text beside what media come to.
CLIFFS = sorted({rate.above for name in CHATS for rate in facts(name).rates if rate.above})
TOKENS = st.one_of(
    st.integers(0, 3_000),
    st.integers(0, 900_000),
    *[st.integers(cliff - 3_000, cliff + 1_000) for cliff in CLIFFS],
)


class Billed(Struct, frozen=True):
    """A request, and what a provider that keeps to its rule could report of it."""

    load: Requirements
    usage: Usage


@st.composite
def requests(draw: st.DrawFn, known: ModelFacts) -> Requirements:
    """Text round every cliff, and media of what the model takes."""
    media: list[MediaFacts] = []
    side = st.integers(1, 5_000)
    if "image" in known.modalities_in:
        for _ in range(draw(st.integers(0, 2))):
            media.append(medium(index=len(media), width=draw(side), height=draw(side)))
    if "document" in known.modalities_in and draw(st.booleans()):
        pages = draw(st.one_of(st.none(), st.integers(1, 20)))
        media.append(medium("document", "application/pdf", index=len(media), size=90_000, pages=pages))
    if "audio" in known.modalities_in and draw(st.booleans()):
        seconds = draw(st.one_of(st.none(), st.floats(0.1, 900)))
        media.append(medium("audio", "audio/wav", index=len(media), size=160_000, seconds=seconds))
    return carried(
        *media,
        tokens=draw(TOKENS),
        max_output_tokens=draw(st.one_of(st.none(), st.integers(1, 20_000))),
        choices=draw(st.integers(1, 3)),
        kept=draw(KEPT),
    )


def within(draw: st.DrawFn, amount: Amount) -> int:
    """A count between an amount's bounds; the bounds themselves often."""
    low, high = int(amount.low), int(amount.high)
    return draw(st.one_of(st.just(low), st.just(high), st.integers(low, high)))


@st.composite
def bills(draw: st.DrawFn, known: ModelFacts) -> Billed:
    """Counts within the rule; cached as much as likes; written only where the provider writes."""
    load = draw(requests(known))
    amounts = demand(known, load)
    counts = {
        amount.modality: within(draw, amount)
        for amount in amounts
        if (amount.direction, amount.unit) == ("in", "token")
    }
    total = sum(counts.values())
    output = sum(within(draw, amount) for amount in amounts if amount.direction == "out")
    cached = draw(st.integers(0, total))
    caching = known.selling.caching
    long_enough = total >= ((caching and caching.least_tokens) or 0)
    writes = long_enough and known.dearest_write[load.kept] != "fresh"
    written = draw(st.sampled_from([0, total - cached])) if writes else 0
    split = draw(st.booleans())
    usage = Usage(
        input=total,
        output=output,
        cached=cached,
        cache_write=written,
        cache_write_long=written if load.kept == "long" else 0,
        reasoning=draw(st.integers(0, output)),
        image=counts.get("image") if split else None,
        document=counts.get("document") if split else None,
        audio=counts.get("audio") if split else None,
    )
    return Billed(load, usage)


@st.composite
def cases(draw: st.DrawFn) -> tuple[ModelFacts, Billed]:
    """A model that chats, on terms of sale, and a bill of it."""
    known = facts(draw(st.sampled_from(CHATS)))
    tier = draw(st.sampled_from([None, *known.selling.tiers]))
    region = draw(st.sampled_from([None, *known.selling.regions]))
    sold = under(known, Terms(tier=tier, region=region))
    assert sold is not None
    return sold, draw(bills(sold))


def excess(known: ModelFacts, billed: Billed) -> Decimal:
    """Nanodollars that the bill is over the upper bound, less the rounding of its lines: each by a half."""
    quoted = quote(known, billed.load)
    assert quoted.priced
    lines = settle_items(known, billed.usage, quoted)
    counted = sum(int(line.quantity) for line in lines if line.unit == "token")
    assert counted == (billed.usage.input or 0) + (billed.usage.output or 0)
    assert quoted.expected == sum(line.nanodollars for line in quoted.items)
    return sum(line.nanodollars for line in lines) - quoted.high - Decimal(len(lines)) / 2


@settings(max_examples=600, deadline=None)
@given(case=cases())
def test_the_upper_bound_holds_the_bill(case: tuple[ModelFacts, Billed]) -> None:
    """Fresh, cached or written, reasoned or said, below a cliff or beyond it: no bill exceeds the quote."""
    assert excess(*case) <= 0


@example("short")
@example("long")
@given(kept=KEPT)
def test_every_model_holds_a_prompt_written_whole(kept: Kept | None) -> None:
    """At each model of the catalog the dearest bill of a long prompt with a photo is within its quote."""
    for name in CHATS:
        known = facts(name)
        seen = [medium()] if "image" in known.modalities_in else []
        load = carried(*seen, tokens=50_000, max_output_tokens=500, kept=kept)
        most = [(amount.direction, int(amount.high)) for amount in demand(known, load)]
        total = sum(count for direction, count in most if direction == "in")
        output = sum(count for direction, count in most if direction == "out")
        if known.work is not None:
            continue
        usage = Usage(input=total, output=output, reasoning=output)
        if known.dearest_write[kept] != "fresh":
            usage = structs.replace(usage, cache_write=total, cache_write_long=total * (kept == "long"))
        assert excess(known, Billed(load, usage)) <= 0, name


def test_the_catalog_is_covered() -> None:
    """Models with every kind of dearer token are among those tried: cliffs, writes, reasoning, sound."""
    kinds = {rate.kind for name in CHATS for rate in facts(name).rates}
    assert {"fresh", "cached", "cache_write", "cache_write_long"} <= kinds
    assert {100_000, 200_000, 272_000} <= set(CLIFFS)
    assert any(known.dearest_write[None] != "fresh" for name in CHATS if (known := CATALOG.get(name)))
