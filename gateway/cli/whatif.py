"""What candidates without a key would cost, laid beside what the server would choose. Pure."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from gateway.config import Settings
from gateway.routing.why import with_whys

NO_KEY = "no_credentials"


class Key(Struct, frozen=True):
    """A key that would change the choice: the candidate behind it, and what has to be set.

    `standby`: why the one that is chosen now would step back for it, None when it is not on standby.
    """

    model: str
    remedy: str
    standby: str | None = None


def with_costs(
    found: Mapping[str, Any], imagined: Mapping[str, Any], settings: Settings
) -> tuple[dict[str, Any], Key | None]:
    """The document `found`, with what candidates without a key cost in `imagined`, where all had one.

    Best first: what can be sent, what lacks a key alone, what cannot carry the request; the best three of
    these say why, beside each other and not beside those of the document they come from. The key: of the
    candidate that would be chosen if all had one, None when that would change nothing.
    """
    providers = {deployment.name: deployment.provider for deployment in settings.deployments}
    costs = {item["model"]: item for item in imagined["candidates"]}
    rank = {name: place for place, name in enumerate(costs)}
    sent: list[dict[str, Any]] = []
    keyless: list[dict[str, Any]] = []
    unfit: list[dict[str, Any]] = []
    for item in found["candidates"]:
        marked = item | {"credentials": settings.providers[providers[item["model"]]].credentials}
        if item["verdict"] != "rejected":
            sent.append(marked)
            continue
        # With a key it might be rejected for something else; that says more than the missing key.
        would = costs[item["model"]] if item["reason"]["code"] == NO_KEY else item
        fits = would["verdict"] != "rejected"
        kept = {"verdict": "rejected", "reason": item["reason"]} if fits else {}
        (keyless if fits else unfit).append(marked | would | kept)
    keyless.sort(key=lambda item: rank[item["model"]])
    document = {**found, "candidates": with_whys([*sent, *keyless, *unfit])}
    best = imagined["chosen"]
    if best is None or best == found["chosen"]:
        return document, None
    now = costs.get(found["chosen"], {}).get("reason") or {}
    standby = now["message"] if now.get("code") == "standby" else None
    return document, Key(best, _remedy(providers[best], settings), standby)


def _remedy(provider: str, settings: Settings) -> str:
    """What to set: without a file a variable is enough, a file has its own place for the key."""
    variables = settings.providers[provider].row.api_key_env
    return variables[0] if settings.source is None and variables else f"a key for {provider}"
