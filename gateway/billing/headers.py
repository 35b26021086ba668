"""The answer headers, and LiteLLM's names for the same facts."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from gateway.types.money import usd
from gateway.types.plan import Step


class AnswerFacts(Struct, frozen=True):
    """What the headers say. Amounts in nanodollars; None: not known (yet), the header is left out.

    `model`: name of the deployment that answered. `steps`: preparations it got, with `kinds` naming the
    kind of each medium by its ordinal. `overhead_ms`: time spent here, not upstream.
    """

    request_id: str
    model: str | None = None
    cost: int | None = None
    quoted: int | None = None
    saved: int | None = None
    cache: Literal["hit", "miss", "bypass", "joined"] = "miss"
    steps: tuple[Step, ...] = ()
    kinds: Mapping[int, str] = {}
    attempts: int = 0
    overhead_ms: float | None = None


def headers(facts: AnswerFacts) -> list[tuple[str, str]]:
    """Names and values. In a stream the head leaves before cost and saving are known: give None there."""
    found: dict[str, str | None] = {
        "x-weighbridge-request-id": facts.request_id,
        "x-litellm-call-id": facts.request_id,
        "x-weighbridge-model": facts.model,
        "x-litellm-model-id": facts.model,
        "x-weighbridge-cost-usd": _money(facts.cost),
        "x-litellm-response-cost": _money(facts.cost),
        "x-weighbridge-quoted-usd": _money(facts.quoted),
        "x-weighbridge-saved-usd": _money(facts.saved),
        "x-weighbridge-cache": facts.cache,
        "x-weighbridge-prepared": ", ".join(prepared(step, facts.kinds) for step in facts.steps) or None,
        "x-weighbridge-attempts": str(facts.attempts),
        "x-weighbridge-overhead-ms": _milliseconds(facts.overhead_ms),
        "x-litellm-overhead-duration-ms": _milliseconds(facts.overhead_ms),
    }
    return [(name, _visible(value)) for name, value in found.items() if value is not None]


def prepared(step: Step, kinds: Mapping[int, str]) -> str:
    """One preparation: `image:0:4032x3024>1456x1092`, or `image:0:strip` where pixels stayed.

    Another step than a downscale is named, and another format: `image:0:recode:800x600>800x600:jpeg`.
    Another level of detail than the client's comes last: `image:0:detail:low`.
    """
    medium = f"{kinds.get(step.part, 'media')}:{step.part}"
    level = "" if step.level is None else f":{step.level}"
    if step.from_ is None or step.to is None:
        return f"{medium}:{step.step}{level}"
    name = "" if step.step == "downscale" else f":{step.step}"
    form = "" if step.format is None else f":{step.format}"
    return f"{medium}{name}:{step.from_[0]}x{step.from_[1]}>{step.to[0]}x{step.to[1]}{form}{level}"


def _money(nano: int | None) -> str | None:
    return None if nano is None else usd(nano)


def _milliseconds(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"


def _visible(value: str) -> str:
    # Names come from configuration, which may hold anything; a header may not.
    if value.isascii() and value.isprintable():
        return value
    return "".join(sign if " " <= sign <= "~" else "?" for sign in value)
