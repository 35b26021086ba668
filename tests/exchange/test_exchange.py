"""The path's own promises that no socket is needed for."""

import base64
import gc
import json
import random
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


async def test_a_picture_that_comes_again_is_known(house: House) -> None:
    """What a body brought is at hand for the next of the same tenant: it is kept once, and per tenant."""
    noise = base64.b64encode(random.Random(1).randbytes(60_000)).decode()
    part = {"type": "image_url", "image_url": {"url": f"data:;base64,{noise}"}}
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": [part]}]}).encode()
    asks = [arrival(body), arrival(body), structs.replace(arrival(body), principal=Principal("u", "k"))]
    held = []
    for ask in asks:
        await read(ask, house)
        held.append(len(house.shelf.seen))
    assert [1, 1, 2] == held
