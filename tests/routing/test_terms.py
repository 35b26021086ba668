"""Terms in the choice: tier, region, hour and cliff decide by the dollars they make of a request."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import Struct, structs

from gateway.catalog import Catalog
from gateway.routing import Asked, Surroundings, survey
from gateway.routing.terms import bought
from gateway.types.money import usd
from gateway.types.plan import Deployment, Policy, Reason
from gateway.types.terms import Terms
from tests.catalog.samples import CATALOG, carried, facts
from tests.routing.samples import codes, group

TIERS = frozenset({"default", "flex", "priority"})
# Fridays of November 2026: DeepSeek's usual hours, and its cheap ones.
PEAK, OFF_PEAK = datetime(2026, 11, 27, 9, 30, tzinfo=UTC), datetime(2026, 11, 27, 10, 0, tzinfo=UTC)


def rack(name: str, price_in: str, price_out: str, **more: Any) -> Catalog:
    """The shipped catalog with a private model that counts as OpenAI's do."""
    price = {"input": price_in, "output": price_out}
    said: dict[str, Any] = {"input": ["text"], "context_tokens": 1_000_000, "price": price}
    return CATALOG.merged({f"rack/{name}": said | more})


class Case(Struct, frozen=True):
    """Two askings of the same candidates, and (first, its dollars, the other's dollars) of each."""

    names: tuple[str, str]
    catalog: Catalog
    tokens: tuple[int, int]
    asked: tuple[Asked, Asked]
    first: tuple[tuple[str, str, str], tuple[str, str, str]]
    policies: tuple[Policy, Policy] = (Policy(), Policy())


def in_region(asked: Asked) -> Callable[[Deployment], Asked]:
    """OpenAI works where it is said, the other servers where they are."""
    return lambda deployment: asked if deployment.provider != "rack" else structs.replace(asked, region=None)


CASES = {
    "long context": Case(
        ("rack/cliff", "openai/gpt-5.4"),
        rack("cliff", "2", "12", above=[{"tokens": 200_000, "price": {"input": "4", "output": "18"}}]),
        (199_000, 201_000),
        (Asked(), Asked()),
        (("rack/cliff", "0.399812", "0.499765"), ("openai/gpt-5.4", "0.504765", "0.806724")),
    ),
    "off-peak": Case(
        ("deepseek/deepseek-v4-flash", "rack/steady"),
        rack("steady", "0.25", "1.50"),
        (100_000, 100_000),
        (Asked(at=PEAK), Asked(at=OFF_PEAK)),
        (
            ("rack/steady", "0.0252265", "0.0331821"),
            ("deepseek/deepseek-v4-flash", "0.01659105", "0.0252265"),
        ),
    ),
    "region": Case(
        ("openai/gpt-5.4", "rack/near"),
        rack("near", "2.60", "15.60"),
        (10_000, 10_000),
        (Asked(), Asked(region="eu")),
        (("openai/gpt-5.4", "0.027265", "0.0283556"), ("rack/near", "0.0283556", "0.0299915")),
    ),
    "flex": Case(
        ("openai/gpt-5.4-mini", "rack/half"),
        rack("half", "0.50", "3"),
        (10_000, 10_000),
        (Asked(tiers=TIERS), Asked(tiers=TIERS)),
        (("rack/half", "0.005453", "0.0081795"), ("openai/gpt-5.4-mini", "0.00408975", "0.005453")),
        (Policy(), Policy(tier="flex")),
    ),
    "priority": Case(
        ("openai/gpt-5.4", "rack/quick"),
        rack("quick", "3", "18", tiers={"priority": "1.2"}),
        (10_000, 10_000),
        (Asked(tiers=TIERS), Asked(tier="priority", tiers=TIERS)),
        (("openai/gpt-5.4", "0.027265", "0.032718"), ("rack/quick", "0.0392616", "0.05453")),
    ),
    "a tie": Case(
        ("rack/near", "openai/gpt-5.4"),
        rack("near", "2.50", "15"),
        (10_000, 10_000),
        (Asked(), Asked(region="eu")),
        (("openai/gpt-5.4", "0.027265", "0.027265"), ("rack/near", "0.027265", "0.0299915")),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_money_decides(case: Case) -> None:
    """What each term does to the dollars of one request is what it does to the choice."""
    for number in (0, 1):
        load = carried(tokens=case.tokens[number])
        around = Surroundings(asked=in_region(case.asked[number]))
        wanted = group(*case.names, policy=case.policies[number])
        first, other = survey(load, wanted, case.catalog, around).attempts
        seen = (first.deployment.name, usd(first.quote.expected), usd(other.quote.expected))
        assert case.first[number] == seen


def terms(name: str, asked: Asked, policy: Policy | None = None) -> Terms | str:
    """What a model is bought on, or the code of the reason why it is not."""
    found = bought(facts(name), asked, policy or Policy())
    return found.code if isinstance(found, Reason) else found[1]


@pytest.mark.parametrize(
    ("name", "asked", "policy", "expected"),
    [
        ("openai/gpt-5.4", Asked(tier="flex", tiers=TIERS), None, Terms(tier="flex")),
        ("openai/gpt-4o", Asked(tier="flex", tiers=TIERS), None, "tier_not_sold"),
        # The catalog sells it; this endpoint has no word for it.
        ("gemini/gemini-3.8-flash", Asked(tier="flex"), None, "tier_not_sold"),
        ("gemini/gemini-3.8-flash", Asked(), "flex", Terms()),
        # A policy's wish yields to what is sold, and to the request's own.
        ("openai/gpt-5.4", Asked(tiers=TIERS), "flex", Terms(tier="flex")),
        ("openai/gpt-4o", Asked(tiers=TIERS), "flex", Terms()),
        ("openai/gpt-5.4", Asked(tier="default", tiers=TIERS), "flex", Terms(tier="default")),
        ("openai/gpt-5.4", Asked(tier="priority", tiers=TIERS), "flex", Terms(tier="priority")),
        ("openai/gpt-5.4", Asked(region="eu"), None, Terms(region="eu")),
        ("openai/gpt-5.4", Asked(region="mars"), None, "region_not_sold"),
        ("anthropic/claude-haiku-4-5", Asked(region="us"), None, "region_not_sold"),
    ],
)
def test_what_is_bought(name: str, asked: Asked, policy: Any, expected: Terms | str) -> None:
    """A tier or a region that nobody is known to sell is a reason, never the usual price."""
    assert expected == terms(name, asked, Policy(tier=policy))


def test_the_reason_names_what_would_work() -> None:
    """Who asks for a tier that is not sold is told which are, and where the model is kept."""
    around = Surroundings(
        asked=lambda d: Asked(
            tier="flex" if d.name.endswith("4o") else None,
            tiers=TIERS,
            region=None if d.name.endswith("4o") else "mars",
        )
    )
    found = survey(carried(), group("openai/gpt-4o", "openai/gpt-5.4"), CATALOG, around)
    assert {"openai/gpt-4o": "tier_not_sold", "openai/gpt-5.4": "region_not_sold"} == codes(found)
    assert [
        "openai/gpt-4o is not known to be sold on service_tier flex; leave it out, or ask for priority",
        "openai/gpt-5.4 is not known to be sold in the region mars; it is in eu and us",
    ] == [rejection.reason.message for rejection in found.rejections]


@pytest.mark.parametrize("at", [PEAK, OFF_PEAK])
def test_the_money_that_is_held_covers_the_peak(at: datetime) -> None:
    """However the window ends before the call lands, the most that was quoted is not passed."""
    name = "deepseek/deepseek-v4-flash"
    around = Surroundings(asked=lambda _: Asked(at=at))
    (attempt,) = survey(carried(tokens=100_000), group(name), CATALOG, around).attempts
    (peak,) = survey(carried(tokens=100_000), group(name), CATALOG, Surroundings()).attempts
    assert peak.quote.high == attempt.quote.high
    assert attempt.quote.low * 2 == peak.quote.low
