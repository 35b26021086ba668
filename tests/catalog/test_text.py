"""Text: factors, tools, and what makes a count exact."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from gateway.catalog.facts import ScriptFactor
from gateway.catalog.text import Function, own_factor, render_tools, text_tokens
from tests.catalog.samples import carried, facts, text

WEATHER = Function(
    "weather",
    "Tells the weather.",
    {"type": "object", "properties": {"city": {"type": "string", "description": "Where."}}, "required": []},
)


def test_chat_overhead() -> None:
    """3 a message, 1 a name, 3 for the reply."""
    load = carried(text=text(10, messages=2, names=1))
    assert 10 + 2 * 3 + 1 + 3 == text_tokens(facts("openai/gpt-4o"), load).expected


def test_gpt_4o_is_exact_and_others_are_not() -> None:
    """Only the family whose counting is documented is exact; elsewhere bounds tell the doubt."""
    exact = text_tokens(facts("openai/gpt-4o"), carried(tokens=1000))
    guess = text_tokens(facts("anthropic/claude-haiku-5-5"), carried(tokens=1000))
    assert "exact" == exact.certainty
    assert exact.low == exact.expected == exact.high
    assert "estimated" == guess.certainty
    assert guess.low < guess.expected < guess.high


def test_tools_rendering() -> None:
    """Texts lose their final dot; the framing is that of the encoding."""
    rendered = render_tools([WEATHER])
    assert ("weather:Tells the weather", "city:string:Where") == rendered.texts
    assert {"o200k_base": 7 + 3 + 3 + 12, "cl100k_base": 10 + 3 + 3 + 12} == rendered.framing
    assert rendered.flat


def test_nested_tools_are_not_flat() -> None:
    """A schema deeper than the documented shape is counted as its JSON, and marked so."""
    deep = structs.replace(
        WEATHER, schema={"properties": {"at": {"type": "object", "properties": {"x": {}}}}}
    )
    rendered = render_tools([deep])
    assert not rendered.flat
    assert any("properties" in item for item in rendered.texts)


def test_response_schema_is_counted_but_not_exact() -> None:
    """A response schema adds its JSON text without the framing of a function."""
    rendered = render_tools([], {"type": "object"})
    assert ('{"type": "object"}',) == rendered.texts
    assert {"o200k_base": 0, "cl100k_base": 0} == rendered.framing
    assert not rendered.flat


def test_tools_that_are_not_flat_are_an_estimate_even_at_gpt_4o() -> None:
    """The documented rendering is exact for flat tools alone."""
    for flat, certainty in ((True, "exact"), (False, "estimated")):
        weight = text(10, tools={"o200k_base": 40}, tools_flat=flat)
        load = carried(text=weight, features=frozenset({"tools"}))
        assert certainty == text_tokens(facts("openai/gpt-4o"), load).certainty


def test_forced_choice_has_its_own_tool_prompt() -> None:
    """Anthropic's tool prompt is longer when the model must call a tool."""
    counts = [
        text_tokens(
            facts("anthropic/claude-opus-4-8"),
            carried(text=text(tools_forced=forced), features=frozenset({"tools"})),
        ).expected
        for forced in (False, True)
    ]
    assert 410 - 290 == counts[1] - counts[0]


def test_factor_and_error_go_by_script() -> None:
    """Each script counts by the tokens it makes; one without a factor of its own takes the model's."""
    known = structs.replace(
        facts("openai/gpt-4o"),
        token_factor=Decimal(1),
        token_error=Decimal(0),
        scripts={"han": ScriptFactor(Decimal(2), Decimal("0.5"))},
    )
    assert (Decimal(1), Decimal(0)) == own_factor(known, {"latin": 10})
    assert (Decimal("1.5"), Decimal(10) / Decimal(30)) == own_factor(known, {"latin": 10, "han": 10})
    counted = text_tokens(known, carried(text=text(94, scripts={"latin": 50, "han": 50})))
    assert (100, 150, 200, "estimated") == (counted.low, counted.expected, counted.high, counted.certainty)


def test_shipped_families_treat_scripts_differently() -> None:
    """Hindi costs Claude more than its English does, and less surely; OpenAI's own count is what it is."""
    hindi, english = (carried(text=text(1_000, scripts={name: 1_000})) for name in ("indic", "latin"))
    claude = facts("anthropic/claude-haiku-5-5")
    assert text_tokens(claude, hindi).expected > 2 * text_tokens(claude, english).expected
    assert text_tokens(facts("openai/gpt-4o"), hindi) == text_tokens(facts("openai/gpt-4o"), english)


def test_what_was_not_counted_is_in_the_bounds() -> None:
    """The error of an estimated text widens the bounds and takes the exactness away, even at gpt-4o."""
    known = facts("openai/gpt-4o")
    sure, unsure = (
        text_tokens(known, carried(text=text(1_000, errors=errors)))
        for errors in ({}, {"o200k_base": 200, "cl100k_base": 300})
    )
    assert ("exact", "estimated") == (sure.certainty, unsure.certainty)
    assert (sure.low - 200, sure.expected, sure.high + 200) == (unsure.low, unsure.expected, unsure.high)


@given(
    tokens=st.integers(0, 2_000_000),
    tools=st.integers(0, 10_000),
    factor=st.decimals("0.5", "3", places=2),
    error=st.decimals("0", "0.5", places=2),
)
def test_bounds_hold_the_expectation(tokens: int, tools: int, factor: Decimal, error: Decimal) -> None:
    """Low <= expected <= high for any factor and error."""
    known = structs.replace(facts("openai/gpt-4o"), token_factor=factor, token_error=error)
    counted = text_tokens(known, carried(text=text(tokens, tools={"o200k_base": tools})))
    assert counted.low <= counted.expected <= counted.high
