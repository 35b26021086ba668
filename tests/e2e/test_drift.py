"""A provider that counts pictures otherwise than it documents: seen, raised, and corrected, end to end."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.books import ledger
from tests.e2e.conftest import KEYS
from tests.e2e.pictures import data_url, photo
from tests.e2e.test_money import prompt_tokens
from tests.rig.gateway import Gateway, command, running_gateway
from tests.rig.programs import Program
from tests.rig.promtool import check, firing
from tests.rig.raw import fetch
from tests.rig.upstream import Upstream

AUTH = (("authorization", f"Bearer {KEYS['ALICE_KEY']}"), ("cache-control", "no-store"))
MODEL = "openai/gpt-4o"
TEXT = "What is in this picture?"
# Four tiles of 170 and 85 once, as OpenAI documents a picture of 1024 x 768.
TILES = 85 + 4 * 170
HONEST, DRIFTED = TILES, round(TILES * 1.3)
QUIET, LOUD = 30, 90
ANSWER = 40

Samples = dict[str, list[float | None]]


@pytest.fixture
def own(upstream: Upstream, tmp_path: Path) -> Iterator[Gateway]:
    """A gateway that has seen nothing yet."""
    config = {
        "providers": {"openai": {"api_key": "env/OPENAI_API_KEY", "base_url": upstream.base_url}},
        "keys": [{"name": "alice", "key": "env/ALICE_KEY", "tenant": "alice"}],
        "accounts": {"store": "sqlite:ledger.db"},
    }
    with running_gateway(config, tmp_path, KEYS) as running:
        yield running


def question() -> bytes:
    """A picture and a question about it."""
    picture = data_url(photo(1024, 768), "image/jpeg")
    content = [{"type": "text", "text": TEXT}, {"type": "image_url", "image_url": {"url": picture}}]
    return json.dumps({"model": MODEL, "messages": [{"role": "user", "content": content}]}).encode()


async def answered(gateway: Gateway, upstream: Upstream, image: int) -> str:
    """One answer whose provider counts the picture as so many tokens; its quote in dollars."""
    usage = {"prompt_tokens": prompt_tokens(TEXT) + image, "completion_tokens": ANSWER}
    await upstream.arm(Program(usage=usage))
    reply = await fetch(gateway.port, "POST", "/v1/chat/completions", question(), AUTH)
    assert reply.status == 200, reply.body
    quoted = reply.header("x-weighbridge-quoted-usd")
    assert quoted is not None
    return quoted


async def scrape(gateway: Gateway, into: Samples) -> None:
    """The series of this test's metrics as they stand."""
    text = (await fetch(gateway.port, "GET", "/metrics")).body.decode()
    found = re.findall(
        r"^(weighbridge_quote_(?:ratio_sum|ratio_count|correction)\{.*\}) (\S+)$", text, re.MULTILINE
    )
    length = max(map(len, into.values()), default=0)
    for series, value in found:
        into.setdefault(series, [None] * length).append(float(value))


async def quoted(gateway: Gateway) -> dict[str, Any]:
    """The quote for the same question."""
    reply = await fetch(gateway.port, "POST", "/v1/quote", question(), AUTH)
    (candidate,) = json.loads(reply.body)["candidates"]
    return {f"{item['modality']} {item['direction']}": item for item in candidate["line_items"]}


def told_outside(gateway: Gateway, *words: str) -> str:
    """What the command line says, from the store alone."""
    order = command(*words, "--config", str(gateway.folder / "weighbridge.yaml"))
    wide = {"PATH": "/usr/bin:/bin", "COLUMNS": "120", **KEYS}
    return subprocess.run(order, check=True, capture_output=True, text=True, env=wide).stdout


async def test_a_formula_that_drifts_is_raised_and_corrected(
    own: Gateway, upstream: Upstream, tmp_path: Path
) -> None:
    """Thirty percent more than documented: the metric tells, the alert fires, the quote follows.

    A scrape after each answer stands for a minute, and Prometheus' own engine evaluates the shipped rules.
    """
    before = await quoted(own)
    assert ("765", "exact") == (before["image in"]["quantity"], before["image in"]["certainty"])
    assert "cold start" == before["text out"]["basis"]
    series: Samples = {}
    for number in range(QUIET + LOUD):
        await answered(own, upstream, HONEST if number < QUIET else DRIFTED)
        await scrape(own, series)
    drift = firing("WeighbridgeQuoteDrift")
    check(tmp_path, series, {drift: {QUIET - 1: 0, QUIET + 25: 1, QUIET + LOUD - 1: 0}})

    after = await quoted(own)
    image = after["image in"]
    # Older answers fade: within five percent of what is reported now.
    assert 0.95 * DRIFTED <= int(image["quantity"]) <= 1.01 * DRIFTED
    assert "estimated" == image["certainty"]
    assert re.fullmatch(r"the rule's count x1\.\d\d, as \d+ answers reported", image["basis"])
    # The text was counted, and stays as it was.
    assert before["text in"] == after["text in"]
    assert re.fullmatch(r"the mean of \d+ answers to this kind of question", after["text out"]["basis"])
    assert ANSWER <= int(after["text out"]["quantity"]) <= ANSWER + 10
    # What was billed is what was reported, drift or not.
    assert {modality for modality, *_ in ledger(own)} == {"text", "image"}
    own.child.wait_line("a model counts otherwise than its rule says")
    # Whoever asks outside the process is told too.
    own.child.stop()
    (own.folder / "photo.jpg").write_bytes(photo(1024, 768))
    shown = told_outside(own, "catalog", "show", MODEL)
    asked = told_outside(own, "quote", "--model", MODEL, "--json", str(own.folder / "photo.jpg"))
    assert "the rule's count x1." in asked
    assert re.search(r"learned image +x1\.\d\d after \d+ answers: the rule in the catalog is off", shown)
    # A dozen tokens of text are too few to tell a formula by.
    assert "learned text" not in shown
