"""Which deployments can carry a request, in which order, and why every other one was not chosen."""

from typing import Literal, TypeAlias

from msgspec import Struct

from gateway.types.learned import NOTHING, Learned
from gateway.types.money import Quote
from gateway.types.terms import USUAL, Terms

PrepareKind: TypeAlias = Literal["strip", "downscale", "near_lossless", "legible", "recode", "detail"]
TransformKind: TypeAlias = Literal["pdf_text"]
StepKind: TypeAlias = PrepareKind | TransformKind
Level: TypeAlias = Literal["low", "high", "original"]
StepFormat: TypeAlias = Literal["jpeg", "plain"]


class Step(Struct, frozen=True, rename={"from_": "from"}):
    """One preparation of one medium. Sizes are (width, height) upright; None where pixels stay.

    `format`: what it is encoded as when not in its own format; `plain`: JPEG or PNG, by what it holds.
    `level`: the level of detail that is asked for in the place of the client's; the step is called `detail`
    when nothing else is done.
    """

    part: int
    step: StepKind
    from_: tuple[int, int] | None = None
    to: tuple[int, int] | None = None
    format: StepFormat | None = None
    level: Level | None = None


class Policy(Struct, frozen=True):
    """What may be done to a request. `prepare`: preparations allowed. `max_attempts`: tries in all.

    `transform`: changes of modality allowed: `pdf_text`, a document as the text of its pages.
    `glyph_height`: pixels that the median glyph keeps under `legible`. `tier`: asked for where it is sold,
    unless the request says otherwise. `quality_floor`: the least known quality that may answer, 0 to 1.
    """

    name: str = "default"
    prepare: frozenset[PrepareKind] = frozenset({"strip", "downscale"})
    transform: frozenset[TransformKind] = frozenset()
    glyph_height: float = 11.0
    unpriced: bool = False
    max_attempts: int = 3
    tier: Literal["flex", "priority"] | None = None
    quality_floor: float | None = None


class Deployment(Struct, frozen=True):
    """A model at a provider: `name` is `provider/model` as clients and metrics say it.

    `upstream_model` is what the provider calls it. Facts live in the catalog under `name`, the
    provider's row under `provider`.
    """

    name: str
    provider: str
    upstream_model: str


class Group(Struct, frozen=True):
    """A model name and what may stand behind it, in the operator's order.

    `gathered`: nobody chose these together (`auto`, or a bare name that several providers know), so models
    on standby come after all others.
    """

    name: str
    candidates: tuple[Deployment, ...]
    policy: Policy = Policy()
    gathered: bool = False


class Reason(Struct, frozen=True):
    """Why a candidate was not chosen. `part`: ordinal of the medium in the way, with its `kind`."""

    code: str
    message: str
    part: int | None = None
    kind: str | None = None


class Variant(Struct, frozen=True):
    """One way to prepare a request for a deployment, as it was weighed. `reason`: why it does not fit.

    The quote is there when one was made.
    """

    steps: tuple[Step, ...]
    quote: Quote | None = None
    reason: Reason | None = None


class Attempt(Struct, frozen=True):
    """One deployment with the preparation it wants and what that costs.

    `unprepared`: the quote of the same deployment for the request as it came, to tell what
    preparation saves. `standby`: taken by `auto` only when nothing else can carry the request.
    `learned`: what both quotes were made with, beside the catalog. `terms`: what they are bought on.
    `resting`: why it is tried only because every other candidate rests too. `variants`: what was weighed,
    this among it, where there was more than one way.
    """

    deployment: Deployment
    steps: tuple[Step, ...]
    quote: Quote
    unprepared: Quote
    standby: str | None = None
    learned: Learned = NOTHING
    terms: Terms = USUAL
    resting: Reason | None = None
    variants: tuple[Variant, ...] = ()


class Rejection(Struct, frozen=True):
    """A candidate that cannot carry the request, or may not. The quote is there when one was made.

    `steps`: those with which it was judged. `variants`: see `Attempt`.
    """

    deployment: Deployment
    reason: Reason
    quote: Quote | None = None
    steps: tuple[Step, ...] = ()
    variants: tuple[Variant, ...] = ()


class Plan(Struct, frozen=True):
    """`attempts` in the order they will be tried (never empty); `rejections` hold all the rest.

    `baseline`: expected nanodollars at the operator's first-named candidate, None when there is no
    such reference; what routing saved is told against it.
    """

    model: str
    attempts: tuple[Attempt, ...]
    rejections: tuple[Rejection, ...]
    policy: Policy
    baseline: int | None = None
