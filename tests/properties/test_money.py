"""Laws of money: sums are equal, not nearly equal; rounding happens once; bounds hold."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.catalog import quote, settle_items
from gateway.types.money import NANO, nanodollars, short_usd, usd
from gateway.types.outcome import Usage
from gateway.types.weight import MediaFacts, Requirements
from tests.catalog.samples import CHATS, SERVICES, carried, facts, medium

MODELS = st.sampled_from(CHATS)
COUNTS = st.integers(0, 500_000)


@st.composite
def loads(draw: st.DrawFn) -> Requirements:
    """Requests of text, photos and PDFs."""
    media: list[MediaFacts] = []
    for _ in range(draw(st.integers(0, 3))):
        side = st.integers(1, 6_000)
        media.append(medium(index=len(media), width=draw(side), height=draw(side), size=draw(side)))
    if draw(st.booleans()):
        pages = draw(st.one_of(st.none(), st.integers(1, 50)))
        media.append(medium("document", "application/pdf", index=len(media), size=9_000, pages=pages))
    return carried(
        *media,
        tokens=draw(st.integers(0, 400_000)),
        max_output_tokens=draw(st.one_of(st.none(), st.integers(1, 200_000))),
        choices=draw(st.integers(1, 4)),
    )


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    """What providers report, consistent or not: parts may exceed their total."""
    maybe = st.one_of(st.none(), COUNTS)
    return Usage(
        input=draw(maybe),
        output=draw(maybe),
        cached=draw(COUNTS),
        cache_write=draw(COUNTS),
        reasoning=draw(COUNTS),
        image=draw(maybe),
        output_audio=draw(st.integers(0, 100)),
    )


@given(nano=st.integers(0, 10**18))
def test_dollars_for_people_are_near(nano: int) -> None:
    """Three digits that count: never off by more than half a percent, plain, and nothing only for nothing."""
    told = short_usd(usd(nano))
    assert told.startswith("$")
    assert "E" not in told
    exact = Fraction(nano, NANO)
    assert abs(Fraction(told[1:]) - exact) <= exact / 200
    assert (told == "$0") == (nano == 0)


@given(
    quantity=st.decimals(0, 10**9, places=6) | st.integers(-(10**9), 10**9),
    rate=st.decimals(0, 10**4, places=10),
    per=st.sampled_from([1, 60, 3600, 10**6]),
)
def test_nanodollars_round_once_half_up(quantity: Decimal | int, rate: Decimal, per: int) -> None:
    """The cost is the exact product, off by half a nanodollar at most; a half goes away from zero."""
    exact = Fraction(quantity) * Fraction(rate) * NANO / per
    found = nanodollars(quantity, str(rate), per)
    assert abs(found - exact) <= Fraction(1, 2)
    if abs(found - exact) == Fraction(1, 2):
        assert abs(found) > abs(exact)


@given(nano=st.integers(-(10**15), 10**15))
def test_usd_is_exact(nano: int) -> None:
    """Dollars as text are the nanodollars themselves, without exponent or trailing zeros."""
    text = usd(nano)
    assert nano == int(Decimal(text) * NANO)
    assert "e" not in text.lower()
    assert not ("." in text and text.endswith("0"))


@settings(max_examples=150)
@given(model=MODELS, load=loads())
def test_a_quote_is_the_sum_of_its_lines(model: str, load: Requirements) -> None:
    """Bounds are ordered on each line and in sum, and one line stands for one modality and direction."""
    quoted = quote(facts(model), load)
    assert quoted.priced
    assert all(0 <= item.low <= item.nanodollars <= item.high for item in quoted.items)
    assert quoted.low <= quoted.expected <= quoted.high
    assert len(quoted.items) == len({(item.modality, item.direction) for item in quoted.items})
    assert quoted.expected == sum(
        nanodollars(Decimal(item.quantity), item.rate_usd, item.per) for item in quoted.items
    )


@settings(max_examples=150)
@given(
    model=st.sampled_from(SERVICES),
    seconds=st.one_of(st.none(), st.floats(0.1, 36_000)),
    pages=st.one_of(st.none(), st.integers(1, 3_000)),
)
def test_a_service_is_quoted_by_what_it_sells(model: str, seconds: float | None, pages: int | None) -> None:
    """Seconds, pages or tokens of a medium have a price at every service that takes the medium."""
    known = facts(model)
    offered = (
        medium("audio", "audio/wav", index=0, size=900_000, seconds=seconds),
        medium("document", "application/pdf", index=1, size=9_000, pages=pages),
        medium(index=2),
    )
    taken = [fact for fact in offered if fact.modality in known.modalities_in]
    quoted = quote(known, carried(*taken, tokens=0))
    sold = {item.modality: item for item in quoted.items if item.direction == "in"}
    # What is drawn or said is not counted yet, and so has no price instead of none to pay.
    assert quoted.priced != known.output_uncounted
    for fact in taken if quoted.priced else ():
        assert 0 < sold[fact.modality].low <= sold[fact.modality].nanodollars <= sold[fact.modality].high


@settings(max_examples=150)
@given(model=MODELS, load=loads(), usage=usages())
def test_settled_lines_sum_to_what_was_reported(model: str, load: Requirements, usage: Usage) -> None:
    """No reported token is lost or charged twice, however the provider splits them."""
    items = settle_items(facts(model), usage, quote(facts(model), load))
    for direction, reported in (("in", usage.input), ("out", usage.output)):
        if reported is not None:
            counted = [i for i in items if i.direction == direction and i.unit == "token"]
            assert reported == sum(int(item.quantity) for item in counted)
    assert all(item.low == item.nanodollars == item.high for item in items)
    assert all(Decimal(item.quantity) > 0 or item.certainty != "exact" for item in items)
