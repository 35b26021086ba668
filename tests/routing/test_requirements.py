"""One refusal a rule: code, part, and words that say what would work."""

import pytest
from msgspec import structs

from gateway.catalog import ModelFacts
from gateway.catalog.facts import Quality
from gateway.routing.requirements import not_good_enough
from gateway.types.weight import Requirements
from tests.catalog.samples import carried, facts, medium
from tests.routing.samples import judged

PDF = medium("document", "application/pdf", size=1_000)
MANY = [medium(index=n, width=100, height=100, size=1_000) for n in range(101)]


@pytest.mark.parametrize(
    ("model", "load", "code", "part", "words"),
    [
        ("local/smollm2", carried(medium()), "modality_unsupported", 0, "takes text only"),
        ("local/read", carried(), "modality_unsupported", None, "kind image"),
        ("mistral/mistral-large-4", carried(PDF), "modality_unsupported", 0, "documents"),
        ("xai/grok-4.7", carried(medium(mime="image/webp", frames=3)), "format_unsupported", 0, "image/png"),
        ("openai/gpt-4o", carried(medium(mime="image/avif")), "format_unsupported", 0, "image/png"),
        ("openai/gpt-4o", carried(medium(mime="image/tiff", frames=2)), "format_unsupported", 0, "image/png"),
        ("openai/gpt-4o", carried(medium(mime="image/gif", frames=9)), "format_unsupported", 0, "9 frames"),
        (
            "openai/gpt-4o",
            carried(medium("document", "text/csv")),
            "format_unsupported",
            0,
            "application/pdf",
        ),
        ("anthropic/claude-haiku-4-5", carried(*MANY), "too_many_images", 100, "takes 100"),
        ("mistral/mistral-large-4", carried(*MANY[:9]), "too_many_images", 8, "takes 8"),
        (
            "openai/gpt-4o",
            carried(medium("document", "application/pdf", size=60_000_000)),
            "media_too_large",
            0,
            "52,428,800",
        ),
        (
            "anthropic/claude-haiku-4-5",
            carried(medium("document", "application/pdf", size=1_000, pages=101)),
            "media_too_large",
            0,
            "takes 100",
        ),
        (
            "anthropic/claude-opus-5-5",
            carried(medium("document", "application/pdf", size=30_000_000)),
            "media_too_large",
            None,
            "33,554,432",
        ),
        ("local/smollm2", carried(features=frozenset({"tools"})), "feature_unsupported", None, "no tools"),
        (
            "anthropic/claude-opus-5-5",
            carried(features=frozenset({"choices", "streaming"})),
            "feature_unsupported",
            None,
            "several choices",
        ),
        ("openai/gpt-4o", carried(max_output_tokens=20_000), "parameter_unsupported", None, "16,384"),
        ("openai/gpt-4o", carried(tokens=130_000), "context_exceeded", None, "128,000"),
        (
            "openai/gpt-4o",
            carried(tokens=127_000, max_output_tokens=9_000),
            "context_exceeded",
            None,
            "9,000",
        ),
        ("openai/gpt-5.4-mini", carried(tokens=280_000), "context_exceeded", None, "272,000"),
        (
            "openai/gpt-transcribe",
            carried(medium("audio", "audio/wav")),
            "operation_unsupported",
            None,
            "chat",
        ),
        (
            "gemini/gemini-3.8-flash",
            carried(medium("audio", "audio/wav", seconds=40_000.0)),
            "media_too_large",
            0,
            "34,200 s",
        ),
    ],
)
def test_refusal(model: str, load: Requirements, code: str, part: int | None, words: str) -> None:
    """A request that a model cannot carry is refused with its code, its part and a way out."""
    (rejection,) = judged(load, model).rejections
    assert (code, part) == (rejection.reason.code, rejection.reason.part)
    assert words in rejection.reason.message
    assert part is None or f"part {part} (" in rejection.reason.message


@pytest.mark.parametrize(
    ("model", "load"),
    [
        ("anthropic/claude-haiku-4-5", carried(medium(mime="image/gif", frames=9, size=1_000))),
        ("anthropic/claude-haiku-4-5", carried(*MANY[:100])),
        ("openai/gpt-4o", carried(tokens=127_000, max_output_tokens=900)),
        ("gemini/gemini-3.8-flash", carried(medium("audio", "audio/wav"))),
        ("local/read", carried(PDF, medium(index=1))),
    ],
)
def test_what_fits_is_taken(model: str, load: Requirements) -> None:
    """Limits are inclusive; what a model documents is taken."""
    assert () == judged(load, model).rejections


def test_context_is_judged_on_what_will_be_sent() -> None:
    """An image of 9,000 px a side at gpt-5.6 costs 95,000 tokens, and no more once it is made to fit."""
    load = carried(medium(width=9000, height=9000), tokens=880_000)
    (attempt,) = judged(load, "openai/gpt-5.6-sol").attempts
    assert (9000, 9000) == attempt.steps[0].from_


MEASURED = structs.replace(
    facts("openai/gpt-4o"), quality=Quality(source="ours", overall="0.8", image="0.6", audio="1")
)


@pytest.mark.parametrize(
    ("known", "load", "floor", "code"),
    [
        (MEASURED, carried(), None, None),
        (MEASURED, carried(), 0.8, None),
        (MEASURED, carried(), 0.81, "below_quality_floor"),
        # A question about a picture is judged by pictures, not by text.
        (MEASURED, carried(medium()), 0.7, "below_quality_floor"),
        (MEASURED, carried(medium()), 0.6, None),
        (MEASURED, carried(medium(), medium("document", "application/pdf")), 0.7, "below_quality_floor"),
        # Where no figure of its own is known, the overall one counts.
        (MEASURED, carried(medium("document", "application/pdf")), 0.8, None),
        (structs.replace(MEASURED, quality=None), carried(), 0.1, "quality_unknown"),
        (structs.replace(MEASURED, quality=None), carried(), None, None),
        (
            structs.replace(MEASURED, quality=Quality(source="ours", text="1")),
            carried(medium()),
            0,
            "quality_unknown",
        ),
    ],
)
def test_a_floor_is_reached_by_what_is_known(
    known: ModelFacts, load: Requirements, floor: float | None, code: str | None
) -> None:
    """With a floor a model needs a figure, of the media it is asked about, that is not below it."""
    reason = not_good_enough(known, load, floor)
    assert code == (reason and reason.code)
