"""The path's own promises that no socket is needed for."""

import gc
import sys
from typing import Any

import anyio
import pytest
from msgspec import structs

from gateway import _core
from gateway.adapters.prometheus import PrometheusMeters
from gateway.app.build import build_house, open_services
from gateway.config import discover
from gateway.errors import GatewayError
from gateway.exchange import SMALL_BODY_BYTES, House, read
from gateway.types.arrival import Arrival
from gateway.types.principal import Principal
from tests.catalog.samples import CATALOG


@pytest.fixture
def house() -> House:
    """A house as a newcomer has it."""
    settings = discover(environment={}, catalog=CATALOG)
    services = open_services(settings, PrometheusMeters(_core.__version__))
    return build_house(settings, structs.replace(services, workers=anyio.CapacityLimiter(1)), None)


def arrival(body: bytes) -> Arrival:
    """This body, from someone."""
    return Arrival(dialect="openai_chat", headers={}, body=body, at=0.0, principal=Principal("t", "k"))


@pytest.mark.parametrize("size", [100, SMALL_BODY_BYTES])
async def test_a_refused_body_is_freed_at_once(house: House, size: int) -> None:
    """Whoever is refused with megabytes a thousand times takes no memory: nothing waits for the collector."""
    body = b'{"model":"m","model":"m","messages":"' + b"x" * size + b'"}'
    fine: Any = b'{"model":"m","messages":[{"role":"user","content":"' + b"x" * size + b'"}]}'
    gc.collect()
    gc.disable()
    try:
        before = sys.getrefcount(body)
        for _ in range(10):
            with pytest.raises(GatewayError) as refusal:
                await read(arrival(body), house)
            assert refusal.value.row.status == 400
            del refusal
        await read(arrival(fine), house)  # an idle thread remembers its last work
        assert before == sys.getrefcount(body)
    finally:
        gc.enable()
