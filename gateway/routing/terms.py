"""On which terms a candidate is bought: the tier that was asked for, where its provider works, this hour.

| asked | sold there, and its endpoint can be told | not so |
|---|---|---|
| the request says flex or priority | bought on it | rejected: `tier_not_sold` |
| the policy says it, the request nothing | bought on it | bought as usual |
| the request says default | bought as usual, whatever the policy says | |
| the provider works in a region | bought with its uplift | rejected: `region_not_sold` |
"""

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct, structs

from gateway.catalog import ModelFacts
from gateway.catalog.terms import under
from gateway.types.plan import Policy, Reason
from gateway.types.terms import Terms, Wish


class Asked(Struct, frozen=True):
    """What is wanted of one deployment. `tier`: as the request says, None if it leaves that to others.

    `tiers`: those that its endpoint can be told. `region`: where its provider works. `at`: now.
    """

    tier: Wish | None = None
    tiers: Collection[str] = ()
    region: str | None = None
    at: datetime | None = None


def bought(facts: ModelFacts, asked: Asked, policy: Policy) -> tuple[ModelFacts, Terms] | Reason:
    """The facts at the rates that hold, and the terms; or why the model is not sold on them."""
    usual = Terms(region=asked.region, at=asked.at)
    at_all = under(facts, usual)
    if at_all is None:
        regions = " and ".join(sorted(facts.selling.regions)) or "none that is known"
        words = f"{facts.name} is not known to be sold in the region {asked.region}; it is in {regions}"
        return Reason("region_not_sold", words)
    if asked.tier == "default":
        return at_all, structs.replace(usual, tier="default")
    tier = asked.tier or policy.tier
    if tier is None:
        return at_all, usual
    terms = structs.replace(usual, tier=tier)
    found = under(facts, terms) if tier in asked.tiers else None
    if found is not None:
        return found, terms
    if asked.tier is None:
        return at_all, usual
    return Reason("tier_not_sold", _not_sold(facts, tier, asked.tiers))


def _not_sold(facts: ModelFacts, tier: str, tiers: Collection[str]) -> str:
    if tier in facts.selling.tiers:
        return f"the endpoint of {facts.provider} cannot be asked for service_tier {tier}; leave it out"
    sold = sorted({str(name) for name in facts.selling.tiers} & set(tiers))
    would = f"leave it out, or ask for {' or '.join(sold)}" if sold else "leave it out"
    return f"{facts.name} is not known to be sold on service_tier {tier}; {would}"
