"""What a tally says: a correction of a model's rule, a length to expect of its answers. Pure.

A correction is the mean of reported over documented tokens, weighed by tokens, so that the overhead of a
short prompt is not taken for a formula. It acts once `ENOUGH` answers with `TOKENS` between them say so and
the rule is `TOLERATED` off, and never beyond `BOUNDS`: what lies outside is shown by the drift, which then
does not close.

The expected length is the mean of what a tenant's task had before, at this model, drawn towards the mean at
all models, that one towards the cold start: each counts as `PRIOR` answers. So a model that was never tried
is expected to write as much as the others do, and no choice is made by who has history.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from gateway.types.learned import COLD_START_TOKENS, Correction, Expectation, Tally
from gateway.types.money import Modality
from gateway.types.weight import Requirements

ENOUGH: Final = 20
TOKENS: Final = 2_000
TOLERATED: Final = Decimal("0.05")
BOUNDS: Final = (Decimal("0.5"), Decimal(2))
PRIOR: Final = 10
# A ratio counts by its tokens, up to this many: one book must not outvote a hundred letters.
_HEAVY: Final = 1_000
# What a prompt has beside its content, a word of the provider's own say, is no formula.
_FRAMING: Final = 32
# Below so many tokens a ratio says nothing of a formula.
_LIGHT: Final = 100
# A single answer says no more than this.
_CLIPPED: Final = (0.25, 4.0)
_STEP: Final = Decimal("0.01")


def seen_ratio(ratio: float, tokens: float) -> Tally:
    """One answer's reported over documented tokens; `tokens`: as documented. A few of them weigh nothing."""
    least, most = _CLIPPED
    if tokens < _LIGHT:
        return Tally()
    weight = min(tokens, _HEAVY)
    if abs(ratio - 1) * tokens <= _FRAMING:
        ratio = 1.0
    return Tally(1.0, weight, weight * min(max(ratio, least), most))


def seen_answer(tokens: float) -> Tally:
    """One choice's output tokens."""
    return Tally(1.0, 1.0, tokens)


def correction(tally: Tally) -> Correction | None:
    """How many times its rule a model counts; None while too few answers say it, or it hardly differs."""
    times = Decimal(repr(tally.mean)).quantize(_STEP)
    if not _says_enough(tally) or abs(times - 1) < TOLERATED:
        return None
    least, most = BOUNDS
    return Correction(min(max(times, least), most), round(tally.count))


def _says_enough(tally: Tally) -> bool:
    return tally.count >= ENOUGH and tally.weight >= TOKENS


def expectation(own: Tally, at_all: Tally) -> Expectation:
    """The tokens of one choice: `own` at this model, `at_all` models for the same task, this one too."""
    others = Tally(at_all.count, max(at_all.weight - own.weight, 0.0), max(at_all.total - own.total, 0.0))
    usual = _drawn(others, COLD_START_TOKENS)
    return Expectation(max(round(_drawn(own, usual)), 1), round(at_all.count))


def _drawn(tally: Tally, prior: float) -> float:
    return (tally.total + PRIOR * prior) / (tally.weight + PRIOR)


def task(load: Requirements) -> str:
    """What kind of question it is: what goes in, and the form the answer has to have."""
    asked = sorted(load.features & {"tools", "schema"})
    return "+".join([*sorted(load.modalities), *asked])


def corrections(ratios: Mapping[Modality, Tally]) -> dict[Modality, Correction]:
    """The corrections that act."""
    found = {modality: correction(tally) for modality, tally in ratios.items()}
    return {modality: acting for modality, acting in found.items() if acting is not None}


def told(tally: Tally) -> str:
    """A ratio in words: what acts, or why nothing does."""
    acting = correction(tally)
    answers = f"{tally.count:.0f} answers"
    if acting is not None:
        bound = ", the most it may" if acting.times in BOUNDS else ""
        return f"x{acting.times} after {answers}{bound}: the rule in the catalog is off"
    if not _says_enough(tally):
        so_far = f"{answers} of {tally.weight:,.0f} tokens so far (x{tally.mean:.2f})"
        return f"none: {so_far}; {ENOUGH} of {TOKENS:,} are needed"
    return f"none: the rule holds, x{tally.mean:.2f} over {answers}"
