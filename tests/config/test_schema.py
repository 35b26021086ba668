"""The JSON Schema that `weighbridge check --schema` prints."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from gateway.config import json_schema

GOLDEN = Path(__file__).parent.parent / "golden" / "configs"
SCHEMA = json_schema()


def fields() -> list[tuple[str, dict[str, Any]]]:
    sections = {"File": SCHEMA, **SCHEMA["$defs"]}
    return [
        (f"{name}.{key}", field)
        for name, section in sections.items()
        for key, field in section.get("properties", {}).items()
    ]


def test_the_schema_is_one() -> None:
    """It is a valid schema of the draft that it names."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


@pytest.mark.parametrize(
    ("name", "field"), fields(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_key_is_described(name: str, field: dict[str, Any]) -> None:
    """An editor can tell of each key what it means, with an example that the schema takes."""
    assert field["description"].endswith("."), name
    validator = Draft202012Validator({"$defs": SCHEMA["$defs"], **field})
    assert field["examples"]
    for example in field["examples"]:
        validator.validate(example)


@pytest.mark.parametrize("path", sorted((GOLDEN / "good").glob("*.yaml")), ids=lambda path: path.stem)
def test_good_files_fit(path: Path) -> None:
    """An editor marks nothing in a file that loads, except keys left empty."""
    document = yaml.safe_load(path.read_text()) or {}
    # YAML 1.1, which this reader speaks, takes a bare `off` for a boolean; ours does not.
    if document.get("cache", {}).get("store") is False:
        document["cache"]["store"] = "off"
    if "one_key" in path.stem:
        document["providers"]["openai"] = {}
    Draft202012Validator(SCHEMA).validate(document)


@pytest.mark.parametrize(
    "text",
    [
        "provider: {}",
        "providers: {openai: {api_key: sk-literal}}",
        "providers: {OpenAI: {}}",
        "models: [{candidates: [a/b]}]",
        "cache: {ttl: 3600}",
        "policies: {a: {transform: [ocr]}}",
        "policies: {a: {quality_floor: 1.5}}",
        "server: {port: 70000}",
        "media: {fetch: true}",
        "keys: [{name: a, key: env/A, budget_usd: -1}]",
    ],
)
def test_bad_files_do_not_fit(text: str) -> None:
    """An editor marks the mistakes of form that loading refuses."""
    assert not Draft202012Validator(SCHEMA).is_valid(yaml.safe_load(text))
