"""Groups of shipped deployments, and a survey of them."""

from typing import Any

from gateway.catalog import Catalog
from gateway.routing import Surroundings, Survey, explain, survey
from gateway.types.plan import Deployment, Group, Plan, Policy
from gateway.types.weight import Requirements
from tests.catalog.samples import CATALOG, TODAY


def deployment(name: str) -> Deployment:
    """The deployment of a model under its provider's own name."""
    provider, _, model = name.partition("/")
    return Deployment(name, provider, model)


AUTO = "auto"


def group(*names: str, called: str = "vision", policy: Policy | None = None) -> Group:
    """A configured group."""
    return Group(called, tuple(map(deployment, names)), policy or Policy(), gathered=called == AUTO)


def judged(load: Requirements, *names: str, called: str = "vision", policy: Policy | None = None) -> Survey:
    """A survey with nothing in the way but the models themselves."""
    return survey(load, group(*names, called=called, policy=policy), CATALOG, Surroundings())


def told(load: Requirements, found: Survey | Plan, called: str = "vision", catalog: Catalog = CATALOG) -> Any:
    """The document of a survey, on the day of the samples."""
    return explain(called, load, found, catalog, TODAY)


def order(found: Survey) -> list[str]:
    """Names of the attempts, first to last."""
    return [attempt.deployment.name for attempt in found.attempts]


def codes(found: Survey) -> dict[str, str]:
    """Reason codes by rejected deployment."""
    return {rejection.deployment.name: rejection.reason.code for rejection in found.rejections}
