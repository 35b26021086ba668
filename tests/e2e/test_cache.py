"""A question asked before is answered without the upstream; another question never is."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from openai.types.chat import ChatCompletion

from tests.e2e.books import nano, totals
from tests.e2e.conftest import KEYS
from tests.e2e.pictures import heavy
from tests.rig.gateway import Gateway
from tests.rig.programs import Program
from tests.rig.raw import RawReply, fetch
from tests.rig.upstream import Upstream

PICTURE = heavy(1_000_000)


def question(picture: bytes, seed: str, detail: str = "low") -> dict[str, Any]:
    """A body with one image; `seed` keeps the tests' questions apart."""
    url = "data:image/png;base64," + base64.b64encode(picture).decode()
    content = [
        {"type": "text", "text": f"What is this? {seed}"},
        {"type": "image_url", "image_url": {"url": url, "detail": detail}},
    ]
    return {"model": "openai/gpt-4o", "messages": [{"role": "user", "content": content}]}


def backwards(value: Any) -> Any:
    """The same JSON with the members of every object in reverse order."""
    if isinstance(value, dict):
        return {name: backwards(member) for name, member in reversed(value.items())}
    return [backwards(item) for item in value] if isinstance(value, list) else value


async def ask(gateway: Gateway, body: Any, key: str = "ALICE_KEY", **headers: str) -> RawReply:
    """Send a body as it is."""
    head = {"authorization": f"Bearer {KEYS[key]}", **headers}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await fetch(gateway.port, "POST", "/v1/chat/completions", data, tuple(head.items()))


async def test_the_same_image_hits_after_the_json_is_re_ordered(gateway: Gateway, upstream: Upstream) -> None:
    """1 MB of image: the second answer comes without the upstream, costs nothing, and says what it saved."""
    body = question(PICTURE, "reordered")
    first = await ask(gateway, body)
    second = await ask(gateway, json.dumps(backwards(body), indent=2).encode())
    assert (first.header("x-weighbridge-cache"), second.header("x-weighbridge-cache")) == ("miss", "hit")
    assert len(await upstream.calls()) == 1
    # Members that are null may be left out: to the client they are the same.
    assert ChatCompletion(**second.json()).choices == ChatCompletion(**first.json()).choices
    assert second.header("x-weighbridge-cost-usd") == "0"
    assert second.header("x-weighbridge-saved-usd") == first.header("x-weighbridge-cost-usd")


OTHERS: Mapping[str, Any] = {
    "image": question(heavy(1_000_000, seed=2), "others"),
    "detail": question(PICTURE, "others", detail="high"),
    "text": question(PICTURE, "others!"),
    "model": question(PICTURE, "others") | {"model": "openai/gpt-4o-mini"},
    "temperature": question(PICTURE, "others") | {"temperature": 0.5},
    "unknown field": question(PICTURE, "others") | {"x_new": 1},
}


@pytest.mark.parametrize("name", OTHERS)
async def test_another_question_misses(gateway: Gateway, name: str) -> None:
    """A different image, detail, text, model, parameter or unknown field is another question."""
    await ask(gateway, question(PICTURE, "others"))
    assert "miss" == (await ask(gateway, OTHERS[name])).header("x-weighbridge-cache")


async def test_another_tenant_misses(gateway: Gateway) -> None:
    """The same bytes of another tenant never see this tenant's answer."""
    body = question(PICTURE, "tenants")
    await ask(gateway, body)
    assert "miss" == (await ask(gateway, body, "BOB_KEY")).header("x-weighbridge-cache")


@pytest.mark.parametrize("first", [False, True])
async def test_plain_and_stream_share_an_answer(gateway: Gateway, upstream: Upstream, first: bool) -> None:
    """A plain answer replays as a stream and the other way round."""
    body = question(PICTURE, f"both ways {first}")
    asked = {True: body | {"stream": True, "stream_options": {"include_usage": True}}, False: body}
    await upstream.arm(Program(text="a bridge in fog"))
    await ask(gateway, asked[first])
    second = await ask(gateway, asked[not first])
    assert "hit" == second.header("x-weighbridge-cache")
    if first:
        text = second.json()["choices"][0]["message"]["content"]
    else:
        chunks = [json.loads(line[6:]) for line in second.body.decode().split("\n\n") if line[6:7] == "{"]
        text = "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks if c["choices"])
        assert "hit" == chunks[-1]["usage"]["weighbridge"]["cache"]
        assert second.body.endswith(b"data: [DONE]\n\n")
    assert text == "a bridge in fog"


FLAWED = {
    "cut": (True, Program(text="one two", terminal=False)),
    "length": (False, Program(finish="length")),
    "length, streamed": (True, Program(finish="length")),
    "no usage": (False, Program(claim_usage=False)),
    "no usage, streamed": (True, Program(claim_usage=False)),
    "error": (False, Program(status=500)),
}


@pytest.mark.parametrize("name", FLAWED)
async def test_only_whole_good_answers_are_kept(gateway: Gateway, upstream: Upstream, name: str) -> None:
    """A cut, failed, unmetered or length-limited answer is never given again."""
    stream, program = FLAWED[name]
    body = question(PICTURE, name) | {"stream": stream}
    await upstream.arm(program)
    await ask(gateway, body)
    assert "miss" == (await ask(gateway, body)).header("x-weighbridge-cache")


async def test_no_store_leaves_no_trace_and_no_cache_asks_anew(gateway: Gateway, upstream: Upstream) -> None:
    """`no-store` neither reads nor writes; `no-cache` asks again and keeps the new answer."""
    body = question(PICTURE, "control")
    told = [
        (await ask(gateway, body, **{"cache-control": "no-store"})).header("x-weighbridge-cache"),
        (await ask(gateway, body)).header("x-weighbridge-cache"),
        (await ask(gateway, body, **{"cache-control": "no-cache"})).header("x-weighbridge-cache"),
        (await ask(gateway, body)).header("x-weighbridge-cache"),
    ]
    assert told == ["bypass", "miss", "bypass", "hit"]
    assert len(await upstream.calls()) == 3


async def test_hits_are_counted_as_savings(gateway: Gateway) -> None:
    """What a hit did not cost is in the metrics, under `cache`, to the nanodollar."""
    body = question(PICTURE, "savings")
    before = (await totals(gateway, "weighbridge_saved_usd_total", by="reason"))["cache"]
    cost = (await ask(gateway, body)).header("x-weighbridge-cost-usd")
    await ask(gateway, body)
    after = (await totals(gateway, "weighbridge_saved_usd_total", by="reason"))["cache"]
    assert cost is not None
    assert after - before == nano(cost)
