"""One operation's account: the terms its attempts were made on, and what is told of their ends."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import structs

from gateway import _core
from gateway.adapters.clock import ManualClock
from gateway.adapters.prometheus import PrometheusMeters
from gateway.app.build import build_house, open_services
from gateway.billing import Book
from gateway.config import load
from gateway.exchange import House, Visit, plan_for, read
from gateway.exchange.account import Account
from gateway.routing.resolve import resolve
from gateway.types.arrival import Arrival
from gateway.types.event import Ended, UsageReported
from gateway.types.outcome import Usage
from gateway.types.principal import Principal
from tests.catalog.samples import CATALOG

CONFIG = """
providers: {rack: {dialect: openai, base_url: "http://127.0.0.1:1/v1"}}
models:
  - name: rack/night
    facts:
      input: [text]
      price: {input: "2", output: "4"}
      off_peak: {times: "0.5", windows: [{start: "10:00", end: "12:00"}]}
"""
ME = Principal("t", "k")


@pytest.fixture
async def clock() -> ManualClock:
    """Half an hour before the cheap hours."""
    return ManualClock(datetime(2026, 11, 27, 9, 30, tzinfo=UTC))


@pytest.fixture
async def house(tmp_path: Path, clock: ManualClock) -> AsyncIterator[House]:
    """A house whose clock is turned by hand."""
    path = tmp_path / "weighbridge.yaml"
    path.write_text(CONFIG)
    settings = load(path, environment={}, catalog=CATALOG)
    services = open_services(settings, PrometheusMeters(_core.__version__))
    yield build_house(settings, structs.replace(services, clock=clock), None)
    await services.transport.aclose()
    await services.accounts.aclose()


async def paid(house: House, clock: ManualClock, waits: float) -> tuple[tuple[int, int, int], int]:
    """(Least, expected, most) of a quote, and what is settled of a call that is sent so much later."""
    body = b'{"model":"rack/night","max_tokens":1000,"messages":[{"role":"user","content":"Hi"}]}'
    request = await read(Arrival("openai_chat", {}, body, 0.0, ME), house)
    load, plan = await plan_for(request, resolve(request.model, house.fleet), ME, house)
    (attempt,) = plan.attempts
    visit = Visit("wb-1", 0.0)
    account = Account(visit, load, plan, Book("wb-1", "t", house.accounts, clock), house)
    clock.advance(waits)
    trial = account.begin(attempt)
    trial.progress.sent = True
    trial.progress.note([UsageReported(Usage(input=1_000, output=1_000)), Ended()])
    account.end(trial, "finished")
    assert trial.settlement is not None
    quote = attempt.quote
    return (quote.low, quote.expected, quote.high), trial.settlement.cost


async def test_the_hour_at_which_it_is_sent_decides(house: House, clock: ManualClock) -> None:
    """Half price from ten to twelve: when the call is sent is what counts; bounds hold at any hour."""
    full, half = 6_000_000, 3_000_000
    peak, cost = await paid(house, clock, waits=60)
    assert full == cost
    straddling, cost = await paid(house, clock, waits=30 * 60)
    assert (peak, half) == (straddling, cost)
    cheap, cost = await paid(house, clock, waits=2 * 3600)
    assert full == cost
    assert (peak[0], peak[1], peak[2]) == (cheap[0], 2 * cheap[1], cheap[2])
