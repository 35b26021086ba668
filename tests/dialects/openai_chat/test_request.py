"""Reading a chat completion: mistakes are refused with code and place, never with the client's words."""

from typing import Any

import pytest

from gateway.errors import ClientError
from gateway.types.request import ResponseSchema, TextPart, ToolChoice
from tests.dialects.samples import PNG_URL, b64, data_url, pdf, png, read, user, wav

HELLO = {"role": "user", "content": "Hello"}
TOOL = {"type": "function", "function": {"name": "now"}}


def chat(**fields: Any) -> dict[str, Any]:
    """A small body with other fields."""
    return {"model": "vision", "messages": [HELLO], **fields}


def turn(**message: Any) -> dict[str, Any]:
    """A body with one message after a good one."""
    return {"model": "vision", "messages": [HELLO, message]}


def part(**fields: Any) -> dict[str, Any]:
    """A body with one part."""
    return user({"type": "text", "text": "x"}, fields)


BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("no model", {"messages": [HELLO]}, "field_missing", "model"),
    ("empty model", chat(model=""), "field_invalid", "model"),
    ("model of another type", chat(model=7), "field_invalid", "model"),
    ("no messages", {"model": "m"}, "field_missing", "messages"),
    ("empty messages", chat(messages=[]), "field_invalid", "messages"),
    ("messages no list", chat(messages="hi"), "field_invalid", "messages"),
    ("message no object", chat(messages=["hi"]), "field_invalid", "messages[0]"),
    ("no role", turn(content="x"), "field_missing", "messages[1].role"),
    ("unknown role", turn(role="robot", content="x"), "field_invalid", "messages[1].role"),
    ("role function", turn(role="function", name="f", content="x"), "field_unsupported", "messages[1].role"),
    ("no content", turn(role="user"), "field_missing", "messages[1].content"),
    ("assistant says nothing", turn(role="assistant"), "field_missing", "messages[1].content"),
    ("content a number", turn(role="user", content=3), "field_invalid", "messages[1].content"),
    ("no parts", turn(role="user", content=[]), "field_invalid", "messages[1].content"),
    ("part a string", turn(role="user", content=["x"]), "field_invalid", "messages[1].content[0]"),
    ("part without type", part(text="x"), "field_missing", "messages[0].content[1].type"),
    ("unknown part", part(type="hologram"), "part_unknown", "messages[0].content[1].type"),
    ("text no string", part(type="text", text=1), "field_invalid", "messages[0].content[1].text"),
    ("no text", part(type="text"), "field_missing", "messages[0].content[1].text"),
    (
        "image from the assistant",
        turn(role="assistant", content=[{"type": "image_url", "image_url": {"url": PNG_URL}}]),
        "field_invalid",
        "messages[1].content[0].type",
    ),
    (
        "refusal from the user",
        part(type="refusal", refusal="no"),
        "field_invalid",
        "messages[0].content[1].type",
    ),
    ("no image_url", part(type="image_url"), "field_missing", "messages[0].content[1].image_url"),
    ("no url", part(type="image_url", image_url={}), "field_missing", "messages[0].content[1].image_url.url"),
    (
        "image by address",
        part(type="image_url", image_url={"url": "https://example.org/a.png"}),
        "media_url_unsupported",
        "messages[0].content[1].image_url.url",
    ),
    (
        "image by bare address",
        part(type="image_url", image_url="http://example.org/a.png"),
        "media_url_unsupported",
        "messages[0].content[1].image_url",
    ),
    (
        "image no data URL",
        part(type="image_url", image_url={"url": "a.png"}),
        "media_invalid_data_url",
        "messages[0].content[1].image_url.url",
    ),
    (
        "wrong detail",
        part(type="image_url", image_url={"url": PNG_URL, "detail": "ultra"}),
        "field_invalid",
        "messages[0].content[1].image_url.detail",
    ),
    (
        "file by id",
        part(type="file", file={"file_id": "file-1"}),
        "media_file_id_unsupported",
        "messages[0].content[1].file.file_id",
    ),
    (
        "file without data",
        part(type="file", file={}),
        "field_missing",
        "messages[0].content[1].file.file_data",
    ),
    (
        "file by address",
        part(type="file", file={"file_data": "https://example.org/a.pdf"}),
        "media_url_unsupported",
        "messages[0].content[1].file.file_data",
    ),
    (
        "file no base64",
        part(type="file", file={"file_data": "!"}),
        "media_invalid_base64",
        "messages[0].content[1].file.file_data",
    ),
    (
        "audio without format",
        part(type="input_audio", input_audio={"data": b64(wav())}),
        "field_missing",
        "messages[0].content[1].input_audio.format",
    ),
    ("tool without id", turn(role="tool", content="x"), "field_missing", "messages[1].tool_call_id"),
    (
        "tool call without id",
        turn(role="assistant", tool_calls=[{"function": {"name": "f"}}]),
        "field_missing",
        "messages[1].tool_calls[0].id",
    ),
    (
        "arguments an object",
        turn(role="assistant", tool_calls=[{"id": "c", "function": {"name": "f", "arguments": {}}}]),
        "field_invalid",
        "messages[1].tool_calls[0].function.arguments",
    ),
    (
        "custom tool call",
        turn(role="assistant", tool_calls=[{"id": "c", "type": "custom", "custom": {}}]),
        "field_unsupported",
        "messages[1].tool_calls[0].type",
    ),
    ("n too small", chat(n=0), "field_invalid", "n"),
    ("n too large", chat(n=129), "field_invalid", "n"),
    ("n true", chat(n=True), "field_invalid", "n"),
    ("n fractional", chat(n=1.5), "field_invalid", "n"),
    ("no tokens", chat(max_tokens=0), "field_invalid", "max_tokens"),
    ("tokens as text", chat(max_completion_tokens="9"), "field_invalid", "max_completion_tokens"),
    ("both bounds", chat(max_tokens=1, max_completion_tokens=1), "field_invalid", "max_tokens"),
    ("stream as text", chat(stream="yes"), "field_invalid", "stream"),
    ("stream_options a list", chat(stream_options=[]), "field_invalid", "stream_options"),
    (
        "include_usage a number",
        chat(stream_options={"include_usage": 1}),
        "field_invalid",
        "stream_options.include_usage",
    ),
    ("temperature too high", chat(temperature=2.1), "field_invalid", "temperature"),
    ("top_p negative", chat(top_p=-0.1), "field_invalid", "top_p"),
    ("five stops", chat(stop=["a", "b", "c", "d", "e"]), "field_invalid", "stop"),
    ("stop a number", chat(stop=[1]), "field_invalid", "stop"),
    ("tools no list", chat(tools={}), "field_invalid", "tools"),
    ("custom tool", chat(tools=[{"type": "custom"}]), "field_unsupported", "tools[0].type"),
    (
        "tool without name",
        chat(tools=[{"type": "function", "function": {}}]),
        "field_missing",
        "tools[0].function.name",
    ),
    (
        "schema no object",
        chat(tools=[{"type": "function", "function": {"name": "f", "parameters": []}}]),
        "field_invalid",
        "tools[0].function.parameters",
    ),
    ("tool_choice unknown", chat(tools=[TOOL], tool_choice="maybe"), "field_invalid", "tool_choice"),
    (
        "tool_choice of allowed tools",
        chat(tools=[TOOL], tool_choice={"type": "allowed_tools"}),
        "field_unsupported",
        "tool_choice.type",
    ),
    ("required without tools", chat(tool_choice="required"), "field_missing", "tools"),
    (
        "parallel no boolean",
        chat(tools=[TOOL], parallel_tool_calls=2),
        "field_invalid",
        "parallel_tool_calls",
    ),
    ("format unknown", chat(response_format={"type": "xml"}), "field_invalid", "response_format.type"),
    (
        "schema without name",
        chat(response_format={"type": "json_schema", "json_schema": {}}),
        "field_missing",
        "response_format.json_schema.name",
    ),
]


@pytest.mark.parametrize(("body", "code", "param"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_mistake_is_refused_with_its_place(body: dict[str, Any], code: str, param: str) -> None:
    """Every mistake raises a client error with a stable code and the place of the value."""
    with pytest.raises(ClientError) as caught:
        read(body)
    assert (code, param) == (caught.value.code, caught.value.param)
    assert param.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0] in caught.value.message
    assert "example.org" not in caught.value.message


def test_a_refused_medium_is_named_by_ordinal_and_kind() -> None:
    """The ordinal of a medium that never left the JSON is that which it would have had."""
    body = user(
        {"type": "image_url", "image_url": {"url": PNG_URL}},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
    )
    with pytest.raises(ClientError) as caught:
        read(body)
    assert (caught.value.part, caught.value.kind) == (1, "image")
    assert "data:<type>;base64,<data>" in caught.value.message


def test_nulls_count_as_absent() -> None:
    """OpenAI's clients send null for whatever is unset."""
    body = chat(
        n=None, max_tokens=None, stop=None, tools=None, tool_choice=None, stream=None, response_format=None
    )
    request = read(body)
    assert (
        request.choices,
        request.max_output_tokens,
        request.stop,
        request.tools,
        request.tool_choice,
        request.stream,
        request.response_schema,
    ) == (1, None, (), (), None, False, None)


def test_what_we_do_not_use_stays_in_the_rest() -> None:
    """Unknown fields are kept, known ones are not repeated."""
    request = read(chat(seed=7, x_own={"a": [1]}, stream=True, stream_options={"include_obfuscation": False}))
    rest = {"seed": 7, "x_own": {"a": [1]}, "stream_options": {"include_obfuscation": False}}
    assert rest == request.rest
    assert (request.stream, request.include_usage) == (True, False)


def test_media_are_numbered_as_they_stand() -> None:
    """Parts refer to media in document order, with detail and name, whatever form they came in."""
    request = read(
        user(
            {"type": "image_url", "image_url": {"url": data_url(png(2), "image/png"), "detail": "original"}},
            {"type": "file", "file": {"file_data": b64(pdf()), "filename": "a.pdf"}},
            {"type": "input_audio", "input_audio": {"data": b64(wav()), "format": "wav"}},
        )
    )
    parts = request.messages[0].parts
    shown = [(getattr(p, "media", None), getattr(p, "detail", None), getattr(p, "name", None)) for p in parts]
    assert shown == [(0, "original", None), (1, None, "a.pdf"), (2, None, None)]
    assert [medium.kind for medium in request.document.media] == ["image", "document", "audio"]


def test_media_in_places_of_data_are_text_again() -> None:
    """A schema or a label that holds a data URL is not taken for a part, and no placeholder is left in it."""
    tool = {"type": "function", "function": {"name": "f", "parameters": {"url": PNG_URL}}}
    request = read(chat(tools=[tool], metadata={"url": PNG_URL, "data": b64(png(7))}))
    assert request.tools[0].schema == {"url": PNG_URL}
    assert {"metadata": {"url": PNG_URL, "data": b64(png(7))}} == request.rest


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"tool_choice": "auto"}, ToolChoice("auto")),
        ({"tool_choice": "none"}, ToolChoice("none")),
        ({"tool_choice": "required", "parallel_tool_calls": False}, ToolChoice("required", parallel=False)),
        ({"parallel_tool_calls": True}, ToolChoice("auto", parallel=True)),
        ({"tool_choice": {"type": "function", "function": {"name": "now"}}}, ToolChoice("tool", "now")),
        ({}, None),
    ],
)
def test_tool_choices(given: dict[str, Any], expected: ToolChoice | None) -> None:
    """Every way to choose tools has its value in the hub."""
    assert expected == read(chat(tools=[TOOL], **given)).tool_choice


def test_structured_output() -> None:
    """json_schema keeps name, schema and strictness; json_object is any object; text is nothing."""
    wanted = {
        "type": "json_schema",
        "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": True},
    }
    assert (
        ResponseSchema("n", {"type": "object"}, strict=True)
        == read(chat(response_format=wanted)).response_schema
    )
    assert ResponseSchema("", None) == read(chat(response_format={"type": "json_object"})).response_schema
    assert read(chat(response_format={"type": "text"})).response_schema is None


def test_one_stop_is_a_list_of_one() -> None:
    """A bare string is understood."""
    assert read(chat(stop="END")).stop == ("END",)


def test_a_data_url_in_a_text_is_words() -> None:
    """A message that quotes a data URL is text to be counted and answered, not a picture."""
    request = read(user({"type": "text", "text": PNG_URL}))
    assert (TextPart(PNG_URL),) == request.messages[0].parts
    assert request.document.media == ()
