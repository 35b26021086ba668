"""What candidates without a key would cost, beside what is chosen."""

from datetime import date
from typing import Any

import pytest

from gateway.catalog import load as load_catalog
from gateway.cli.whatif import Key, with_costs
from gateway.config import Settings, discover

OPENAI, GEMINI, LOCAL = "openai/gpt-4o", "gemini/gemini-3.5-flash", "local/read"
NO_KEY = {"code": "no_credentials", "message": "no key"}
PRICED = {"cost_usd": {"expected": "0"}, "line_items": []}
BLIND = {"code": "modality_unsupported", "message": "sees nothing"}


@pytest.fixture(scope="module")
def settings() -> Settings:
    """Nothing but the environment, with a key for OpenAI alone."""
    return discover(environment={"OPENAI_API_KEY": "sk-x"}, catalog=load_catalog(on=date(2026, 11, 21)))


def row(model: str, verdict: str, reason: dict[str, str] | None = None) -> dict[str, Any]:
    weighed = {} if verdict == "rejected" else {"cost_usd": None}
    return {"model": model, "verdict": verdict, "reason": reason, **weighed}


def told(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"chosen": next((r["model"] for r in rows if r["verdict"] == "chosen"), None), "candidates": rows}


def test_a_missing_key_stays_the_reason_beside_the_cost(settings: Settings) -> None:
    """What lacks a key alone is rejected for that, with its cost; the choice stays the server's."""
    found = told(row(OPENAI, "chosen"), row(GEMINI, "rejected", NO_KEY))
    imagined = told(row(GEMINI, "chosen") | PRICED, row(OPENAI, "dearer", {"code": "dearer"}))
    document, key = with_costs(found, imagined, settings)
    assert OPENAI == document["chosen"]
    assert [
        row(OPENAI, "chosen") | {"credentials": "present"},
        row(GEMINI, "rejected", NO_KEY) | {"credentials": "missing"} | PRICED,
    ] == [{name: value for name, value in item.items() if name != "why"} for item in document["candidates"]]
    assert Key(GEMINI, "GEMINI_API_KEY") == key


def test_what_a_key_would_not_help_says_so(settings: Settings) -> None:
    """A candidate that could not carry the request with a key either has that as its reason, at the end."""
    found = told(row(GEMINI, "rejected", NO_KEY), row(LOCAL, "rejected", BLIND), row(OPENAI, "chosen"))
    imagined = told(row(OPENAI, "chosen"), row(GEMINI, "rejected", BLIND), row(LOCAL, "rejected", BLIND))
    document, key = with_costs(found, imagined, settings)
    assert [OPENAI, GEMINI, LOCAL] == [item["model"] for item in document["candidates"]]
    assert BLIND == document["candidates"][1]["reason"]
    assert key is None


def test_one_on_standby_would_step_back(settings: Settings) -> None:
    """What is chosen for want of anything better comes with the reason why a key would change that."""
    found = told(row(LOCAL, "chosen"), row(GEMINI, "rejected", NO_KEY))
    aside = {"code": "standby", "message": "taken only when nothing else can"}
    imagined = told(row(GEMINI, "chosen"), row(LOCAL, "dearer", aside))
    assert Key(GEMINI, "GEMINI_API_KEY", aside["message"]) == with_costs(found, imagined, settings)[1]


def test_the_sentences_are_of_what_stands_there(settings: Settings) -> None:
    """What was said beside other candidates is said anew: a missing key is part of it."""
    found = told(row(OPENAI, "chosen") | {"why": "alone"}, row(GEMINI, "rejected", NO_KEY))
    found["candidates"] += (row(LOCAL, "rejected", BLIND) | {"why": "it was third"},)
    imagined = told(row(GEMINI, "chosen") | PRICED | {"why": "first"}, row(OPENAI, "dearer", BLIND))
    said = [item.get("why") for item in with_costs(found, imagined, settings)[0]["candidates"]]
    assert [
        f"no price is known of it; {GEMINI} comes next, whose price is not known either.",
        f"it costs nothing; {OPENAI} comes first.",
        None,
    ] == said
