"""The official OpenAI client, unchanged, against the gateway."""

import hashlib
import json
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from tests.e2e.pictures import data_url, page, photo
from tests.rig.gateway import Gateway
from tests.rig.programs import Program, ToolCall
from tests.rig.upstream import Upstream

ASK: Any = [{"role": "user", "content": "How many bridges has Venice?"}]
MODELS = ["openai/gpt-4o", "anthropic/claude-haiku-4-5"]
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Weather of a town.",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"town": {"type": "string"}},
            "required": ["town"],
            "additionalProperties": False,
        },
    },
}


@pytest.mark.parametrize("model", MODELS)
async def test_a_plain_answer_is_a_chat_completion(
    client: AsyncOpenAI, upstream: Upstream, model: str
) -> None:
    """Text, finish reason and usage arrive in the client's own types, whatever the upstream speaks."""
    await upstream.arm(Program(text="More than 400."))
    answer = await client.chat.completions.create(model=model, messages=ASK)
    call = await upstream.wait(1)
    assert answer.choices[0].message.content == "More than 400."
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert (call.prompt_tokens, call.completion_tokens) == (
        answer.usage.prompt_tokens,
        answer.usage.completion_tokens,
    )


@pytest.mark.parametrize("model", MODELS)
async def test_a_stream_ends_with_its_usage_and_its_cost(
    client: AsyncOpenAI, upstream: Upstream, model: str
) -> None:
    """With include_usage the last chunk has no choices, the usage, and what the request cost."""
    await upstream.arm(Program(text="one two three four"))
    stream: Any = await client.chat.completions.create(
        model=model, messages=ASK, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    last = chunks[-1]
    assert text == "one two three four"
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.completion_tokens == 4
    extension = (last.usage.model_extra or {})["weighbridge"]
    assert extension["model"] == model
    assert float(extension["cost_usd"]) > 0


async def test_a_stream_without_include_usage_shows_none(client: AsyncOpenAI, upstream: Upstream) -> None:
    """The upstream is asked for usage all the same; a client that did not ask sees no such chunk."""
    stream: Any = await client.chat.completions.create(model="openai/gpt-4o", messages=ASK, stream=True)
    chunks = [chunk async for chunk in stream]
    assert [chunk for chunk in chunks if not chunk.choices or chunk.usage] == []
    assert (await upstream.wait(1)).claimed


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
async def test_tools_are_called(client: AsyncOpenAI, upstream: Upstream, model: str, stream: bool) -> None:
    """A tool call arrives with its name, its arguments as JSON text, and the finish reason tool_calls."""
    arguments = json.dumps({"town": "Venice"})
    await upstream.arm(Program(tool_calls=[ToolCall(name="weather", arguments=arguments)]))
    answer: Any
    if stream:
        async with client.chat.completions.stream(model=model, messages=ASK, tools=[WEATHER]) as events:
            answer = await events.get_final_completion()
    else:
        answer = await client.chat.completions.create(model=model, messages=ASK, tools=[WEATHER])
    choice = answer.choices[0]
    assert choice.message.tool_calls is not None
    called = choice.message.tool_calls[0]
    assert called.type == "function"
    assert called.function.name == "weather"
    assert json.loads(called.function.arguments) == {"town": "Venice"}
    assert choice.finish_reason == "tool_calls"


@pytest.mark.parametrize("model", MODELS)
async def test_an_image_reaches_the_upstream_byte_for_byte(
    client: AsyncOpenAI, upstream: Upstream, model: str
) -> None:
    """An image that needs no preparation arrives as it left, in the upstream's own shape."""
    picture = page(["Total 42.00"])
    content: Any = [
        {"type": "text", "text": "What is the total?"},
        {"type": "image_url", "image_url": {"url": data_url(picture, "image/png")}},
    ]
    await client.chat.completions.create(model=model, messages=[{"role": "user", "content": content}])
    call = await upstream.wait(1)
    assert [hashlib.sha256(picture).hexdigest()] == [medium.sha256 for medium in call.media]


async def test_a_big_photo_is_prepared_and_the_answer_says_so(
    client: AsyncOpenAI, upstream: Upstream
) -> None:
    """A photo beyond the model's grid is downscaled here, and a header tells from what to what."""
    picture = photo(4000, 3000)
    content: Any = [{"type": "image_url", "image_url": {"url": data_url(picture, "image/jpeg")}}]
    answer = await client.chat.completions.with_raw_response.create(
        model="vision", messages=[{"role": "user", "content": content}]
    )
    call = await upstream.wait(1)
    assert answer.headers["x-weighbridge-model"] == "openai/gpt-4o"
    assert answer.headers["x-weighbridge-prepared"] == "image:0:4000x3000>1024x768"
    assert call.media[0].size < len(picture)


@pytest.mark.parametrize(
    ("program", "error", "status", "code"),
    [
        (Program(status=400), openai.BadRequestError, 400, "upstream_rejected_request"),
        (Program(status=401), openai.InternalServerError, 502, "upstream_refused_credentials"),
        (Program(status=429), openai.InternalServerError, 503, "upstream_rate_limited"),
        (Program(status=500), openai.InternalServerError, 502, "upstream_error"),
        (Program(body='{"id": '), openai.InternalServerError, 502, "upstream_invalid_answer"),
        (Program(cut_at=0, in_head=True), openai.InternalServerError, 502, "upstream_reset"),
    ],
)
async def test_upstream_failures_are_the_client_s_own_error_classes(
    client: AsyncOpenAI,
    upstream: Upstream,
    program: Program,
    error: type[openai.APIStatusError],
    status: int,
    code: str,
) -> None:
    """A failing provider is a status and a stable code; none of its words and no key come through."""
    await upstream.arm(program)
    with pytest.raises(error) as caught:
        await client.chat.completions.create(model="openai/gpt-4o", messages=ASK)
    assert status == caught.value.status_code
    assert code == caught.value.code
    assert "leak" not in str(caught.value)
    assert "provider-key" not in str(caught.value)


async def test_another_candidate_answers_when_the_first_fails(
    client: AsyncOpenAI, upstream: Upstream
) -> None:
    """A group's next candidate takes over before the first byte; both attempts are told."""
    await upstream.arm(Program(status=503), Program(text="spare"))
    answer = await client.chat.completions.with_raw_response.create(model="spare", messages=ASK)
    assert answer.parse().choices[0].message.content == "spare"
    assert answer.headers["x-weighbridge-attempts"] == "2"


async def test_a_cut_stream_ends_with_an_error_not_with_silence(
    client: AsyncOpenAI, upstream: Upstream
) -> None:
    """EOF without a terminal event is told to the client; it never looks like a finished answer."""
    await upstream.arm(Program(text="one two three", terminal=False))
    stream: Any = await client.chat.completions.create(model="openai/gpt-4o", messages=ASK, stream=True)
    with pytest.raises(openai.APIError) as caught:
        _ = [chunk async for chunk in stream]
    assert caught.value.code == "upstream_incomplete"


async def test_a_wrong_key_is_an_authentication_error(gateway: Gateway) -> None:
    """An unknown key is a 401 of the client's own class."""
    async with AsyncOpenAI(base_url=gateway.base_url, api_key="nobody's", max_retries=0) as stranger:
        with pytest.raises(openai.AuthenticationError) as caught:
            await stranger.chat.completions.create(model="openai/gpt-4o", messages=ASK)
    assert caught.value.code == "api_key_invalid"


async def test_an_unknown_model_is_not_found_with_a_hint(client: AsyncOpenAI) -> None:
    """A name close to a configured one is a 404 that names it."""
    with pytest.raises(openai.NotFoundError) as caught:
        await client.chat.completions.create(model="visoin", messages=ASK)
    assert "vision" in caught.value.message


async def test_models_are_listed(client: AsyncOpenAI) -> None:
    """Configured names, deployments with credentials, and `auto` are what can be asked for."""
    names = {model.id async for model in client.models.list()}
    assert {"auto", "vision", "spare", "openai/gpt-4o", "anthropic/claude-haiku-4-5"} <= names
    assert (await client.models.retrieve("openai/gpt-4o")).owned_by == "openai"
