"""Grounds: what the price of a candidate rests on, and whether that is to be doubted. Pure.

| doubt | holds when |
|---|---|
| `stale` | the source is older than `STALE_DAYS`, or the price has ended |
| `ends_soon` | the price ends, or the model retires, within `SOON_DAYS` |
| not `confirmed` | neither the provider's documents, nor a measurement, nor the operator say so |

An old price is not a stale one: `since` is the day from which it holds, and what ages is the day of its
source (`checked`). Where nobody wrote that down, the day from which it holds is the last that is known.
"""

from datetime import date
from typing import Any, Final

from gateway.catalog import ModelFacts
from gateway.catalog.facts import CONFIRMED

STALE_DAYS: Final = 180
SOON_DAYS: Final = 30


def grounds(facts: ModelFacts, on: date) -> dict[str, Any]:
    """`facts` of a candidate on a day. Dates are ISO 8601, `since` None where the operator gave no day."""
    told: dict[str, Any] = {"since": None if facts.valid_from == date.min else facts.valid_from.isoformat()}
    if facts.valid_to is not None:
        told["until"] = facts.valid_to.isoformat()
    if facts.checked is not None:
        told["checked"] = facts.checked.isoformat()
    return told | {
        "confidence": facts.confidence,
        "confirmed": facts.confidence in CONFIRMED,
        "source": facts.source,
        "stale": _stale(facts, on),
        "ends_soon": facts.valid_to is not None and 0 < (facts.valid_to - on).days <= SOON_DAYS,
    }


def _stale(facts: ModelFacts, on: date) -> bool:
    if facts.valid_to is not None and facts.valid_to <= on:
        return True
    if facts.confidence == "operator" and facts.checked is None:
        # The operator's word holds for as long as it stands in the configuration.
        return False
    return (on - (facts.checked or facts.valid_from)).days > STALE_DAYS
