"""What really happened, and what it really cost."""

from typing import Literal, TypeAlias

from msgspec import Struct

from gateway.types.money import LineItem, Modality
from gateway.types.terms import Tier

Source: TypeAlias = Literal["reported", "predicted"]
End: TypeAlias = Literal["finished", "failed", "cancelled", "disconnected", "refused"]
SavingReason: TypeAlias = Literal["cache", "routing", "preparation", "transformation"]


class Usage(Struct, frozen=True):
    """One record for all providers. Token counts.

    `input` includes `cached` and `cache_write` and the media tokens; `output` includes `reasoning`.
    Media counts are None when the provider does not split them. `cached_image` and `cached_audio` are the
    parts of `cached` that it tells apart, `cache_write_long` is the part of `cache_write` that stays for the
    longer time. `cpu_seconds`: of an embedded engine. `tier`, `region`: where the provider says it served;
    `cost`: nanodollars that it says it bills; None when it does not say.
    """

    input: int | None = None
    output: int | None = None
    cached: int = 0
    cache_write: int = 0
    reasoning: int = 0
    image: int | None = None
    audio: int | None = None
    video: int | None = None
    document: int | None = None
    output_audio: int = 0
    cpu_seconds: float | None = None
    cached_image: int = 0
    cached_audio: int = 0
    cache_write_long: int = 0
    tier: Tier | Literal["default"] | None = None
    region: str | None = None
    cost: int | None = None


class Outcome(Struct, frozen=True):
    """How one attempt ended. `sent`: the request left for the upstream. `started`: an answer byte came.

    `refused`: the provider answered with an error status. `complete`: an explicit end was seen.
    `output_characters`: visible text received, to predict usage when none was reported. `error`: a row
    of `gateway.errors`.
    """

    end: End
    sent: bool = False
    started: bool = False
    refused: bool = False
    complete: bool = False
    usage: Usage | None = None
    output_characters: int = 0
    output_tokens_seen: int = 0
    error: str | None = None
    finish_reasons: tuple[str, ...] = ()


class LedgerLine(Struct, frozen=True):
    """One line of the ledger: one modality, direction and kind of one attempt. Amounts in nanodollars.

    `operation` is minted inside; `line` numbers the lines of an operation, so (operation, line) is
    unique and writing twice changes nothing. `at`: ISO 8601, UTC.
    """

    operation: str
    line: int
    at: str
    tenant: str
    model: str
    provider: str
    item: LineItem
    source: Source
    end: End


class Saving(Struct, frozen=True):
    """Nanodollars not spent, and why. Negative when a road proved dearer."""

    reason: SavingReason
    modality: str
    nanodollars: int


class Settlement(Struct, frozen=True):
    """The account of one attempt. Sum of `items` = cost, exactly."""

    items: tuple[LineItem, ...]
    source: Source
    savings: tuple[Saving, ...]
    # Reported over quoted tokens per modality, where both are known and the quote is not zero.
    ratios: tuple[tuple[Modality, float], ...] = ()

    @property
    def cost(self) -> int:
        """Nanodollars."""
        return sum(item.nanodollars for item in self.items)

    @property
    def saved(self) -> int:
        """Nanodollars."""
        return sum(saving.nanodollars for saving in self.savings)
