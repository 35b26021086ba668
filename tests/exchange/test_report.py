"""A report on a whole request, broken parts and all."""

import json
from typing import Any

import pytest
from msgspec import structs

from gateway import _core
from gateway.adapters.prometheus import PrometheusMeters
from gateway.app.build import build_house, open_services
from gateway.config import discover
from gateway.errors import GatewayError
from gateway.exchange import House, Visit, read
from gateway.exchange.report import quote
from gateway.types.arrival import Arrival
from gateway.types.principal import Principal
from tests.catalog.samples import CATALOG
from tests.e2e.pictures import data_url, photo

GOOD = data_url(photo(640, 480), "image/jpeg")
CUT = data_url(photo(640, 480)[:200], "image/jpeg")
NO_BASE64 = "data:image/png;base64,!!!!"


@pytest.fixture
def house() -> House:
    """A house whose only key is OpenAI's."""
    settings = discover(environment={"OPENAI_API_KEY": "provider-key-0001"}, catalog=CATALOG)
    return build_house(settings, open_services(settings, PrometheusMeters(_core.__version__)), None)


def arrival(*urls: str, model: str = "auto") -> Arrival:
    """A question about these pictures."""
    content: list[dict[str, Any]] = [{"type": "text", "text": "What is this?"}]
    content += [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": content}]}).encode()
    return Arrival("openai_chat", {}, body, 0.0, Principal("t", "k"))


async def report(house: House, *urls: str) -> dict[str, Any]:
    """The document of /v1/quote."""
    return await quote(arrival(*urls), house, Visit("wb-1", 0.0, "quote"))


@pytest.mark.parametrize(("bad", "code"), [(CUT, "media_corrupt"), (NO_BASE64, "media_invalid_base64")])
async def test_a_broken_part_is_told_and_the_others_are_weighed(house: House, bad: str, code: str) -> None:
    """Its place and its error; sizes, tokens and dollars of the rest; nobody is chosen, and why."""
    told = await report(house, GOOD, bad, GOOD)
    first, broken, last = told["parts"]
    assert ((640, 480), (640, 480)) == ((first["width"], first["height"]), (last["width"], last["height"]))
    assert (1, "image", code) == (broken["index"], broken["kind"], broken["error"]["code"])
    assert broken["error"]["message"]
    assert told["chosen"] is None
    alone = {item["model"]: item for item in (await report(house, GOOD, GOOD))["candidates"]}
    held = [item for item in told["candidates"] if item["reason"]["code"] == code]
    assert {"openai/gpt-4o", "openai/gpt-4o-mini"} <= {item["model"] for item in held}
    for item in held:
        assert ("rejected", 1, "image") == (item["verdict"], item["reason"]["part"], item["reason"]["kind"])
        assert item["cost_usd"] == alone[item["model"]]["cost_usd"]


async def test_every_broken_part_is_told(house: House) -> None:
    """Two broken parts are two errors; the first is in the way."""
    told = await report(house, CUT, GOOD, NO_BASE64)
    assert [True, False, True] == ["error" in part for part in told["parts"]]
    by_name = {item["model"]: item["reason"] for item in told["candidates"]}
    assert ("media_corrupt", 0) == tuple(by_name["openai/gpt-4o"][key] for key in ("code", "part"))


async def test_what_is_to_be_sent_is_refused_all_the_same(house: House) -> None:
    """Serving is no report: a broken part ends it, with its place."""
    with pytest.raises(GatewayError) as refusal:
        await read(arrival(GOOD, CUT), house)
    assert ("media_corrupt", 1) == (refusal.value.code, refusal.value.part)


async def test_a_report_on_no_body_is_none(house: House) -> None:
    """What is no JSON, or has more media than are taken, is refused: there is nothing to report on."""
    limits = _core.Limits(media=1)
    with pytest.raises(GatewayError, match="media_too_many"):
        await quote(arrival(GOOD, CUT), structs.replace(house, limits=limits), Visit("wb-1", 0.0, "quote"))
