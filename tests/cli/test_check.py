"""`weighbridge check`."""

import json
from pathlib import Path

from gateway.config import json_schema
from tests.cli.conftest import MARK, Run

GOOD = """\
providers: {openai: }
models: [{name: vision, candidates: [openai/gpt-4o]}]
keys: [{name: a, key: env/A_KEY, tenant: t}, {name: b, key: env/B_KEY, tenant: t}]
accounts: {store: "sqlite:w.db"}
policies: {unused: {}}
"""
SECRETS = {"OPENAI_API_KEY": f"sk-{MARK}", "A_KEY": f"a-{MARK}", "B_KEY": f"b-{MARK}"}


def test_a_good_file(run: Run, folder: Path) -> None:
    """A good file ends with 0 and a summary: providers, names, keys, stores; warnings with their place."""
    (folder / "weighbridge.yaml").write_text(GOOD)
    result = run("check", **SECRETS)
    assert result.exit_code == 0
    head, *rows = result.stdout.splitlines()
    assert head == "weighbridge.yaml: good"
    told = {row.split()[0]: row.split(maxsplit=1)[1] for row in rows}
    assert told["providers"] == "openai, local"
    assert told["answers"].startswith("vision, auto, ")
    assert told["keys"] == "2, of 1 tenant"
    assert told["accounts"] == "w.db"
    assert "weighbridge.yaml:5: policies.unused: is used by no model" in result.stderr


def test_a_bad_file(run: Run, folder: Path) -> None:
    """All mistakes are told at once, each with file, line and path; the exit code is 2."""
    (folder / "other.yaml").write_text(
        f"cache: {{ttl: 5}}\nserver: {{prt: 1}}\nkeys: [{{name: a, key: x-{MARK}}}]\n"
    )
    result = run("check", "--config", "other.yaml")
    assert result.exit_code == 2
    places = [line.rsplit(": ", 1)[0].split(": ")[:2] for line in result.stderr.splitlines()[:3]]
    assert [
        ["other.yaml:1", "cache.ttl"],
        ["other.yaml:2", "server.prt"],
        ["other.yaml:3", "keys[0].key"],
    ] == places
    assert "3 mistakes" in result.stderr
    assert result.stdout == ""


def test_the_variable_names_the_file(run: Run, folder: Path) -> None:
    """Without --config, WEIGHBRIDGE_CONFIG is looked at."""
    (folder / "elsewhere.yaml").write_text("server: {port: 1}\n")
    assert "elsewhere.yaml: good" in run("check", WEIGHBRIDGE_CONFIG="elsewhere.yaml").stdout


def test_a_missing_file(run: Run) -> None:
    """A file that was asked for and is not there is a mistake, not silence."""
    result = run("check", "--config", "none.yaml")
    assert result.exit_code == 2
    assert "none.yaml: there is no such file" in result.stderr


def test_no_file(run: Run) -> None:
    """Without a file it tells what the environment offers; the engines need no key."""
    result = run("check", ANTHROPIC_API_KEY=f"sk-{MARK}")
    assert result.exit_code == 0
    assert "anthropic, local" in result.stdout


def test_schema(run: Run) -> None:
    """The schema is printed as JSON, also where the configuration is broken."""
    result = run("check", "--schema", "--config", "none.yaml")
    assert result.exit_code == 0
    assert json_schema() == json.loads(result.stdout)
