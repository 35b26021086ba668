"""The alerts, by Prometheus' own engine."""

import re
import subprocess
from pathlib import Path

import yaml

from gateway.telemetry.instruments import BY_NAME
from tests.rig.promtool import RULES, check, firing, promtool

WHO = '{provider="p",model="p/m",modality="image"}'


def test_the_rules_are_sound() -> None:
    """Prometheus takes the file."""
    done = subprocess.run(
        [promtool(), "check", "rules", str(RULES)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_metric_named_is_one_of_ours() -> None:
    """An alert on a metric that does not exist would never fire: each is a row of the table."""
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    named = {name for rule in rules for name in re.findall(r"\bweighbridge_[a-z_]+\b", rule["expr"])}
    assert {name for name in named if re.sub(r"_(sum|count|bucket)$", "", name) not in BY_NAME} == set()
    assert named


def _quoted(ratios: list[float]) -> dict[str, list[float | None]]:
    """The series of an answer a minute."""
    sums = [sum(ratios[: number + 1]) for number in range(len(ratios))]
    return {
        f"weighbridge_quote_ratio_sum{WHO}": list(sums),
        f"weighbridge_quote_ratio_count{WHO}": [float(number + 1) for number in range(len(ratios))],
    }


def test_a_quote_that_holds_raises_nothing(tmp_path: Path) -> None:
    """An hour of answers within five percent of their quotes."""
    check(tmp_path, _quoted([1.05, 0.96] * 40), {firing("WeighbridgeQuoteDrift"): {30: 0, 60: 0, 79: 0}})


def test_drift_is_raised_either_way(tmp_path: Path) -> None:
    """Thirty percent more or fewer tokens than quoted, for half an hour."""
    for ratio in (1.3, 0.7):
        series = _quoted([1.0] * 30 + [ratio] * 40)
        check(tmp_path, series, {firing("WeighbridgeQuoteDrift"): {29: 0, 55: 1}})


def test_a_few_answers_are_no_drift(tmp_path: Path) -> None:
    """Three odd answers in half an hour prove nothing."""
    series = _quoted([1.5] * 3)
    held = {name: values + [values[-1]] * 40 for name, values in series.items()}
    check(tmp_path, held, {firing("WeighbridgeQuoteDrift"): {10: 0, 25: 0}})


def test_a_correction_that_stays_is_told(tmp_path: Path) -> None:
    """A quote that has been corrected for an hour asks a person to mend the rule."""
    series: dict[str, list[float | None]] = {f"weighbridge_quote_correction{WHO}": [1.3] * 90}
    check(tmp_path, series, {firing("WeighbridgeQuoteCorrected"): {30: 0, 61: 1}})


def test_a_rule_that_holds_again_is_silent(tmp_path: Path) -> None:
    """A correction of 1 is none."""
    series: dict[str, list[float | None]] = {f"weighbridge_quote_correction{WHO}": [1.0] * 90}
    check(tmp_path, series, {firing("WeighbridgeQuoteCorrected"): {61: 0}})


def test_unpriced_requests_are_told(tmp_path: Path) -> None:
    """A model without a price that serves is in no budget: somebody has to know."""
    name = 'weighbridge_unpriced_requests_total{provider="p",model="p/m"}'
    check(tmp_path, {name: [0.0] * 5 + [1.0] * 5}, {firing("WeighbridgeUnpriced"): {3: 0, 8: 1}})
