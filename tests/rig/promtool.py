"""Prometheus' own rule engine over series that a test has: `promtool test rules`."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "dashboards" / "weighbridge.rules.yaml"
_FETCHED = ROOT / ".venv" / "promtool"


def promtool() -> str:
    """The program: as `make setup` fetched it, or the system's. Skips the test where there is none."""
    found = str(_FETCHED) if _FETCHED.exists() else shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not here: `make .venv/promtool` fetches it from the Debian archive")
    return found


def check(
    folder: Path, series: Mapping[str, Sequence[float | None]], expected: Mapping[str, Mapping[int, float]]
) -> None:
    """Run the rules over series with a sample a minute, and compare expressions at given minutes.

    `expected`: expression -> minute -> value. Raises AssertionError with what promtool says.
    """
    tests: list[dict[str, Any]] = [
        {
            "interval": "1m",
            "input_series": [
                {"series": name, "values": " ".join("_" if v is None else repr(v) for v in values)}
                for name, values in series.items()
            ],
            "promql_expr_test": [
                {"expr": expr, "eval_time": f"{minute}m", "exp_samples": [{"labels": "{}", "value": value}]}
                for expr, values in expected.items()
                for minute, value in values.items()
            ],
        }
    ]
    path = folder / "rules_test.yaml"
    # JSON is YAML.
    path.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": tests}))
    done = subprocess.run(
        [promtool(), "test", "rules", str(path)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def firing(alert: str) -> str:
    """An expression: how many series of an alert fire."""
    return f'count(ALERTS{{alertname="{alert}", alertstate="firing"}}) or vector(0)'
