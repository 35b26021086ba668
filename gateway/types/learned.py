"""What earlier answers taught: how far a model's count is from its rule, and how long its answers are."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from gateway.types.money import Modality

COLD_START_TOKENS: Final = 150
"""An answer's length is unknown beforehand: with no history this many tokens are expected of one choice,
about two paragraphs. A larger guess lets a low output rate hide what an image costs: beyond 203 tokens
gpt-4o-mini looks cheaper than gpt-4o for a photo.
"""

Kind: TypeAlias = Literal["ratio", "answer"]

# The weight that a tally remembers: tokens, and answers. Older sightings fade as new weight comes, so that
# what changed shows within so much, and a thousand tiny prompts push out no long one.
MEMORY: Final[dict[Kind, int]] = {"ratio": 32_000, "answer": 200}


class Lesson(Struct, frozen=True):
    """What a tally is of.

    `ratio`: reported over documented input tokens of a model; `about` names modality and rule. `answer`:
    output tokens of a choice; `about` is the task, `tenant` whose, `model` empty: whichever answered.
    """

    kind: Kind
    model: str
    about: str
    tenant: str = ""


class Tally(Struct, frozen=True):
    """How often something was seen, and how heavy and how much it was: `total / weight` is its mean."""

    count: float = 0.0
    weight: float = 0.0
    total: float = 0.0

    @property
    def mean(self) -> float:
        """Weighted; 0 where nothing was seen."""
        return self.total / self.weight if self.weight else 0.0

    def plus(self, other: "Tally", memory: int) -> "Tally":
        """Both, with all faded alike to a weight of `memory`. In which order they came matters little."""
        weight = self.weight + other.weight
        fade = min(1.0, memory / weight) if weight else 1.0
        return Tally((self.count + other.count) * fade, weight * fade, (self.total + other.total) * fade)


class Correction(Struct, frozen=True):
    """A model counts `times` what its rule says of a modality, as `answers` answers reported."""

    times: Decimal
    answers: int


class Expectation(Struct, frozen=True):
    """The length expected of one choice in tokens. `answers` 0: nothing of the kind was ever answered."""

    tokens: int
    answers: int = 0


class Learned(Struct, frozen=True):
    """What is known of one model for one tenant and task, beyond the catalog."""

    corrections: Mapping[Modality, Correction] = {}
    answer: Expectation = Expectation(COLD_START_TOKENS)


NOTHING: Final = Learned()
