"""What happened, as observations on the rows of `instruments`: pure, so that it is told in one place."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, TypeAlias

from msgspec import Struct

from gateway.ports import Meters
from gateway.types.money import NANO, Modality
from gateway.types.outcome import End, Settlement
from gateway.types.plan import Deployment, Plan
from gateway.types.weight import Requirements

Verb: TypeAlias = Literal["add", "observe", "set"]

OTHER = "other"


class Observation(Struct, frozen=True):
    """One number for one series. Money is in nanodollars."""

    verb: Verb
    name: str
    value: float
    labels: tuple[str, ...] = ()


class Known(Struct, frozen=True):
    """The names that configuration knows; no other value becomes a label."""

    models: frozenset[str] = frozenset()
    providers: frozenset[str] = frozenset()
    tenants: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()

    def deployment(self, deployment: Deployment | None) -> tuple[str, str]:
        """(provider, model)."""
        if deployment is None:
            return "none", "none"
        return bounded(deployment.provider, self.providers), bounded(deployment.name, self.models)

    def tenant(self, tenant: str) -> str:
        """The tenant, `other` if it is not configured."""
        return bounded(tenant, self.tenants)


class RequestFacts(Struct, frozen=True):
    """One request as metrics see it. Times in seconds; `deployment` None: nothing was tried.

    `route`: the model name asked for. `first_token`: None for plain answers and where none came.
    """

    operation: str
    route: str
    end: End
    duration: float
    overhead: float | None = None
    first_token: float | None = None
    deployment: Deployment | None = None


def bounded(value: str, known: frozenset[str]) -> str:
    """The value if configuration knows it, else `other`."""
    return value if value in known else OTHER


def of_request(facts: RequestFacts, known: Known) -> list[Observation]:
    """A request ended."""
    served = known.deployment(facts.deployment)
    labels = (facts.operation, *served)
    route = bounded(facts.route, known.routes)
    found = [
        Observation("add", "weighbridge_requests_total", 1, (facts.operation, route, *served, facts.end)),
        Observation("observe", "weighbridge_request_duration_seconds", facts.duration, labels),
    ]
    if facts.overhead is not None:
        found.append(Observation("observe", "weighbridge_overhead_seconds", facts.overhead, labels))
    if facts.first_token is not None:
        name = "weighbridge_time_to_first_token_seconds"
        found.append(Observation("observe", name, facts.first_token, labels))
    return found


def of_settlement(
    settlement: Settlement, deployment: Deployment, tenant: str, known: Known
) -> list[Observation]:
    """An attempt, or a cache hit of that deployment's answer, was settled: money, tokens, savings, drift."""
    provider, model = known.deployment(deployment)
    payer = known.tenant(tenant)
    found = []
    for item in settlement.items:
        labels = (provider, model, item.modality, item.direction)
        spend = (*labels, payer, settlement.source)
        found.append(Observation("add", "weighbridge_spend_usd_total", item.nanodollars, spend))
        if item.unit == "token":
            tokens = float(Decimal(item.quantity))
            found.append(Observation("add", "weighbridge_tokens_total", tokens, (*labels, item.kind)))
    for saving in settlement.savings:
        name = "weighbridge_saved_usd_total" if saving.nanodollars > 0 else "weighbridge_extra_usd_total"
        labels3 = (saving.reason, model, saving.modality)
        found.append(Observation("add", name, abs(saving.nanodollars), labels3))
    for modality, ratio in settlement.ratios:
        found.append(Observation("observe", "weighbridge_quote_ratio", ratio, (provider, model, modality)))
    return found


def of_correction(
    deployment: Deployment, modality: Modality, times: float, known: Known
) -> list[Observation]:
    """A model's modality is quoted at `times` its rule from now on."""
    labels = (*known.deployment(deployment), modality)
    return [Observation("set", "weighbridge_quote_correction", times, labels)]


def of_unpriced(deployment: Deployment, known: Known) -> list[Observation]:
    """A model without a price served a request."""
    return [Observation("add", "weighbridge_unpriced_requests_total", 1, known.deployment(deployment))]


def of_plan(plan: Plan, known: Known) -> list[Observation]:
    """Candidates that were not chosen: rejected ones by their reason, suitable ones as `dearer`."""
    turned = [(rejection.deployment, rejection.reason.code) for rejection in plan.rejections]
    turned += [(attempt.deployment, "dearer") for attempt in plan.attempts[1:]]
    return [
        Observation("add", "weighbridge_rejections_total", 1, (known.deployment(deployment)[1], code))
        for deployment, code in turned
    ]


def of_fallback(deployment: Deployment, reason: str, known: Known) -> list[Observation]:
    """An attempt failed and another follows. `reason`: a row of `gateway.errors`."""
    labels = (*known.deployment(deployment), reason)
    return [Observation("add", "weighbridge_fallbacks_total", 1, labels)]


def of_breaker(deployment: Deployment, reason: str, known: Known, *, opened: bool) -> list[Observation]:
    """A deployment is skipped, or no longer. `reason`: the row of `gateway.errors` that it is skipped for."""
    labels = (*known.deployment(deployment), reason)
    return [Observation("set", "weighbridge_breaker_open", float(opened), labels)]


def of_budget(tenant: str, remaining: int, known: Known) -> list[Observation]:
    """What is left of a tenant's budget, in nanodollars."""
    labels = (known.tenant(tenant),)
    return [Observation("set", "weighbridge_budget_remaining_usd", remaining / NANO, labels)]


def of_budget_refusal(tenant: str, known: Known) -> list[Observation]:
    """A request was refused for want of budget."""
    return [Observation("add", "weighbridge_budget_refusals_total", 1, (known.tenant(tenant),))]


def of_lookup(result: Literal["hit", "miss", "bypass", "joined"]) -> list[Observation]:
    """The cache was asked, or passed by."""
    return [Observation("add", "weighbridge_cache_lookups_total", 1, (result,))]


def of_media(load: Requirements, stage: Literal["received", "sent"]) -> list[Observation]:
    """Media bytes by kind."""
    sums: dict[str, int] = {}
    for fact in load.media:
        sums[fact.modality] = sums.get(fact.modality, 0) + fact.size
    return [
        Observation("add", "weighbridge_media_bytes_total", size, (kind, stage))
        for kind, size in sums.items()
    ]


def apply(meters: Meters, observations: Iterable[Observation]) -> None:
    """Hand the observations to the port."""
    for seen in observations:
        match seen.verb:
            case "add":
                meters.add(seen.name, seen.value, seen.labels)
            case "observe":
                meters.observe(seen.name, seen.value, seen.labels)
            case "set":
                meters.set(seen.name, seen.value, seen.labels)
