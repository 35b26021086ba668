"""Ten ways in which other gateways get the money of media wrong (peers.md 2), with the right dollars."""

from decimal import Decimal

import pytest

from gateway.catalog.cost import quote, settle_items
from gateway.types.money import NANO, Modality
from gateway.types.outcome import Usage
from gateway.types.weight import MediaFacts
from tests.catalog.samples import carried, facts, medium


def dollars(model: str, part: MediaFacts, modality: Modality = "image") -> Decimal:
    """What one medium costs at a model, as expected."""
    quoted = quote(facts(model), carried(part))
    assert quoted.priced
    items = [item for item in quoted.items if item.modality == modality and item.direction == "in"]
    return Decimal(sum(item.nanodollars for item in items)) / NANO


def photo(width: int, height: int, detail: str | None = None) -> MediaFacts:
    """A photo of that size."""
    return medium(width=width, height=height, detail=detail)


def test_the_cheap_model_is_the_dear_one() -> None:
    """1: gpt-4o-mini's list price is a sixteenth of gpt-4o's, its 12 MP photo costs twice as much."""
    assert dollars("openai/gpt-4o-mini", photo(4000, 3000)) == Decimal("0.00382515")
    assert dollars("openai/gpt-4o", photo(4000, 3000)) == Decimal("0.0019125")


def test_small_sides_are_not_enlarged() -> None:
    """2: 1024 x 400 is two tiles of gpt-4o, $0.00106; counted as enlarged it would be $0.0036."""
    assert dollars("openai/gpt-4o", photo(1024, 400)) == Decimal("0.0010625")


@pytest.mark.parametrize(
    ("model", "usd"),
    [
        ("gemini/gemini-3.8-flash", "0.000798"),
        ("mistral/mistral-small-2603", "0.0003528"),
        ("xai/grok-4.7", "0.003584"),
        ("openai/gpt-5-mini", "0.00043575"),
    ],
)
def test_no_model_has_a_flat_250_tokens(model: str, usd: str) -> None:
    """3: each family has its rule; a flat 250 would be two to ten times too little for a 12 MP photo."""
    assert dollars(model, photo(4000, 3000)) == Decimal(usd)


def test_a_family_changes_its_rule() -> None:
    """4: a screenshot is 1,560 tokens at Claude 4.5 and 2,691 from 4.7 on; the old w*h/750 is neither."""
    assert dollars("anthropic/claude-sonnet-4-5", photo(1920, 1080)) == Decimal("0.00468")
    assert dollars("anthropic/claude-opus-4-7", photo(1920, 1080)) == Decimal("0.013455")


def test_sound_is_not_text() -> None:
    """5: ten seconds of WAV are 100 tokens, $0.0032; its base64 counted as text would be 53,379, $1.71."""
    sound = medium("audio", "audio/wav", size=320_044, seconds=10)
    assert dollars("openai/gpt-audio-1.5", sound, "audio") == Decimal("0.0032")


def test_compressed_sound_has_a_length() -> None:
    """6: a minute of MP3 is 1,920 tokens at Gemini 2.5, not 300 by its bytes."""
    sound = medium("audio", "audio/mpeg", size=480_000, seconds=60)
    assert dollars("gemini/gemini-2.5-flash", sound, "audio") == Decimal("0.00192")


def test_the_default_detail_is_not_the_cheap_one() -> None:
    """7: unsaid, gpt-5.5 sees a 4K screenshot in full, 9,792 tokens; `high` would be 3,000 at most."""
    assert dollars("openai/gpt-5.5", photo(3840, 2160)) == Decimal("0.04896")
    assert dollars("openai/gpt-5.5", photo(3840, 2160, "high")) <= Decimal("0.015")


def test_a_cliff_is_for_all_tokens() -> None:
    """8: one token beyond 100,000 and the whole prompt of claude-haiku-5-5 costs five times as much."""
    haiku = facts("anthropic/claude-haiku-5-5")

    def prompt(tokens: int) -> int:
        usage = Usage(input=tokens, output=0)
        return sum(item.nanodollars for item in settle_items(haiku, usage, quote(haiku, carried())))

    assert prompt(100_000) == NANO // 100
    assert prompt(100_001) == 5 * (NANO // 100) + 500


def test_speech_by_the_second_is_never_free() -> None:
    """9: speech paid by time has a price: four seconds at Groq are billed as ten, an hour is $0.04."""
    assert dollars(
        "groq/whisper-large-v3-turbo", medium("audio", "audio/wav", seconds=4), "audio"
    ) == Decimal("0.000111111")
    hour = medium("audio", "audio/wav", seconds=3600)
    assert dollars("groq/whisper-large-v3-turbo", hour, "audio") == Decimal("0.04")


def test_modalities_are_billed_apart() -> None:
    """10: sound in the answer costs 64 dollars a million, not text's 10; no line is negative."""
    model = facts("openai/gpt-audio-1.5")
    usage = Usage(input=100, cached=100, audio=100, output=1000, output_audio=900)
    items = settle_items(model, usage, quote(model, carried()))
    spoken = [item for item in items if (item.modality, item.direction) == ("audio", "out")]
    assert [item.nanodollars for item in spoken] == [57_600_000]
    assert all(Decimal(item.quantity) > 0 for item in items)


def test_low_detail_can_be_the_dear_one() -> None:
    """gpt-5.4 keeps 6,144 patches at `low` and 2,500 at `high`: of a photo `low` costs a quarter more."""
    assert dollars("openai/gpt-5.4", photo(4000, 3000, "low")) == Decimal("0.0092175")
    assert dollars("openai/gpt-5.4", photo(4000, 3000, "high")) == Decimal("0.007355")


def test_the_bytes_of_a_medium_are_not_its_tokens() -> None:
    """Three megabytes of base64 are no million tokens: the header decides, not the size of the file."""
    small, large = (medium(width=1024, height=1024, size=size) for size in (30_000, 3_000_000))
    assert dollars("openai/gpt-4o", small) == dollars("openai/gpt-4o", large) == Decimal("0.0019125")


@pytest.mark.parametrize(
    ("model", "at", "below", "beyond"),
    [
        ("gemini/gemini-3.1-pro-preview", 200_000, "0.4", "0.800004"),
        ("openai/gpt-6.1-sol", 272_000, "0.544", "1.088004"),
        # xAI's boundary holds the 200,000 itself.
        ("xai/grok-4.7", 199_999, "0.399998", "0.8"),
    ],
)
def test_each_provider_has_a_cliff_of_its_own(model: str, at: int, below: str, beyond: str) -> None:
    """One token beyond the threshold doubles the whole prompt; where that is differs by provider."""
    found = []
    for tokens in (at, at + 1):
        rate = facts(model).tariff.rate("text", "in", prompt_tokens=tokens)
        assert rate is not None
        found.append(Decimal(rate.rate_usd) * tokens / rate.per)
    assert [Decimal(below), Decimal(beyond)] == found
