"""Golden cases, walked from `tests/golden/dialects`: a case is a folder with an `in.<dialect>.*` file.

`requests/<case>`: `hub.json`, and per dialect `out.<dialect>.json` or `obstacles.<dialect>.json`.
`answers/<case>`: `events.json`, and per dialect `stream.<dialect>.sse`, `replay.<dialect>.sse` (from stored
events) and `whole.<dialect>.json`. To record anew after a wanted change, and then read the diff:

    WEIGHBRIDGE_RECORD=1 pytest tests/dialects/test_goldens.py
"""

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.dialects import DIALECTS
from gateway.types.event import Failed
from gateway.types.request import Request
from tests.dialects.samples import context, read, write
from tests.dialects.transcripts import events_of, one_by_one, read_stream, replay, write_stream
from tests.dialects.witness import check_stream, check_whole

ROOT = Path(__file__).resolve().parents[1] / "golden" / "dialects"
REQUESTS = sorted((ROOT / "requests").iterdir())
ANSWERS = sorted((ROOT / "answers").iterdir())
RECORD = os.environ.get("WEIGHBRIDGE_RECORD") == "1"


def name_of(case: Path) -> str:
    """A case's name as the report shows it."""
    return case.name


def given(case: Path) -> tuple[Path, str]:
    """The input of a case and its dialect."""
    (source,) = case.glob("in.*")
    return source, source.name.split(".")[1]


def pretty(value: Any) -> bytes:
    """JSON for eyes and diffs."""
    return json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"


def matches(path: Path, actual: bytes) -> None:
    """The recorded bytes are what was written now."""
    if RECORD:
        path.write_bytes(actual)
    assert path.exists(), f"no golden {path.name}; record it with WEIGHBRIDGE_RECORD=1"
    assert path.read_bytes().decode() == actual.decode()


def hub(request: Request) -> dict[str, Any]:
    """A request without its document; media as their facts."""
    fields = {name: getattr(request, name) for name in request.__struct_fields__ if name != "document"}
    media = [{"mime": medium.mime, "size": medium.size} for medium in request.document.media]
    shown: dict[str, Any] = msgspec.to_builtins({**fields, "media": media})
    return shown


@pytest.mark.parametrize("case", REQUESTS, ids=name_of)
def test_a_request_becomes_the_same_hub_and_upstream_bodies(case: Path) -> None:
    """Each dialect either says a request in full or names every obstacle."""
    source, dialect = given(case)
    request = read(source.read_bytes(), dialect)
    matches(case / "hub.json", pretty(hub(request)))
    for name, target in DIALECTS.items():
        obstacles = target.obstacles(request)
        if obstacles:
            matches(case / f"obstacles.{name}.json", pretty(msgspec.to_builtins(obstacles)))
            continue
        matches(case / f"out.{name}.json", pretty(write(request, name)))


@pytest.mark.parametrize("case", ANSWERS, ids=name_of)
def test_an_answer_becomes_the_same_events_and_client_bytes(case: Path) -> None:
    """A transcript is read into events, and every dialect writes them plain, streamed and replayed."""
    source, dialect = given(case)
    body, stream = source.read_bytes(), source.suffix == ".sse"
    events = events_of(dialect, body, stream=stream)
    matches(case / "events.json", pretty(msgspec.to_builtins(events)))
    failed = any(isinstance(event, Failed) for event in events)
    for name, target in DIALECTS.items():
        relay = name == dialect
        if stream:
            reads = read_stream(dialect, one_by_one(body))
            matches(case / f"stream.{name}.sse", write_stream(name, reads, context(relay=relay)))
        if failed:
            continue
        matches(case / f"replay.{name}.sse", replay(name, events, context(relay=relay)))
        whole = target.writer(context(relay=relay)).whole(events, None)
        matches(case / f"whole.{name}.json", pretty(json.loads(whole)))


@pytest.mark.parametrize("case", ANSWERS, ids=name_of)
def test_the_official_clients_take_what_is_written(case: Path) -> None:
    """Every written body and event fits the pydantic models of the official clients."""
    for path in case.iterdir():
        kind, dialect, _ = path.name.split(".") if path.name.count(".") == 2 else ("", "", "")
        if kind == "whole":
            check_whole(dialect, path.read_bytes())
        elif kind in ("stream", "replay"):
            check_stream(dialect, path.read_bytes())


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_has_goldens_both_ways(name: str) -> None:
    """A dialect of the table has cases for requests, plain answers and streams of its own."""
    assert any((case / f"in.{name}.json").exists() for case in REQUESTS)
    assert any((case / f"in.{name}.json").exists() for case in ANSWERS)
    assert any((case / f"in.{name}.sse").exists() for case in ANSWERS)


def test_no_golden_is_left_over() -> None:
    """Every file of a case is an input or something a dialect of the table writes."""
    kinds = {"requests": ("out", "obstacles"), "answers": ("stream", "replay", "whole")}
    left = [
        str(path.relative_to(ROOT))
        for kind, names in kinds.items()
        for case in (ROOT / kind).iterdir()
        for path in case.iterdir()
        if path.name not in ("hub.json", "events.json")
        and not (path.name.split(".")[0] in (*names, "in") and path.name.split(".")[1] in DIALECTS)
    ]
    assert left == []
