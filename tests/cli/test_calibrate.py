"""`weighbridge catalog calibrate`, against a scripted upstream that counts by formulas of its own."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import anyio
import pytest
from click.testing import Result

from tests.cli.conftest import MARK, Run
from tests.rig.programs import Program
from tests.rig.upstream import Upstream, upstream_process

KEY = f"key-{MARK}"
MODELS = {
    "openai/gpt-4o": ("/v1/responses/input_tokens", ("authorization", f"Bearer {KEY}")),
    "anthropic/claude-sonnet-5-5": ("/v1/messages/count_tokens", ("x-api-key", KEY)),
    "gemini/gemini-3.8-flash": ("/v1/models/gemini-3.8-flash:countTokens", ("x-goog-api-key", KEY)),
}


@pytest.fixture(scope="module")
def counting() -> Iterator[Upstream]:
    """The providers' counters."""
    with upstream_process() as running:
        yield running


@pytest.fixture
def ask(run: Run, folder: Path, counting: Upstream) -> Iterator[Run]:
    """Calibrates a model whose provider is the scripted one."""

    def invoke(model: str, *arguments: str) -> Result:
        provider = model.partition("/")[0]
        # Gemini's base URL ends with the path of its OpenAI endpoint; its counter is beside that.
        base = counting.base_url + ("/openai" if provider == "gemini" else "")
        written = {"providers": {provider: {"api_key": "env/SOME_KEY", "base_url": base}}}
        (folder / "weighbridge.yaml").write_text(json.dumps(written))
        return run("catalog", "calibrate", model, *arguments, SOME_KEY=KEY)

    yield invoke
    anyio.run(counting.reset)


@pytest.mark.parametrize("model", MODELS)
def test_an_honest_counter_is_within(ask: Run, counting: Upstream, model: str) -> None:
    """Every probe is within its bounds, and went where and as each provider's counter wants it."""
    result = ask(model)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["PROBE", "OURS", "WITHIN", "THEIRS", "RATIO"]
    assert "probes, all within" in result.stdout
    assert ("may differ" in result.stdout) == model.startswith("gemini/")
    path, header = MODELS[model]
    calls = anyio.run(counting.calls)
    assert {call.path for call in calls} == {path}
    assert all(header in call.headers for call in calls)


@pytest.mark.parametrize("model", MODELS)
def test_a_rule_that_is_off_by_a_third_is_told(ask: Run, counting: Upstream, model: str) -> None:
    """A counter that says 30 % more ends it with 1, and each line that is off says so with its ratio."""
    anyio.run(partial(counting.arm, *[Program(count_times=1.3)] * 40))
    result = ask(model)
    assert result.exit_code == 1, result.output
    off = [line for line in result.stdout.splitlines() if line.endswith("OFF")]
    images = [line for line in off if line.startswith("image")]
    assert images
    assert all("1.2" <= line.split()[-2] <= "1.4" for line in images)
    assert f"{len(off)} off" in result.stdout


def test_findings_as_json(ask: Run) -> None:
    """One object a probe; of an image its own tokens, what stands beside it taken off."""
    found = {row["probe"]: row for row in json.loads(ask("openai/gpt-4o", "--json").stdout)}
    assert found["image 513x512"] == {
        "probe": "image 513x512",
        "ours": {"low": 425, "expected": 425, "high": 425},
        "theirs": 425,
        "ratio": "1.000",
        "within": True,
    }
    assert {"English", "Hindi", "PDF, 2 pages"} <= found.keys()


def test_a_probe_that_is_refused_is_a_finding(ask: Run, counting: Upstream) -> None:
    """The catalog says that the model takes it, the provider says no: that is off, and the rest is asked."""
    anyio.run(partial(counting.arm, Program(), Program(status=400)))
    result = ask("openai/gpt-4o")
    assert result.exit_code == 1
    assert "refused" in result.stdout.splitlines()[1]
    assert "1 off" in result.stdout


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (Program(status=401), "credentials"),
        (Program(status=429), "rate"),
        (Program(body='{"input_tokens": "many"}'), "without a number"),
        (Program(body="<html>"), "without a number"),
    ],
)
def test_a_counter_that_cannot_be_asked(ask: Run, counting: Upstream, program: Program, words: str) -> None:
    """A refused key, a limit or an answer that is none: one line that says so, and no table."""
    anyio.run(partial(counting.arm, program))
    result = ask("openai/gpt-4o")
    assert result.exit_code == 1
    assert words in result.stderr
    assert not result.stdout


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("openai/gpt-4o", "set OPENAI_API_KEY"),
        ("xai/grok-4.3", "no free counter of xai is known; there is one of"),
        ("local/read", "no free counter of local is known"),
        ("openai/gpt-4", "did you mean openai/gpt-4"),
    ],
)
def test_what_is_missing_is_told(run: Run, model: str, words: str) -> None:
    """No key, no counter, no such model: a usage error that says what would work."""
    result = run("catalog", "calibrate", model)
    assert result.exit_code == 2
    assert words in result.stderr
