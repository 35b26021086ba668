"""A report on a whole request, broken parts and all."""

import base64
import io
import json
import wave
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


def spoken(seconds: int, **members: Any) -> Arrival:
    """A recording of silence to be written down."""
    held = io.BytesIO()
    with wave.open(held, "wb") as written:
        written.setparams((1, 2, 8000, 0, "NONE", ""))
        written.writeframes(bytes(2 * 8000 * seconds))
    body = {"model": "auto", "file": {"file_data": base64.b64encode(held.getvalue()).decode()}, **members}
    return Arrival("openai_chat", {}, json.dumps(body).encode(), 0.0, Principal("t", "k"))


async def test_a_recording_is_weighed_at_every_service_that_hears(house: House) -> None:
    """Ninety seconds: whisper by the second, Gemini by tokens and what it writes; no chat model."""
    told = await quote(spoken(90), house, Visit("wb-1", 0.0, "quote"))
    assert ("transcription", False) == (told["operation"], told["served"])
    by_name = {item["model"]: item for item in told["candidates"]}
    assert "openai/gpt-4o" not in by_name
    whisper = by_name["openai/whisper-1"]
    assert [("audio", "second", "90")] == [
        (item["modality"], item["unit"], item["quantity"]) for item in whisper["line_items"]
    ]
    assert "0.009" == whisper["cost_usd"]["expected"]
    written = next(
        i for i in by_name["gemini/gemini-3.5-transcribe"]["line_items"] if i["direction"] == "out"
    )
    assert ("300", "estimated", "speech of 200 tokens a minute") == (
        written["quantity"],
        written["certainty"],
        written["basis"],
    )


async def test_a_service_is_asked_for_by_name(house: House) -> None:
    """A name means the services that bear it; one that does something else is unknown here."""
    told = await quote(spoken(5, model="whisper-1"), house, Visit("wb-1", 0.0, "quote"))
    assert ["openai/whisper-1"] == [item["model"] for item in told["candidates"]]
    with pytest.raises(GatewayError, match=r"model_not_found.*openai/whisper-1"):
        await quote(spoken(5, model="openai/gpt-4o"), house, Visit("wb-1", 0.0, "quote"))


async def test_a_response_is_weighed_as_the_chat_it_comes_to(house: House) -> None:
    """Same dollars at every candidate, and chosen as a chat would be."""
    body = json.dumps({"model": "auto", "input": "What is this?"}).encode()
    told = await quote(
        Arrival("openai_chat", {}, body, 0.0, Principal("t", "k")), house, Visit("w", 0.0, "q")
    )
    chat = await report(house)
    assert (chat["chosen"], chat["candidates"]) == (told["chosen"], told["candidates"])
    assert ("chat", True) == (told["operation"], told["served"])


async def test_a_key_sees_only_what_it_may_use(house: House) -> None:
    """A key that is bound to other models hears of no service, not even by name."""
    bound = structs.replace(
        spoken(5), principal=Principal("t", "k", models=frozenset({"openai/gpt-4o-mini"}))
    )
    with pytest.raises(GatewayError, match="there are: none"):
        await quote(bound, house, Visit("wb-1", 0.0, "quote"))
