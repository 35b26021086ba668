"""Money: quotes before the call, line items after it."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from gateway.catalog import ModelFacts, quote, settle_items
from gateway.catalog.cost import added
from gateway.catalog.demand import demand
from gateway.types.money import LineItem, Quote, reported_usd
from gateway.types.outcome import Usage
from gateway.types.plan import Step
from tests.catalog.samples import CATALOG, carried, facts, medium

MINI = facts("openai/gpt-4o-mini")
FOUR_O = facts("openai/gpt-4o")
READ = facts("local/read")
PHOTO = medium()
PDF = medium("document", "application/pdf", size=50_000, pages=2)


def named(items: tuple[LineItem, ...]) -> dict[tuple[str, str, str], str]:
    """Quantities by modality, direction and kind."""
    return {(item.modality, item.direction, item.kind): item.quantity for item in items}


def test_photo_at_gpt_4o() -> None:
    """The interface's own example: 765 image tokens at $2.50 a million are 1,912,500 nanodollars, exactly."""
    quoted = quote(FOUR_O, carried(PHOTO))
    (image,) = (item for item in quoted.items if item.modality == "image")
    assert ("765", "2.50", 1_000_000, 1_912_500) == (
        image.quantity,
        image.rate_usd,
        image.per,
        image.nanodollars,
    )
    assert "exact" == image.certainty
    assert image.low == image.nanodollars == image.high


def test_cheap_tokens_can_be_a_dear_photo() -> None:
    """gpt-4o-mini's tokens cost a sixteenth, but it counts 33 times as many for the same photo."""
    load = carried(PHOTO, max_output_tokens=100)
    assert quote(MINI, load).expected > quote(FOUR_O, load).expected
    assert quote(MINI, carried()).expected < quote(FOUR_O, carried()).expected


def test_two_images_make_one_line() -> None:
    """One line item a modality, rounded once."""
    quoted = quote(FOUR_O, carried(PHOTO, medium(index=1)))
    assert {
        ("text", "in", "fresh"): "10",
        ("image", "in", "fresh"): "1530",
        ("text", "out", "fresh"): "150",
    } == (named(quoted.items))


def test_preparation_changes_the_quote_where_pixels_count() -> None:
    """A step's size is the one that is quoted."""
    load = carried(medium(width=4000, height=3000))
    astra = facts("openai/gpt-6-astra")
    smaller = quote(astra, load, [Step(0, "downscale", (4000, 3000), (1024, 768))])
    assert smaller.expected < quote(astra, load).expected


@pytest.mark.parametrize(
    ("asked", "choices", "low", "expected", "high"),
    [
        (None, 1, 1, 150, 16_384),
        (100, 1, 1, 100, 100),
        (5_000, 3, 3, 450, 15_000),
        (99_999, 1, 1, 150, 16_384),
    ],
)
def test_output_is_bounded(asked: int | None, choices: int, low: int, expected: int, high: int) -> None:
    """At least a token a choice, at most what was asked for or the model's limit, 150 expected."""
    quoted = quote(FOUR_O, carried(max_output_tokens=asked, choices=choices))
    (answer,) = (item for item in quoted.items if item.direction == "out")
    # $10 a million tokens: 10,000 nanodollars a token.
    assert [10_000 * n for n in (low, expected, high)] == [answer.low, answer.nanodollars, answer.high]
    assert "bounded" == answer.certainty


def test_output_bound_is_what_the_context_leaves() -> None:
    """A prompt near the context leaves room for little."""
    quoted = quote(FOUR_O, carried(tokens=127_900))
    assert 94 == quoted.items[-1].high // 10_000


def test_context_threshold_is_a_cliff() -> None:
    """One token beyond the threshold makes the whole request dearer, output included."""
    known = structs.replace(facts("openai/gpt-5.4"), token_error=Decimal(0))
    at, beyond = (quote(known, carried(tokens=tokens)) for tokens in (271_994, 271_995))
    assert [("2.50", 680_000_000), ("15", 2_250_000)] == [(i.rate_usd, i.nanodollars) for i in at.items]
    assert ["5", "22.50"] == [item.rate_usd for item in beyond.items]


def test_threshold_within_the_doubt_raises_the_upper_bound() -> None:
    """An estimated prompt that may pass the threshold is expected at the low rate, bounded at the high."""
    quoted = quote(facts("anthropic/claude-haiku-5-5"), carried(tokens=60_000))
    assert ("0.10", True) == (
        quoted.items[0].rate_usd,
        quoted.items[0].high > 5 * quoted.items[0].nanodollars,
    )


def test_unpriced_is_not_free() -> None:
    """Without a price there is no quote, and nothing to settle."""
    unknown = structs.replace(FOUR_O, rates=())
    quoted = quote(unknown, carried())
    assert (False, (), 0) == (quoted.priced, quoted.items, quoted.expected)
    assert () == settle_items(unknown, Usage(input=10, output=5), quoted)


def test_reading_is_priced_by_cpu() -> None:
    """A photo at local/read: 2.6 CPU seconds at $0.04 an hour; its text costs nothing."""
    quoted = quote(READ, carried(PHOTO))
    (image,) = (item for item in quoted.items if item.unit == "cpu_second")
    assert ("2.6", "0.04", 3600, 28_889) == (image.quantity, image.rate_usd, image.per, image.nanodollars)
    assert 28_889 == quoted.expected
    assert "estimated" == image.certainty


@pytest.mark.parametrize(
    ("size", "pages", "expected"), [(50_000, 2, "0.01"), (2_000_000, 2, "5.2"), (120_000, None, "0.01")]
)
def test_pages_with_text_are_cheap_and_scans_are_not(size: int, pages: int | None, expected: str) -> None:
    """Bytes a page tell a scan from a text layer; pages that nobody counted follow from the bytes."""
    quoted = quote(READ, carried(medium("document", "application/pdf", size=size, pages=pages)))
    (item,) = (item for item in quoted.items if item.modality == "document")
    assert expected == item.quantity


def test_image_without_a_size_is_an_estimate() -> None:
    """A format whose header tells no size is taken for a photo, and the bounds are wide."""
    load = carried(medium(mime="image/heic", width=None, height=None))
    (image,) = (i for i in quote(facts("gemini/gemini-3.8-flash"), load).items if i.modality == "image")
    assert "estimated" == image.certainty
    assert image.low < image.nanodollars < image.high


def test_audio_of_known_length_is_exact() -> None:
    """32 tokens a second, begun ones whole: nothing is left to guess."""
    load = carried(medium("audio", "audio/mpeg", size=160_000, seconds=61.3))
    item = quote(facts("gemini/gemini-2.5-flash"), load).items[1]
    assert ("1962", "exact") == (item.quantity, item.certainty)
    assert item.low == item.nanodollars == item.high


def test_audio_of_disputed_length_is_bounded() -> None:
    """25 tokens a second by one page of the provider's, 32 by another: the dearer one is reserved."""
    load = carried(medium("audio", "audio/mpeg", size=160_000, seconds=61.3))
    item = quote(facts("gemini/gemini-3.8-flash"), load).items[1]
    assert ("1533", "bounded") == (item.quantity, item.certainty)
    # 1,962 tokens at $0.75 a million.
    assert (item.nanodollars, 1_471_500) == (item.low, item.high)


def test_audio_without_a_length_is_guessed_from_its_bytes() -> None:
    """25 tokens a second; 16,000 bytes a second are usual."""
    load = carried(medium("audio", "audio/mpeg", size=160_000))
    quoted = quote(facts("gemini/gemini-3.8-flash"), load)
    assert ("250", "estimated") == (quoted.items[1].quantity, quoted.items[1].certainty)


# ---- after the call ------------------------------------------------------------------------------------

QUOTED = quote(FOUR_O, carried(PHOTO))


def settled(usage: Usage | None, predicted: Quote = QUOTED) -> dict[tuple[str, str, str], str]:
    """Quantities settled at gpt-4o for a photo."""
    return named(settle_items(FOUR_O, usage, predicted))


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        # No split: the text is counted exactly, so what the report is off is the image's.
        ({"input": 800, "output": 20}, "text in fresh 10, image in fresh 790, text out fresh 20"),
        # The provider's split comes first.
        (
            {"input": 800, "output": 1, "image": 700},
            "text in fresh 100, image in fresh 700, text out fresh 1",
        ),
        # Nothing is less than nothing.
        ({"input": 500, "output": 1}, "text in fresh 10, image in fresh 490, text out fresh 1"),
        ({"input": 5, "output": 1}, "text in fresh 5, text out fresh 1"),
        # Cached tokens are part of the input, and are taken from the text first.
        (
            {"input": 1000, "output": 1, "cached": 300},
            "text in cached 10, image in cached 290, image in fresh 700, text out fresh 1",
        ),
        # Written tokens too; without a price of their own they cost what fresh ones cost.
        (
            {"input": 1000, "output": 1, "cached": 100, "cache_write": 50},
            (
                "text in cached 10, image in cached 90, image in cache_write 50, image in fresh 850, "
                "text out fresh 1"
            ),
        ),
        # Reasoning is part of the output.
        (
            {"input": 765, "output": 90, "reasoning": 70},
            "text in fresh 10, image in fresh 755, text out fresh 20, text out reasoning 70",
        ),
        # What was not reported stands as predicted.
        ({"output": 7}, "text in fresh 10, image in fresh 765, text out fresh 7"),
        ({"input": 775}, "text in fresh 10, image in fresh 765, text out fresh 150"),
        (None, "text in fresh 10, image in fresh 765, text out fresh 150"),
    ],
)
def test_split_of_reported_usage(usage: dict[str, Any] | None, expected: str) -> None:
    """Reported tokens go to modalities and kinds so that their sum is what was reported."""
    found = settled(None if usage is None else Usage(**usage))
    assert expected == ", ".join(f"{' '.join(key)} {value}" for key, value in found.items())


def test_rates_of_settled_lines() -> None:
    """Cached input takes its own rate; a settled line has no bounds left."""
    items = settle_items(FOUR_O, Usage(input=1000, output=0, cached=235), QUOTED)
    assert [("1.25", 12_500), ("1.25", 281_250), ("2.50", 1_912_500)] == [
        (item.rate_usd, item.nanodollars) for item in items
    ]
    assert all(item.low == item.nanodollars == item.high for item in items)


def test_threshold_looks_at_the_reported_prompt() -> None:
    """The rate follows what the provider counted, not what we predicted."""
    known = facts("openai/gpt-5.4")
    predicted = quote(known, carried(tokens=100))
    items = settle_items(known, Usage(input=300_000, output=10), predicted)
    assert ["5", "22.50"] == [item.rate_usd for item in items]


def test_certainty_of_a_settled_split() -> None:
    """A split by prediction is an estimate, one that the provider reported is exact."""
    guessed = settle_items(FOUR_O, Usage(input=800, output=1), QUOTED)
    told = settle_items(FOUR_O, Usage(input=800, output=1, image=765), QUOTED)
    assert ({"estimated"}, {"exact"}) == tuple(
        {item.certainty for item in items if item.direction == "in"} for items in (guessed, told)
    )


@pytest.mark.parametrize("seconds", [0.0, 1.5, 7.123456789])
def test_measured_cpu_is_shared_as_predicted(seconds: float) -> None:
    """CPU seconds of an engine are split between modalities as predicted, and sum to the measurement."""
    predicted = quote(READ, carried(PHOTO, PDF))
    items = settle_items(READ, Usage(input=0, output=12, cpu_seconds=seconds), predicted)
    work = [item for item in items if item.unit == "cpu_second"]
    assert round(Decimal(str(seconds)), 6) == sum(Decimal(item.quantity) for item in work)


def test_unmeasured_cpu_stands_as_predicted() -> None:
    """An engine that was stopped reports nothing."""
    predicted = quote(READ, carried(PHOTO))
    found: dict[Any, str] = named(settle_items(READ, None, predicted))
    assert "2.6" == found["image", "in", "fresh"]


# ---- what is sold by other units -----------------------------------------------------------------------


def service(**changes: Any) -> ModelFacts:
    """A service that hears: an hour is $0.36, ten seconds are charged at least, whole seconds only."""
    hour = {"modality": "audio", "unit": "second", "usd": "0.36", "per": 3600, "least": "10", "step": "1"}
    who = {"modality": "audio", "unit": "second", "usd": "0.036", "per": 3600, "option": "diarization"}
    record = {"input": ["audio"], "operations": ["transcription"], "charges": [hour, who], **changes}
    found = CATALOG.merged({"rack/ears": record}).get("rack/ears")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("seconds", "billed", "nano"),
    [(4.0, "10", 1_000_000), (59.2, "60", 6_000_000), (3600.0, "3600", 360_000_000)],
)
def test_seconds_are_charged_whole_and_ten_at_least(seconds: float, billed: str, nano: int) -> None:
    """A request of four seconds pays for ten, one of 59.2 for a minute."""
    quoted = quote(service(), carried(medium("audio", "audio/wav", seconds=seconds)))
    (item,) = quoted.items
    assert (billed, "second", nano, "exact") == (item.quantity, item.unit, item.nanodollars, item.certainty)


def test_a_recording_of_unknown_length_is_bounded() -> None:
    """Without a header's seconds the bytes bound them."""
    (item,) = quote(service(), carried(medium("audio", "audio/mpeg", size=1_600_000))).items
    assert ("100", "estimated", True) == (
        item.quantity,
        item.certainty,
        item.low < item.nanodollars < item.high,
    )


def test_options_are_charged_on_top() -> None:
    """Who speaks when is a line of its own; an option without a price has none."""
    known = service()
    amounts = demand(known, carried(medium("audio", "audio/wav", seconds=3600.0)))
    lines = added(known, amounts, ["diarization"])
    assert lines is not None
    assert [("added", 36_000_000)] == [(line.kind, line.nanodollars) for line in lines]
    assert added(known, amounts, ["translation"]) is None
    assert 1 == len(quote(known, carried(medium("audio", "audio/wav", seconds=3600.0))).items)


def test_cached_audio_takes_its_own_rate() -> None:
    """Where the provider splits its cache by modality, audio is charged as cached audio, not as text."""
    price = {"input": "4", "cached": "0.4", "audio": "32", "cached_audio": "0.5", "output": "24"}
    record = {"input": ["text", "audio"], "audio_rule": "gemini-2", "price": price}
    known = CATALOG.merged({"rack/live": record}).get("rack/live")
    assert known is not None
    items = settle_items(known, Usage(input=100, output=0, audio=40, cached=30, cached_audio=10), Quote(()))
    assert {
        ("audio", "in", "cached"): "10",
        ("text", "in", "cached"): "20",
        ("text", "in", "fresh"): "40",
        ("audio", "in", "fresh"): "30",
    } == named(items)
    assert ["0.5", "0.4"] == [item.rate_usd for item in items if item.kind == "cached"]


def test_a_longer_kept_cache_costs_more_to_write() -> None:
    """What stays an hour has its own rate; without one it is charged as what stays five minutes."""
    price = {"input": "2", "cache_write": "2.5", "cache_write_long": "4", "output": "10"}
    usage = Usage(input=100, output=0, cache_write=50, cache_write_long=20)
    found = []
    for one in (price, {key: value for key, value in price.items() if key != "cache_write_long"}):
        known = CATALOG.merged({"rack/kept": {"input": ["text"], "price": one}}).get("rack/kept")
        assert known is not None
        found.append([(i.kind, i.quantity, i.rate_usd) for i in settle_items(known, usage, Quote(()))])
    assert [
        [("cache_write", "30", "2.5"), ("cache_write_long", "20", "4"), ("fresh", "50", "2")],
        [("cache_write", "30", "2.5"), ("cache_write_long", "20", "2.5"), ("fresh", "50", "2")],
    ] == found


def test_ticks_of_a_provider_are_dollars() -> None:
    """XAI reports its own cost, ten billion ticks a dollar."""
    assert Decimal("0.0012345678") == reported_usd(12_345_678)
