"""The image-money traps that the peers fall into (peers.md, section 2), each with its dollars.

A row: what goes wrong elsewhere, the picture, what it really costs, and the tokens that the trap counts.
"""

from decimal import Decimal

import pytest

from gateway.catalog import quote
from gateway.types.money import LineItem, usd
from tests.catalog.samples import carried, facts, medium

TRAPS = (
    # A small side is not enlarged: a strip is two tiles, not eight.
    ("openai/gpt-4o", 1024, 400, None, 425, "0.0010625", 1445),
    # gpt-4o's tiles are not every model's: gpt-4o-mini takes 33 times as many tokens, and twice the money.
    ("openai/gpt-4o-mini", 4000, 3000, None, 25_501, "0.00382515", 765),
    ("openai/gpt-4o", 4000, 3000, None, 765, "0.0019125", 765),
    # A flat 250 for whatever no table knows.
    ("openai/gpt-5-mini", 4000, 3000, None, 1743, "0.00043575", 250),
    ("gemini/gemini-3.8-flash", 4000, 3000, None, 1064, "0.000798", 250),
    ("xai/grok-4.7", 1920, 1080, None, 1792, "0.003584", 250),
    # One family, two tiers: the newer Claude looks at three times as much of the same picture.
    ("anthropic/claude-sonnet-4-5", 4000, 3000, None, 1564, "0.004692", 16_000),
    ("anthropic/claude-opus-4-7", 4000, 3000, None, 4740, "0.0237", 1564),
    # The default detail is the whole picture on newer models: 3.5 times what `high` costs.
    ("openai/gpt-5.6-sol", 3840, 2160, None, 9792, "0.039168", 2765),
    ("openai/gpt-5.6-sol", 3840, 2160, "high", 2765, "0.01106", 9792),
)


def line(model: str, width: int, height: int, detail: str | None) -> LineItem:
    """The line of the one picture in a quote."""
    load = carried(medium(width=width, height=height, detail=detail))
    (item,) = (item for item in quote(facts(model), load).items if item.modality == "image")
    return item


@pytest.mark.parametrize(("model", "width", "height", "detail", "tokens", "dollars", "trap"), TRAPS)
def test_what_a_picture_costs(
    model: str, width: int, height: int, detail: str | None, tokens: int, dollars: str, trap: int
) -> None:
    """Tokens and dollars of the picture at this model, whatever others would have said."""
    item = line(model, width, height, detail)
    assert (str(tokens), dollars) == (item.quantity, usd(item.nanodollars))
    assert tokens == trap or abs(tokens - trap) > trap // 10


def test_low_detail_can_be_the_dear_one() -> None:
    """gpt-5.4 keeps 6,144 patches at `low` and 2,500 at `high`: of a photo `low` costs a quarter more."""
    low, high = (line("openai/gpt-5.4", 4000, 3000, detail) for detail in ("low", "high"))
    assert ("0.0092175", "0.007355") == (usd(low.nanodollars), usd(high.nanodollars))


def test_the_bytes_of_a_medium_are_not_its_tokens() -> None:
    """Three megabytes of base64 are no million tokens, ten seconds of WAV not 53,379: the header decides."""
    small, large = (
        quote(facts("openai/gpt-4o"), carried(medium(width=1024, height=1024, size=size)))
        for size in (30_000, 3_000_000)
    )
    assert small == large
    heard = quote(facts("gemini/gemini-2.5-flash"), carried(medium("audio", "audio/wav", seconds=10.0)))
    assert ["320"] == [item.quantity for item in heard.items if item.modality == "audio"]


def test_the_cheap_list_price_is_the_dear_picture() -> None:
    """By list price gpt-4o-mini costs a sixteenth of gpt-4o; for a photo it costs twice as much."""
    mini, whole = (line(f"openai/{name}", 4000, 3000, None) for name in ("gpt-4o-mini", "gpt-4o"))
    assert Decimal(mini.rate_usd) * 16 < Decimal(whole.rate_usd)
    assert mini.nanodollars > 2 * whole.nanodollars - 1


@pytest.mark.parametrize(
    ("model", "at", "below", "beyond"),
    [
        ("gemini/gemini-3.1-pro-preview", 200_000, "0.4", "0.800004"),
        ("openai/gpt-6.1-sol", 272_000, "0.544", "1.088004"),
        ("anthropic/claude-haiku-5-5", 100_000, "0.01", "0.0500005"),
        # xAI's boundary holds the 200,000 itself.
        ("xai/grok-4.7", 199_999, "0.399998", "0.8"),
    ],
)
def test_one_token_beyond_a_threshold_doubles_the_whole(model: str, at: int, below: str, beyond: str) -> None:
    """A cliff is of the whole request, and each provider has its own."""
    found = []
    for tokens in (at, at + 1):
        rate = facts(model).tariff.rate("text", "in", prompt_tokens=tokens)
        assert rate is not None
        found.append(Decimal(rate.rate_usd) * tokens / rate.per)
    assert [Decimal(below), Decimal(beyond)] == found
