"""From settings to a house, and what two houses share."""

import base64
from datetime import date

import pytest
from msgspec import structs

from gateway import _core
from gateway.adapters.prometheus import PrometheusMeters
from gateway.app.build import build_house, open_cache, open_services, same_store
from gateway.catalog import load as load_catalog
from gateway.config import CacheSettings, MediaSettings, Settings, discover
from gateway.types.outcome import Outcome
from gateway.types.plan import Policy
from gateway.types.principal import Secret


@pytest.fixture
def settings() -> Settings:
    """What one provider's key offers."""
    return discover(
        environment={"OPENAI_API_KEY": "sk-of-openai"}, catalog=load_catalog(on=date(2026, 11, 21))
    )


REDIS = CacheSettings(store="redis", url=Secret("redis://cache/0"), address="redis://cache/0")


@pytest.mark.parametrize(
    ("same", "one", "other"),
    [
        (True, CacheSettings(), CacheSettings(ttl=1.0)),
        (False, CacheSettings(), CacheSettings(max_bytes=1)),
        (False, CacheSettings(), CacheSettings(store="off")),
        (False, CacheSettings(), REDIS),
        (True, REDIS, structs.replace(REDIS, max_bytes=1)),
        (False, REDIS, structs.replace(REDIS, url=Secret("redis://cache/1"))),
    ],
)
def test_a_store_is_kept_where_it_is_the_same(same: bool, one: CacheSettings, other: CacheSettings) -> None:
    """How long answers are kept is a rule and no other store; another size or address is one."""
    assert same == same_store(one, other)


async def test_the_epoch_tells_who_may_answer_and_how(settings: Settings) -> None:
    """Another address behind a model's name, or another rule, is another epoch; another key is not."""
    openai = settings.providers["openai"]
    moved = structs.replace(openai, row=structs.replace(openai.row, base_url="http://127.0.0.1:1/v1"))
    rotated = structs.replace(openai, api_key=Secret("sk-another"))
    others = [
        structs.replace(settings, providers=settings.providers | {"openai": rotated}),
        structs.replace(settings, providers=settings.providers | {"openai": moved}),
        structs.replace(settings, policies={"default": Policy(max_attempts=1)}),
    ]
    services = open_services(settings, PrometheusMeters("0"))
    cache = open_cache(settings.cache, services.clock)
    epoch = build_house(settings, services, cache).epoch
    assert [True, False, False] == [epoch == build_house(other, services, cache).epoch for other in others]
    await services.transport.aclose()
    await services.accounts.aclose()


async def test_pictures_of_earlier_requests_outlive_a_configuration(settings: Settings) -> None:
    """Two houses of one process know the same pictures, as many of them as were configured at its start."""
    small = structs.replace(settings, media=MediaSettings(remember_bytes=60_000))
    services = open_services(small, PrometheusMeters("0"))
    one, other = (build_house(each, services, None) for each in (small, settings))
    assert one.shelf is other.shelf
    texts = [base64.b64encode(bytes([seed]) * 20_000) for seed in (0, 1)]
    for text in texts:
        _core.scan(b'{"url":"data:;base64,' + text + b'"}', one.limits, other.shelf.seen, "t")
    # Half of the bytes are for what was prepared.
    assert 1 == len(one.shelf.seen)
    await services.transport.aclose()
    await services.accounts.aclose()


async def test_health_outlives_a_configuration(settings: Settings) -> None:
    """A deployment that rests goes on resting in the house of the next configuration."""
    services = open_services(settings, PrometheusMeters("0"))
    before = build_house(settings, services, None)
    (deployment,) = before.fleet.groups["openai/gpt-4o"].candidates
    failed = Outcome(end="failed", sent=True, error="upstream_rate_limited")
    before.health.end(deployment, failed, before.health.begin(deployment), 60)
    other = structs.replace(settings, policies={"default": Policy(max_attempts=1)})
    assert build_house(other, services, None).health.rest(deployment) is not None
    await services.transport.aclose()
    await services.accounts.aclose()
