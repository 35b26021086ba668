"""Tokens of text: the chat's own overhead, tool definitions, and the factor to another tokenizer.

Source: OpenAI's counting examples (providers.md 5.2), exact for gpt-4o and gpt-4o-mini. Other families
have no public offline tokenizer: their counts are those of `encoding` times a factor, with its error,
both by script where the family's tokenizer treats scripts differently.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from msgspec import Struct

from gateway.catalog.facts import ModelFacts, ScriptFactor
from gateway.types.money import Certainty
from gateway.types.weight import Encoding, Requirements, Script

# Bytes of a request's text that are counted; a text beyond them is estimated. 2 MB are half a million tokens
# of prose in 10 ms; of the worst text there is they are two tenths of a second.
EXACT_BYTES = 2_000_000
# Framing of one function, by encoding: gpt-4o's families, and gpt-4 with gpt-3.5.
_PER_FUNCTION: Mapping[Encoding, int] = {"o200k_base": 7, "cl100k_base": 10}
_PER_PROPERTIES = 3
_PER_PROPERTY = 3
_PER_ENUM = -3
_PER_ENUM_ITEM = 3
_AFTER_FUNCTIONS = 12
# Keys of a flat schema; all but `properties` are not rendered.
_PLAIN_KEYS = frozenset({"type", "properties", "required", "additionalProperties", "$schema", "title"})
# How far a foreign family's rendering of tools may be from the one counted here.
_TOOLS_ERROR = Decimal("0.15")


class Rendered(Struct, frozen=True):
    """Tool definitions as texts to count, plus `framing` tokens round them, by encoding.

    `flat`: every schema is one level of described properties, the shape whose count is documented.
    """

    texts: tuple[str, ...]
    framing: dict[Encoding, int]
    flat: bool


class Function(Struct, frozen=True):
    """A tool as rendering needs it. `schema`: JSON Schema of its arguments."""

    name: str
    description: str | None
    schema: Mapping[str, Any] | None


def render_tools(functions: Sequence[Function], response_schema: Mapping[str, Any] | None = None) -> Rendered:
    """The texts that tool definitions come to, and the tokens of their framing.

    Per function 7 (10 in cl100k families) and `name:description`; per property 3 and
    `key:type:description`, with 3 once; an enum takes 3 off and adds 3 an item; 12 at the end. Deeper
    schemas are counted as their JSON text: an estimate, as is a response schema.
    """
    texts: list[str] = []
    framing, flat = 0, response_schema is None
    for function in functions:
        texts.append(f"{function.name}:{_undotted(function.description)}")
        schema = function.schema or {}
        deeper = {key: value for key, value in schema.items() if key not in _PLAIN_KEYS}
        if deeper:
            texts.append(json.dumps(deeper, ensure_ascii=False))
            flat = False
        properties = schema.get("properties")
        if not isinstance(properties, Mapping) or not properties:
            flat = flat and not properties
            continue
        framing += _PER_PROPERTIES
        for key, value in properties.items():
            more, text, simple = _property(key, value)
            framing += more
            texts += text
            flat = flat and simple
    if response_schema is not None:
        texts.append(json.dumps(response_schema, ensure_ascii=False))
    end = _AFTER_FUNCTIONS if functions else 0
    return Rendered(
        texts=tuple(texts),
        framing={encoding: framing + per * len(functions) + end for encoding, per in _PER_FUNCTION.items()},
        flat=flat,
    )


def _property(key: str, schema: Any) -> tuple[int, list[str], bool]:
    """(framing tokens, texts, whether the documented rule covers it) of one property."""
    if not isinstance(schema, Mapping):
        return _PER_PROPERTY, [f"{key}:{json.dumps(schema)}"], False
    framing, texts = _PER_PROPERTY, []
    enum = schema.get("enum")
    if isinstance(enum, Sequence) and not isinstance(enum, str):
        framing += _PER_ENUM + _PER_ENUM_ITEM * len(enum)
        texts += [item if isinstance(item, str) else json.dumps(item) for item in enum]
    kind, description = schema.get("type"), schema.get("description")
    texts.append(f"{key}:{kind if isinstance(kind, str) else ''}:{_undotted(description)}")
    rest = {name: value for name, value in schema.items() if name not in {"enum", "type", "description"}}
    if rest:
        texts.append(json.dumps(rest, ensure_ascii=False))
    return framing, texts, not rest and isinstance(kind, str)


def _undotted(description: object) -> str:
    return description.removesuffix(".") if isinstance(description, str) else ""


def own_factor(facts: ModelFacts, scripts: Mapping[Script, int]) -> tuple[Decimal, Decimal]:
    """The model's own tokens for one of its encoding's, and how far off that may be, as a share.

    Each script counts by the tokens it makes; those without a factor of their own take the model's.
    """
    whole = sum(scripts.values())
    if not facts.scripts or not whole:
        return facts.token_factor, facts.token_error
    usual = ScriptFactor(facts.token_factor, facts.token_error)
    own = off = Decimal(0)
    for script, tokens in scripts.items():
        given = facts.scripts.get(script, usual)
        own += tokens * given.factor
        off += tokens * given.factor * given.error
    return own / whole, off / own if own else Decimal(0)


class TextTokens(Struct, frozen=True):
    """Input tokens of text at one model."""

    low: int
    expected: int
    high: int
    certainty: Certainty


def text_tokens(facts: ModelFacts, load: Requirements) -> TextTokens:
    """Text, chat overhead and tools of a request in the model's own tokens."""
    weight, chat = load.text, facts.chat
    words = weight.tokens[facts.encoding] + chat.message * weight.messages + chat.name * weight.names
    words += chat.reply
    tools = weight.tools.get(facts.encoding, 0)
    added = 0
    if facts.tools_prompt is not None and "tools" in load.features:
        added = facts.tools_prompt.forced if weight.tools_forced else facts.tools_prompt.auto
    factor, error = own_factor(facts, weight.scripts)
    uncounted = weight.errors.get(facts.encoding, 0)
    tools_error = Decimal(0)
    if tools:
        sure = facts.tools_exact and weight.tools_flat
        tools_error = error if sure else max(error, _TOOLS_ERROR)

    if error == 0 and tools_error == 0 and factor == 1 and uncounted == 0:
        exact = words + tools + added
        return TextTokens(exact, exact, exact, "exact")

    def total(sign: int) -> Decimal:
        text = words * (1 + sign * error) + tools * (1 + sign * tools_error) + sign * uncounted
        return factor * max(text, Decimal(0)) + added

    return TextTokens(
        low=int(total(-1).to_integral_value(rounding=ROUND_FLOOR)),
        expected=int(total(0).to_integral_value(rounding=ROUND_HALF_UP)),
        high=int(total(1).to_integral_value(rounding=ROUND_CEILING)),
        certainty="estimated",
    )
