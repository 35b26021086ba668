"""What the README promises a newcomer: no key, no config, three questions, three real answers."""

import json
from collections.abc import AsyncIterator, Iterator

import pytest
from openai import AsyncOpenAI

from tests.e2e.books import nano, spend
from tests.e2e.pictures import data_url
from tests.rig.gateway import Gateway, command, running_gateway
from tests.rig.process import ROOT, start

pytestmark = pytest.mark.local

PAGES = ROOT / "tests/golden/pages"
KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "MISTRAL_API_KEY", "XAI_API_KEY")
NO_KEYS = dict.fromkeys((*KEYS, "WEIGHBRIDGE_CONFIG"), "")


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway as `make run` starts it."""
    with running_gateway(None, tmp_path_factory.mktemp("newcomer"), NO_KEYS) as running_one:
        yield running_one


@pytest.fixture
async def visitor(newcomer: Gateway) -> AsyncIterator[AsyncOpenAI]:
    """The three lines of the README."""
    async with AsyncOpenAI(base_url=newcomer.base_url, api_key="none", timeout=120) as opened:
        yield opened


async def test_a_text_question_is_answered_by_the_embedded_model(
    visitor: AsyncOpenAI, newcomer: Gateway
) -> None:
    """`auto` without a key: real text, real usage, a cost above nothing that the metrics repeat."""
    before = await spend(newcomer)
    answer = await visitor.chat.completions.with_raw_response.create(
        model="auto", max_tokens=24, messages=[{"role": "user", "content": "Name three kinds of bridges."}]
    )
    said = answer.parse().choices[0].message.content
    cost = nano(answer.headers["x-weighbridge-cost-usd"])
    assert answer.headers["x-weighbridge-model"] == "local/smollm2"
    assert said is not None
    assert len(said.split()) > 3
    assert cost > 0
    assert cost == await spend(newcomer) - before


async def test_a_photo_of_a_printed_page_is_read(visitor: AsyncOpenAI) -> None:
    """`auto` with an image: the reader's text, its CPU time priced."""
    picture = (PAGES / "invoice.png").read_bytes()
    answer = await visitor.chat.completions.with_raw_response.create(
        model="auto",
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What does it say?"},
                    {"type": "image_url", "image_url": {"url": data_url(picture, "image/png")}},
                ],
            }
        ],
    )
    expected = (PAGES / "invoice.txt").read_text().split()
    said = (answer.parse().choices[0].message.content or "").split()
    assert answer.headers["x-weighbridge-model"] == "local/read"
    assert [word for word in expected if word not in said] == []
    assert nano(answer.headers["x-weighbridge-cost-usd"]) > 0


async def test_a_born_digital_pdf_is_read_exactly(visitor: AsyncOpenAI) -> None:
    """`auto` with a PDF: its text layer, word for word, as a stream."""
    document = data_url((PAGES / "letter.pdf").read_bytes(), "application/pdf")
    stream = await visitor.chat.completions.create(
        model="auto",
        stream=True,
        messages=[
            {
                "role": "user",
                "content": [{"type": "file", "file": {"filename": "letter.pdf", "file_data": document}}],
            }
        ],
    )
    said = "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])
    assert said.split() == (PAGES / "letter.txt").read_text().split()


def test_quote_prints_every_candidate_for_the_same_files() -> None:
    """The command weighs the same files at every model known, key or not, and sends nothing."""
    files = [str(PAGES / "invoice.png"), str(PAGES / "letter.pdf")]
    child = start(command("quote", "--json", "--prompt", "What is the total?", *files), NO_KEYS)
    assert child.process.wait(60) in {0, 1}
    child.stop()
    document = json.loads(child.output())
    verdicts = {row["verdict"] for row in document["candidates"]}
    assert [part["kind"] for part in document["parts"]] == ["image", "document"]
    assert len(document["candidates"]) >= 12
    assert {"chosen", "rejected"} == verdicts
    assert document["chosen"] == "local/read"
    unused = [row for row in document["candidates"] if (row["reason"] or {}).get("code") == "no_credentials"]
    assert len(unused) >= 12
    assert all(row["line_items"] for row in unused)
    assert all(row["reason"] for row in document["candidates"] if row["verdict"] != "chosen")
