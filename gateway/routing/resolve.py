"""Which deployments a model name means: a configured name, `provider/model`, `auto`, or a bare name."""

from collections.abc import Mapping
from difflib import get_close_matches

from msgspec import Struct, structs

from gateway.errors import failure
from gateway.types.plan import Deployment, Group, Policy, Reason


class Fleet(Struct, frozen=True):
    """Every name a client may ask for. `groups`: every name that answers, `auto` and each usable
    `provider/model` among them. `barred`: why deployments cannot be used, by name.
    """

    groups: Mapping[str, Group]
    policies: Mapping[str, Policy]
    barred: Mapping[str, Reason]

    def unready(self, deployment: Deployment) -> Reason | None:
        """Why a deployment cannot be used, None when it can."""
        return self.barred.get(deployment.name)

    def bare(self, name: str) -> tuple[Deployment, ...]:
        """Usable deployments that their provider calls `name`, as OpenAI clients ask for them."""
        return tuple(
            group.candidates[0]
            for group in self.groups.values()
            if len(group.candidates) == 1
            and group.candidates[0].upstream_model == name
            and group.name == group.candidates[0].name
        )


def resolve(name: str, fleet: Fleet, policy: str | None = None) -> Group:
    """The group behind `name`, under the named policy if one is asked for.

    Raises `model_not_found` with the nearest names, `policy_unknown`.
    """
    group = fleet.groups.get(name)
    if group is None:
        candidates = fleet.bare(name)
        if not candidates:
            raise _unknown(name, fleet)
        group = Group(name, candidates, fleet.policies["default"], gathered=True)
    return group if policy is None else structs.replace(group, policy=_policy(policy, fleet))


def _policy(name: str, fleet: Fleet) -> Policy:
    if name not in fleet.policies:
        raise failure(
            "policy_unknown",
            "x-weighbridge-policy names no configured policy;"
            f" there are: {', '.join(sorted(fleet.policies))}.",
            param="x-weighbridge-policy",
        )
    return fleet.policies[name]


def _unknown(name: str, fleet: Fleet) -> Exception:
    known = [model for model in fleet.barred if model == name or model.partition("/")[2] == name]
    if known:
        # The name is ours, not the client's: it may be told.
        reasons = "; ".join(f"{model}: {fleet.barred[model].message}" for model in sorted(known)[:3])
        hint = f" It is known but cannot be used: {reasons}."
    else:
        near = get_close_matches(name, fleet.groups, n=3, cutoff=0.5)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
    return failure(
        "model_not_found",
        f"No model of this name is configured.{hint} GET /v1/models lists what can be asked for;"
        " 'auto' takes the cheapest of them that can carry the request.",
        param="model",
    )
