"""`weighbridge catalog`."""

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_list(run: Run) -> None:
    """Every model with what it takes and costs; services by what they are paid for."""
    lines = run("catalog", "list").stdout.splitlines()
    by_name = {line.split()[0]: line for line in lines}
    assert "2.50" in by_name["openai/gpt-4o"]
    assert "image" in by_name["openai/gpt-4o"]
    assert "0.0045 / min" in by_name["openai/gpt-transcribe"]
    assert {row["model"] for row in json.loads(run("catalog", "list", "--json").stdout)} == by_name.keys() - {
        "MODEL"
    }


def test_show(run: Run) -> None:
    """All facts of one model with source and days; the day decides between two records."""
    told = run("catalog", "show", "gemini/gemini-3.8-flash", "--on", "2026-12-31").stdout
    assert "until 2027-01-01" in told
    assert "0.75" in told
    assert "price_map" in told
    assert "1.50" in run("catalog", "show", "gemini/gemini-3.8-flash", "--on", "2027-01-01").stdout
    as_json = json.loads(run("catalog", "show", "openai/gpt-4o", "--json").stdout)
    assert as_json["modalities_in"] == ["document", "image", "text"]


def test_show_of_nobody(run: Run) -> None:
    """An unknown name is refused with those that look like it; a day that is none, with how to write one."""
    result = run("catalog", "show", "gpt-4o")
    assert result.exit_code == 2
    assert "did you mean openai/gpt-4o" in result.stderr
    assert "2026-11-27" in run("catalog", "list", "--on", "tomorrow").stderr


def test_diff(run: Run, folder: Path) -> None:
    """Differences end with 1 and stand field by field, agreement with 0; what is no map is a usage error."""
    row = {"litellm_provider": "openai", "input_cost_per_token": 3e-06}
    (folder / "map.json").write_text(json.dumps({"gpt-4o": row}))
    result = run("catalog", "diff", "map.json")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[1:3] == ["openai/gpt-4o", "  price.input  2.50       3"]
    (folder / "map.json").write_text(json.dumps({"gpt-4o": row | {"input_cost_per_token": 2.5e-06}}))
    assert run("catalog", "diff", "map.json").exit_code == 0
    (folder / "map.json").write_text("[]")
    result = run("catalog", "diff", "map.json")
    assert result.exit_code == 2
    assert "genai-prices" in result.stderr
