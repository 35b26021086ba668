"""The catalog against another map."""

from gateway.catalog.compare import Difference, compare, fields
from tests.catalog.samples import CATALOG, facts


def test_what_agrees_with_itself() -> None:
    """Against what the catalog says itself there is no difference, and no model is absent."""
    said = {}
    for name in CATALOG.names():
        known = facts(name)
        said[f"{known.provider}/{known.upstream_model}"] = fields(known)
    found = compare(CATALOG, said)
    assert found.differences == ()
    assert found.absent == ()


def test_every_field_that_differs_is_told() -> None:
    """Another price, one the catalog lacks and one it has alone: the first two are differences."""
    found = compare(
        CATALOG, {"openai/gpt-4o": {"price.input": "3", "price.image": "9", "price.output": "10.0"}}
    )
    assert found.compared == ("openai/gpt-4o",)
    assert found.differences == (
        Difference("openai/gpt-4o", "price.input", "2.50", "3"),
        Difference("openai/gpt-4o", "price.image", None, "9"),
    )


def test_the_same_said_otherwise() -> None:
    """A cliff one token off, and seconds rounded in a float, are no differences."""
    found = compare(
        CATALOG,
        {
            "xai/grok-4.7": {"above.200000.price.input": "4"},
            "groq/whisper-large-v3-turbo": {"charge.audio.second": "0.00001111"},
            "deepgram/nova-3": {"charge.audio.second": "0.00007167"},
        },
    )
    assert found.differences == ()
