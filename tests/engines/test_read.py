"""`local/read`, whole: bodies of chat completions in, text out of real worker processes."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
import pytest_asyncio

from gateway import _core
from gateway.engines.pool import ReadSettings
from gateway.engines.read import ReadEngine
from gateway.errors import ClientError, GatewayError
from gateway.types.call import UpstreamCall
from tests.engines import samples

pytestmark = [pytest.mark.local, samples.needs_read, pytest.mark.asyncio(loop_scope="module")]


_MIMES = {".png": "image/png", ".jpg": "image/jpeg"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine() -> AsyncIterator[ReadEngine]:
    """One engine for the module: its worker loads the models once."""
    engine = ReadEngine()
    yield engine
    await engine.aclose()


async def _ask(engine: ReadEngine, content: Any, **fields: Any) -> dict[str, Any]:
    async with engine.open(samples.chat("read", content, **fields)) as reply:
        assert reply.status == 200
        assert dict(reply.headers)["content-type"] == "application/json"
        answer: dict[str, Any] = json.loads(b"".join([chunk async for chunk in reply.chunks()]))
        return answer


async def _stream(engine: ReadEngine, call: UpstreamCall) -> list[bytes]:
    reader = _core.SseReader()
    async with engine.open(call) as reply:
        assert dict(reply.headers)["content-type"].startswith("text/event-stream")
        return [data async for chunk in reply.chunks() for _, data in reader.feed(chunk)]


async def _refused(engine: ReadEngine, content: Any) -> GatewayError:
    with pytest.raises(ClientError) as caught:
        await _ask(engine, content)
    return caught.value


def _pages() -> list[Path]:
    return sorted(path for path in samples.PAGES.iterdir() if path.suffix in {".pdf", ".png", ".jpg"})


@pytest.mark.parametrize("path", _pages(), ids=lambda path: path.name)
async def test_golden_pages(engine: ReadEngine, path: Path) -> None:
    """Every page in the golden folder is read as the text beside it."""
    data = await anyio.Path(path).read_bytes()
    part = samples.file_part(data) if path.suffix == ".pdf" else samples.image_part(data, _MIMES[path.suffix])
    answer = await _ask(engine, [part, {"type": "text", "text": "Read this."}])
    expected = await anyio.Path(path.with_suffix(".txt")).read_text("utf-8")
    assert expected == samples.text_of(answer) + "\n"


async def test_usage_tells_tokens_and_cpu(engine: ReadEngine) -> None:
    """Usage counts the text's tokens and the CPU seconds the reading took."""
    answer = await _ask(engine, [samples.file_part(samples.pdf([samples.LETTER]))])
    usage = answer["usage"]
    assert usage["completion_tokens"] == _core.count_tokens(samples.text_of(answer), "o200k_base")
    assert (usage["prompt_tokens"], usage["total_tokens"]) == (0, usage["completion_tokens"])
    assert 0 <= usage["cpu_seconds"] < 1


async def test_a_stream_leaves_page_by_page(engine: ReadEngine) -> None:
    """A streamed answer has one chunk a page, usage when asked, and ends explicitly."""
    content = [samples.file_part(samples.pdf([["one"], ["two"], ["three"]]))]
    call = samples.chat("read", content, stream=True, stream_options={"include_usage": True})
    *chunks, usage, done = await _stream(engine, call)
    deltas = [json.loads(chunk)["choices"][0] for chunk in chunks]
    texts = [delta["delta"].get("content") for delta in deltas]
    assert texts == ["", "one", "\n\ntwo", "\n\nthree", None]
    assert deltas[-1]["finish_reason"] == "stop"
    assert json.loads(usage)["usage"]["completion_tokens"] > 0
    assert done == b"[DONE]"


async def test_the_answer_stops_at_the_limit(engine: ReadEngine) -> None:
    """`max_tokens` cuts the text and says so."""
    answer = await _ask(engine, [samples.file_part(samples.pdf([samples.LETTER]))], max_tokens=2)
    assert (samples.text_of(answer), answer["choices"][0]["finish_reason"]) == ("Dear reader", "length")


async def test_nothing_to_read_is_said_in_words(engine: ReadEngine) -> None:
    """A blank page is answered in plain words with finish_reason stop."""
    answer = await _ask(engine, [samples.file_part(samples.pdf([[]]))])
    assert samples.text_of(answer) == "No text found in this document."
    assert answer["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize(
    ("data", "code", "word"),
    [
        (samples.encrypted_pdf(), "media_corrupt", "encrypted"),
        (samples.pdf([["x"]])[:60], "media_corrupt", "damaged"),
        (samples.pdf([["x"]] * 51), "media_too_large", "51 pages"),
    ],
)
async def test_bad_documents_are_refused_with_their_place(
    engine: ReadEngine, data: bytes, code: str, word: str
) -> None:
    """The second medium is at fault: the error names it, says why, and nothing was answered."""
    error = await _refused(engine, [samples.file_part(samples.pdf([["x"]])), samples.file_part(data)])
    assert (code, 1, "document") == (error.code, error.part, error.kind)
    assert word in error.message


async def test_a_stream_of_a_bad_document_has_no_head(engine: ReadEngine) -> None:
    """The same refusal comes before the head of a stream, so it can still be a proper status."""
    call = samples.chat("read", [samples.file_part(samples.encrypted_pdf())], stream=True)
    with pytest.raises(ClientError):
        await _stream(engine, call)


async def test_only_images_and_pdfs_are_taken(engine: ReadEngine) -> None:
    """Sound is refused by kind and place, and so is a body with nothing to read."""
    sound = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40)
    error = await _refused(engine, [samples.file_part(sound, "audio/wav")])
    assert (error.code, error.part) == ("media_unsupported", 0)
    assert (await _refused(engine, "just words")).code == "field_missing"


async def test_memory_is_bounded() -> None:
    """A file that needs more memory than a worker has is an error of that request, and no more."""
    engine = ReadEngine(ReadSettings(memory=200_000_000))
    page = samples.image_part(samples.encoded(samples.printed(["x"])))
    with pytest.raises(GatewayError) as caught:
        await _ask(engine, [page])
    assert caught.value.code in {"engine_failed", "media_too_large"}
    answer = await _ask(engine, [samples.file_part(samples.pdf([["hello"]]))])
    assert samples.text_of(answer) == "hello"
    await engine.aclose()
