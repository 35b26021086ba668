"""The catalog's files: strict, dated, laid over by the operator."""

import gc
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.catalog import CatalogError, load
from gateway.catalog.facts import ScriptFactor
from gateway.catalog.images.open_weights import QwenGrid
from gateway.catalog.images.openai import OpenAIPatch, OpenAITile
from tests.catalog.samples import CATALOG, TODAY, facts

SOUND: dict[str, Any] = {
    "name": "rack/one",
    "input": ["text"],
    "source": "a test",
    "valid_from": date(2026, 1, 1),
    "confidence": "operator",
    "price": {"input": "1", "output": "2"},
}


def model(**changes: Any) -> dict[str, Any]:
    """A sound overlay of one model with some keys changed; None takes a key away."""
    record = {key: value for key, value in {**SOUND, **changes}.items() if value is not None}
    return {"model": [record]}


def mistakes(*overlays: dict[str, Any] | Path) -> tuple[str, ...]:
    """What is wrong with overlays."""
    with pytest.raises(CatalogError) as raised:
        load(overlays, on=TODAY)
    return raised.value.mistakes


def test_sound_overlay_loads() -> None:
    """The record the other tests break is itself in order."""
    assert load([model()], on=TODAY).get("rack/one") is not None


@pytest.mark.parametrize(
    ("changes", "place", "words"),
    [
        ({"colour": "red"}, "model[0] rack/one", "unknown key `colour`"),
        ({"source": None}, "model[0] rack/one", "`source` is missing"),
        ({"price": {"input": "1,5", "output": "2"}}, "`price`", "decimal number in quotes"),
        ({"price": {"input": 1.5, "output": "2"}}, "`price`", "str"),
        ({"price": {"input": "1", "output": "2", "outptu": "2"}}, "`price`", "outptu"),
        ({"price": {"input": "1"}}, "`price`", "both `input` and `output`"),
        ({"name": "nameless"}, "`name`", "provider/model"),
        ({"input": []}, "`input`", "text"),
        ({"input": ["text", "image"]}, "`image_rule` is missing", "image"),
        ({"input": ["text", "document"]}, "`page_tokens` is missing", "page"),
        ({"input": ["text", "audio"]}, "`audio_rule` is missing", "second"),
        ({"input": ["text", "smell"]}, "`input`", "smell"),
        ({"image_rule": "gpt-9"}, "`image_rule`", "gpt-9"),
        ({"tokenizer": "gpt-9"}, "`tokenizer`", "gpt-9"),
        ({"image_rule": {"kind": "qwen"}}, "`image_rule`", "`factor` is missing"),
        ({"image_rule": {"kind": "qwen", "factor": 28, "edge": 1}}, "`image_rule`", "unknown key `edge`"),
        ({"image_rule": {"kind": "mosaic"}}, "`image_rule`", "one of"),
        ({"valid_to": date(2025, 1, 1)}, "`valid_to`", "later"),
        ({"limits": {"image": {"bytse": 1}}}, "`limits`", "bytse"),
        ({"above": [{"tokens": 1, "price": {"input": "x", "output": "1"}}]}, "`above`", "decimal"),
        ({"above": [{"tokens": 9, "price": {}}, {"tokens": 9, "price": {}}]}, "`above`", "more tokens"),
        ({"input": ["text", "video"]}, "`video_rule` is missing", "second"),
        ({"audio_rule": {"kind": "per_second"}}, "`audio_rule`", "`tokens` is missing"),
        ({"audio_rule": {"kind": "per_second", "tokens": 25}}, "`audio_rule`", "str"),
        ({"video_rule": {"kind": "frames", "frame": 1, "sight": 1}}, "`video_rule`", "unknown key `sight`"),
        ({"video_rule": "imax"}, "`video_rule`", "imax"),
        ({"tiers": {"rush": "2"}}, "`tiers`", "rush"),
        ({"tiers": {"batch": 0.5}}, "`tiers`", "str"),
        ({"regions": {"us": "x"}}, "`regions`", "decimal"),
        ({"off_peak": {"times": "0.5", "windows": [{"start": "25:00", "end": "1"}]}}, "`off_peak`", "16:30"),
        ({"charges": [{"modality": "audio", "unit": "second"}]}, "`charges`", "usd"),
        ({"charges": [{"modality": "audio", "unit": "hour", "usd": "1"}]}, "`charges`", "hour"),
        ({"charges": [{"modality": "audio", "unit": "second", "usd": "1"}] * 2}, "`charges`", "two prices"),
        ({"caching": {"minutes": 5}}, "`caching`", "minutes"),
        ({"operations": ["sing"]}, "`operations`", "sing"),
        ({"page_rule": {"by_sheets": ["csv"]}}, "`page_rule`", "csv"),
    ],
)
def test_mistake_is_told_with_its_place(changes: dict[str, Any], place: str, words: str) -> None:
    """Each mistake is refused, with the file, the record and the key it stands in."""
    (found,) = mistakes(model(**changes))
    assert found.startswith("overlay 0: ")
    assert place in found
    assert words in found


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    """Mistakes of several records and files come in one error."""
    broken = tmp_path / "facts.toml"
    broken.write_text("[[model]\n")
    record = {**SOUND, "sourc": "x", "max_output_tokens": -1, "price": {"input": "a", "output": "1"}}
    found = mistakes({"model": [record], "modles": []}, broken, tmp_path / "nowhere.toml")
    assert 6 == len(found)
    assert any(line.startswith("facts.toml: ") for line in found)
    assert not any(str(tmp_path) in line for line in found)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"model": SOUND}, "`[[model]]`"),
        ({"model": [SOUND], "defaults": 3}, "`[defaults]`"),
        ({"model": ["rack/one"]}, "model[0]: `name` is missing"),
        ({"defaults": {"limits": {"image": 3}}, **model(limits={"image": {"count": 1}})}, None),
        ({"defaults": {"limits": {"image": {}}}, **model(limits={"image": 3})}, "`limits`"),
    ],
)
def test_what_is_no_table_is_told(document: dict[str, Any], words: str | None) -> None:
    """A section, defaults or limits of another shape are a mistake with a place, as any other."""
    if words is None:
        assert load([document], on=TODAY).get("rack/one") is not None
    else:
        assert any(words in line for line in mistakes(document))


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_left_as_it_was(enabled: bool) -> None:
    """It rests while records are made, and afterwards is on or off as before, also after a refusal."""
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        load([model()], on=TODAY)
        assert gc.isenabled() == enabled
        mistakes(model(colour="red"))
        assert gc.isenabled() == enabled
        CATALOG.merged({"rack/a": {"input": ["text"]}})
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if before else gc.disable)()


def test_overlapping_dates_are_refused() -> None:
    """Two records of a name may not hold on one day."""
    later = {**SOUND, "valid_from": date(2026, 6, 1)}
    (found,) = mistakes({"model": [SOUND, later]})
    assert "overlaps" in found
    assert "valid_to" in found


@pytest.mark.parametrize(
    ("name", "day", "before", "after"),
    [
        ("gemini/gemini-3.8-flash", date(2027, 1, 1), "0.75", "1.50"),
        ("gemini/gemini-4-argon", date(2026, 12, 1), "2", "4"),
        ("mistral/mistral-large-4", date(2026, 10, 29), "1.36", "0.70"),
    ],
)
def test_date_decides_the_price(name: str, day: date, before: str, after: str) -> None:
    """A price doubles, or falls, on its day; the day before has the old one."""
    found = [load(on=on).get(name) for on in (day - timedelta(days=1), day)]
    assert [before, after] == [known and known.rates[0].rate_usd for known in found]


@pytest.mark.parametrize(
    ("name", "before"), [("gpt-5-mini", "1.62"), ("gpt-5-nano", "2.46"), ("gpt-5.4-mini", "1.62")]
)
def test_date_decides_the_rule(name: str, before: str) -> None:
    """What a patch costs changed with the guide of September 2026; a bill of August can still be checked."""
    old, new = (load(on=day).rule(name) for day in (date(2026, 8, 31), date(2026, 9, 1)))
    assert isinstance(old, OpenAIPatch)
    assert isinstance(new, OpenAIPatch)
    assert (before, True) == (old.multiplier, new.multiplier < old.multiplier)


@pytest.mark.parametrize("day", [date(2020, 1, 1), date(2026, 7, 15), date(2030, 1, 1)])
def test_shipped_files_are_sound_on_any_day(day: date) -> None:
    """Records that do not hold yet, or no longer, are no mistake."""
    load(on=day)


def test_retired_model_is_gone() -> None:
    """A model past its `valid_to` is not offered."""
    assert load(on=date(2027, 4, 1)).get("openai/gpt-5.4-nano") is None


def test_shipped_models() -> None:
    """At least twelve current models over the four providers, each priced, dated and with a source."""
    assert len(CATALOG.names()) >= 12
    assert {"openai", "anthropic", "gemini", "local"} <= {facts(name).provider for name in CATALOG.names()}
    for name in CATALOG.names():
        found = facts(name)
        assert found.priced
        assert found.source
        assert found.valid_from <= TODAY


def test_limits_under_defaults() -> None:
    """A record overrides single limits of its file's defaults and keeps the others."""
    limit = facts("anthropic/claude-haiku-4-5").limits["image"]
    assert (100, 8000) == (limit.count, limit.side)


def test_merged_adds_a_private_model() -> None:
    """The operator's facts of an unknown server, as the README writes them; the token price is derived."""
    catalog = CATALOG.merged(
        {
            "rack/qwen3-vl": {
                "input": ["text", "image"],
                "image_rule": {"kind": "qwen", "factor": 32},
                "price": {"gpu_second_usd": "0.0008", "tokens_per_second": 900},
            }
        }
    )
    found = catalog.get("rack/qwen3-vl")
    assert found is not None
    assert QwenGrid(factor=32) == found.image_rule
    # 0.0008 / 900 dollars a token.
    assert {"0.888889"} == {rate.rate_usd for rate in found.rates}
    assert CATALOG.get("rack/qwen3-vl") is None


def test_merged_overrides_single_keys() -> None:
    """The operator's price replaces the catalog's with its thresholds; the other facts stay."""
    catalog = CATALOG.merged({"openai/gpt-5.4": {"price": {"input": "1", "output": "2"}}})
    found = catalog.get("openai/gpt-5.4")
    assert found is not None
    assert [("in", "1", 0), ("out", "2", 0)] == [(r.direction, r.rate_usd, r.above) for r in found.rates]
    assert facts("openai/gpt-5.4").image_rule == found.image_rule


def test_merged_without_a_price_is_unpriced() -> None:
    """No price is no price, not zero."""
    found = CATALOG.merged({"rack/plain": {"input": ["text"]}}).get("rack/plain")
    assert found is not None
    assert not found.priced


def test_laid_leaves_out_what_is_wrong() -> None:
    """One model's mistake is told under its name, and the others are laid over all the same."""
    catalog, wrong = CATALOG.laid({"rack/a": {"input": ["text"]}, "rack/b": {"input": ["smell"]}})
    assert catalog.get("rack/a") is not None
    assert catalog.get("rack/b") is None
    assert wrong.keys() == {"rack/b"}


def test_merged_tells_mistakes() -> None:
    """The operator's mistakes name the model."""
    with pytest.raises(CatalogError) as raised:
        CATALOG.merged({"rack/a": {"input": ["text"], "prize": {}}, "rack/b": {}})
    assert ("models: rack/a: facts: unknown key `prize`", "models: rack/b: facts: `input` is missing") == (
        raised.value.mistakes
    )


def test_overlay_file_replaces_a_model(tmp_path: Path) -> None:
    """An operator's TOML file has the catalog's own schema and wins over it."""
    file = tmp_path / "mine.toml"
    file.write_text(
        '[[image_rule]]\nname = "gpt-4o"\nkind = "openai_tile"\nbase = 1\ntile = 2\n'
        'valid_from = 2026-01-01\nsource = "me"\nconfidence = "measured"\n'
    )
    assert OpenAITile(base=1, tile=2) == load([file], on=TODAY).rule("gpt-4o")


TOKENIZER: dict[str, Any] = {
    "name": "rack",
    "script": {"han": {"factor": "1.5", "error": "0.2"}},
    "source": "a test",
    "valid_from": date(2026, 1, 1),
    "confidence": "operator",
}


def test_a_tokenizer_gives_scripts_factors_of_their_own() -> None:
    """A model points at a family by name; the record of the day holds."""
    later = {**TOKENIZER, "valid_from": date(2027, 1, 1), "script": {"han": {"factor": "9", "error": "0"}}}
    dated = {"tokenizer": [{**TOKENIZER, "valid_to": date(2027, 1, 1)}, later], **model(tokenizer="rack")}
    found = load([dated], on=TODAY).get("rack/one")
    assert found is not None
    assert {"han": ScriptFactor(Decimal("1.5"), Decimal("0.2"))} == found.scripts


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"script": {"runes": {"factor": "1", "error": "0"}}}, "runes"),
        ({"script": {"han": {"factor": 1.5, "error": "0"}}}, "str"),
        ({"script": {"han": {"factor": "1.5"}}}, "error"),
        ({"colour": "red"}, "unknown key `colour`"),
        ({"valid_to": date(2026, 1, 1)}, "overlaps"),
    ],
)
def test_a_tokenizer_is_read_strictly(changes: dict[str, Any], words: str) -> None:
    """A mistake in a tokenizer's record is told with its place."""
    records = [{**TOKENIZER, **changes}]
    if words == "overlaps":
        records = [TOKENIZER, TOKENIZER]
    told = mistakes({"tokenizer": records})
    assert any("tokenizer[" in mistake and words in mistake for mistake in told), told


def test_a_factor_of_the_operators_own_is_the_whole_factor() -> None:
    """Who calibrated a model's factor meant it for every script, not for the catalog's Latin alone."""
    name = "anthropic/claude-haiku-5-5"
    merged = CATALOG.merged({name: {"token_factor": "1.4"}}).get(name)
    assert merged is not None
    assert (Decimal("1.4"), {}) == (merged.token_factor, merged.scripts)
    assert facts(name).scripts


def test_a_price_of_the_operators_own_is_on_the_operators_word() -> None:
    """What the catalog says of its source, its day and its confidence holds of the catalog's price alone."""
    name = "openai/gpt-4o"
    merged = CATALOG.merged({name: {"price": {"input": "1", "output": "2"}}}).get(name)
    assert merged is not None
    assert ("operator", None) == (merged.confidence, merged.checked)
    untouched = CATALOG.merged({name: {"context_tokens": 1_000}}).get(name)
    assert untouched is not None
    shipped = facts(name)
    assert (shipped.source, shipped.checked) == (untouched.source, untouched.checked)
