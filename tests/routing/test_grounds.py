"""What a price rests on: doubts are told, age alone is none."""

from datetime import date, timedelta

import pytest
from msgspec import structs

from gateway.catalog import ModelFacts, load
from gateway.routing.grounds import SOON_DAYS, STALE_DAYS, grounds
from tests.catalog.samples import CATALOG, TODAY, facts

DAY = timedelta(days=1)


def test_a_shipped_price_names_its_source_and_its_days() -> None:
    """Dates are ISO 8601; what comes from a price map is not the provider's own word."""
    assert {
        "since": "2024-10-01",
        "checked": "2026-11-21",
        "confidence": "price_map",
        "confirmed": False,
        "source": "LiteLLM 1.109.1 (2026-11-21)",
        "stale": False,
        "ends_soon": False,
    } == grounds(facts("openai/gpt-4o"), TODAY)


def test_an_old_price_is_not_a_stale_one() -> None:
    """What ages is the day of the source, not the day from which the price holds."""
    known = structs.replace(facts("openai/gpt-4o"), checked=TODAY - STALE_DAYS * DAY)
    assert (TODAY - known.valid_from).days > STALE_DAYS
    assert not grounds(known, TODAY)["stale"]
    assert grounds(known, TODAY + DAY)["stale"]


def test_where_no_day_was_written_down_the_first_is_the_last_known() -> None:
    """Without `checked` the price is as old as the day from which it holds."""
    known = structs.replace(facts("openai/gpt-4o"), checked=None, valid_from=TODAY - STALE_DAYS * DAY)
    assert not grounds(known, TODAY)["stale"]
    assert grounds(known, TODAY + DAY)["stale"]
    assert "checked" not in grounds(known, TODAY)


@pytest.mark.parametrize(
    ("left", "doubts"),
    [
        (SOON_DAYS + 1, (False, False)),
        (SOON_DAYS, (True, False)),
        (1, (True, False)),
        (0, (False, True)),
        (-1, (False, True)),
    ],
)
def test_an_end_is_told_before_it_comes_and_after(left: int, doubts: tuple[bool, bool]) -> None:
    """A price that ends within a month says so; from its last day on it is stale. `until` is exclusive."""
    known = structs.replace(facts("openai/gpt-4o"), valid_to=TODAY + left * DAY)
    told = grounds(known, TODAY)
    assert doubts == (told["ends_soon"], told["stale"])
    assert (TODAY + left * DAY).isoformat() == told["until"]


def own(name: str, **given: object) -> ModelFacts:
    """A model with an operator's facts laid over."""
    found = CATALOG.merged({name: given}).get(name)
    assert found is not None
    return found


def test_the_operators_word_does_not_age() -> None:
    """A price of the configuration is confirmed, has no day and is never stale, also over a shipped one."""
    price = {"input": "1", "output": "2"}
    for known in (own("rack/one", input=["text"], price=price), own("openai/gpt-4o", price=price)):
        told = grounds(known, date(2036, 1, 1))
        assert ("operator", True, None, False) == tuple(
            told[key] for key in ("confidence", "confirmed", "since", "stale")
        )
        assert "the operator's configuration" == told["source"]
    untouched = own("openai/gpt-4o", standby="kept for later")
    assert "price_map" == grounds(untouched, TODAY)["confidence"]


def test_what_nobody_compared_lately_is_found_in_the_shipped_catalog() -> None:
    """Every shipped price has a day; by the end of the year those that pages without a day name are stale."""
    catalog = load(on=date(2026, 12, 31))
    known = [found for name in catalog.names() if (found := catalog.get(name)) is not None]
    stale = {item.name for item in known if grounds(item, date(2026, 12, 31))["stale"]}
    assert "aws/textract-detect" in stale
    assert not stale & {item.name for item in known if "LiteLLM" in item.source}
    assert {item.name for item in known if item.checked is None} == {"local/read", "local/smollm2"}
