"""Files to settings. Goldens: `tests/golden/configs/good/*.yaml`, and `bad/*.yaml` with their mistakes."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from gateway.catalog import Catalog
from gateway.config import ConfigError, Mistake, Settings, discover, find, load, load_settings
from gateway.config.mistakes import Place, dotted
from gateway.types.principal import Secret
from tests.config.conftest import ENVIRONMENT, MARK, Loader

GOLDEN = Path(__file__).parent.parent / "golden" / "configs"
GOOD = sorted((GOLDEN / "good").glob("*.yaml"))
BAD = sorted((GOLDEN / "bad").glob("*.yaml"))


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good(path: Path, catalog: Catalog) -> None:
    """A good file loads without a warning that would make it bad, and shows no secret."""
    settings = load(path, environment=ENVIRONMENT, catalog=catalog)
    assert str(path) == settings.source
    assert settings.groups
    assert MARK not in repr(settings)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad(path: Path, catalog: Catalog) -> None:
    """A bad file is refused with all its mistakes, each in its place, and no secret in any."""
    with pytest.raises(ConfigError) as caught:
        load(path, environment=ENVIRONMENT, catalog=catalog)
    said = str(caught.value).replace(str(path), path.name) + "\n"
    assert path.with_suffix(".txt").read_text() == said
    assert "NEVER-SHOW" not in said


def test_interface_example(catalog: Catalog) -> None:
    """The configuration of the interface document means what it says."""
    settings = load(GOLDEN / "good" / "interface.yaml", environment=ENVIRONMENT, catalog=catalog)
    vision = settings.groups["vision"]
    names = ["openai/gpt-4o", "openai/gpt-4o-mini", "anthropic/claude-haiku-5-5", "rack/qwen3-vl"]
    assert names == [item.name for item in vision.candidates]
    assert vision.policy.name == "careful"
    assert settings.providers["rack"].row.base_url == "http://vllm:8000/v1"
    assert settings.providers["rack"].row.dialect == "openai_chat"
    assert settings.providers["rack"].credentials == "present"
    assert settings.providers["openai"].api_key == Secret(ENVIRONMENT["OPENAI_API_KEY"])
    assert settings.cache.store == "redis"
    assert settings.cache.ttl == 3600
    assert settings.accounts.path == str(GOLDEN / "good" / "weighbridge.db")
    assert settings.anonymous is not None
    assert settings.anonymous.tenant == "default"


def test_everything(catalog: Catalog) -> None:
    """Every key reaches its place, in the units of the settings."""
    settings = load(GOLDEN / "good" / "everything.yaml", environment=ENVIRONMENT, catalog=catalog)
    rack, openai = settings.providers["rack"], settings.providers["openai"]
    assert ("x-team-token", Secret(ENVIRONMENT["TEAM_KEY"])) in rack.headers
    assert rack.row.auth == "x-api-key"
    assert rack.row.base_url == "http://10.0.0.7:8000/v1"
    assert (0.25, 30.0, 20.5, 300.0) == msgspec.structs.astuple(openai.deadlines)
    assert ("openai-organization", "org-1") in openai.headers
    assert (openai.row.region, rack.row.region) == ("eu", None)
    assert (settings.policies["default"].tier, settings.policies["default"].quality_floor) == ("flex", 0.75)
    team, other = settings.keys
    assert team.principal.budget == 500_000_000
    assert team.principal.tenant == "research"
    assert frozenset({"cheap", "auto", "openai/gpt-4o"}) == team.principal.models
    assert (other.principal.tenant, other.principal.budget) == ("other", None)
    assert settings.anonymous is None
    assert (settings.cache.store, settings.cache.address) == ("redis", "redis://cache:6379/1")
    assert settings.limits.body_bytes == 64 * 2**20
    assert settings.limits.nodes == 50_000
    assert settings.limits.ancillary_bytes == 2_000_000
    assert settings.media.remember_bytes == 64 * 2**20
    assert settings.server.drain == 0
    assert settings.policies["default"].prepare == {"strip", "legible"}
    assert settings.policies["default"].glyph_height == 12.5
    assert settings.log_level == "debug"
    assert settings.facts["rack/small"]["price"] == {"input": "0.10", "output": "0.40"}


def test_defaults_are_those_of_the_settings(settle: Loader) -> None:
    """An empty file and no file at all differ in their source alone."""
    from_file = settle("")
    catalog = settle.catalog
    assert msgspec.structs.replace(from_file, source=None) == discover(environment={}, catalog=catalog)


def test_auto_is_the_union_of_the_candidates(settle: Loader) -> None:
    """`auto` holds what the operator named, in that order, then the embedded engines."""
    settings = settle(
        "providers: {openai: , anthropic: }\n"
        "models:\n"
        "  - {name: b, candidates: [openai/gpt-4o-mini, openai/gpt-4o]}\n"
        "  - {name: a, candidates: [openai/gpt-4o, anthropic/claude-haiku-5-5]}\n"
    )
    names = [item.name for item in settings.groups["auto"].candidates]
    assert ["openai/gpt-4o-mini", "openai/gpt-4o", "anthropic/claude-haiku-5-5"] == names[:3]
    assert all(name.startswith("local/") for name in names[3:])
    assert names[3:]


def test_every_usable_model_answers_to_its_name(settle: Loader) -> None:
    """Besides the configured names each provider/model with credentials is a group of its own."""
    settings = settle("providers: {openai: }\n")
    assert "openai/gpt-4o" in settings.groups
    assert "anthropic/claude-haiku-5-5" not in settings.groups
    assert "anthropic/claude-haiku-5-5" in {item.name for item in settings.deployments}


def test_as_if_usable_weighs_everything(settle: Loader) -> None:
    """For a quote `auto` is every model known, each credential is taken for given, and nothing is kept."""
    settings = settle("accounts: {store: 'sqlite:x.db'}\ncache: {store: 'redis://h'}\n").as_if_usable()
    assert settings.deployments == settings.groups["auto"].candidates
    assert all(settings.usable(item) for item in settings.deployments)
    assert {item.name for item in settings.deployments} <= set(settings.groups)
    assert (settings.accounts.path, settings.cache.store) == (None, "off")


def test_weighing_keeps_to_what_the_file_says_of_auto(settle: Loader) -> None:
    """Every model known can be weighed; `auto` is all of them unless the file names candidates."""
    found = settle("providers: {openai: }\n")
    assert found.deployments == found.to_weigh().groups["auto"].candidates
    assert found.to_weigh().groups["auto"].gathered
    assert "missing" == found.to_weigh().providers["anthropic"].credentials
    named = settle("providers: {openai: }\nmodels: [{name: a, candidates: [openai/gpt-4o]}]\n")
    assert named.groups["auto"] == named.to_weigh().groups["auto"] == named.as_if_usable().groups["auto"]
    assert "anthropic/claude-haiku-5-5" in named.to_weigh().groups


def test_missing_secrets_are_mistakes_to_serve_and_warnings_to_quote(settle: Loader) -> None:
    """A reference that leads nowhere stops the server; a quote goes on without that provider."""
    text = (
        "providers: {openai: {api_key: env/UNSET}, gemini: }\n"
        "keys: [{name: a, key: file/none}]\n"
        "cache: {store: env/UNSET_TOO}\n"
    )
    with pytest.raises(ConfigError) as caught:
        settle(text, {})
    places = ["providers.openai.api_key", "providers.gemini", "keys[0].key", "cache.store"]
    assert places == [mistake.path for mistake in caught.value.mistakes]
    settings = settle(text, {}, need_secrets=False)
    assert places == [warning.path for warning in settings.warnings]
    assert settings.providers["openai"].credentials == "missing"
    # Keys were meant to be asked for: nobody gets in without one.
    assert settings.anonymous is None


def test_a_second_key_for_a_provider(settle: Loader) -> None:
    """`like` gives a provider the ways of a known one; at another address its usual key is not shown."""
    settings = settle(
        "providers:\n"
        "  anthropic-eu: {like: anthropic, api_key: env/OTHER_KEY}\n"
        "  usual: {like: openai}\n"
        "  proxy: {like: openai, base_url: 'https://proxy/v1'}\n"
        "models: [{name: anthropic-eu/x, facts: {input: [text], price: {input: '1', output: '1'}}}]\n"
    )
    found = settings.providers
    known = found["anthropic"].row
    assert msgspec.structs.replace(known, name="anthropic-eu") == found["anthropic-eu"].row
    assert Secret(ENVIRONMENT["OTHER_KEY"]) == found["anthropic-eu"].api_key
    assert Secret(ENVIRONMENT["OPENAI_API_KEY"]) == found["usual"].api_key
    assert (None, "https://proxy/v1") == (found["proxy"].api_key, found["proxy"].row.base_url)
    assert "anthropic-eu/x" in settings.groups


def test_budgets_of_key_and_tenant(settle: Loader) -> None:
    """The smaller of both holds, and a key's budget that others spend from is warned of."""
    settings = settle(
        "accounts: {store: 'sqlite:x.db'}\n"
        "keys:\n"
        "  - {name: a, tenant: t, key: env/TEAM_KEY, budget_usd: 5}\n"
        "  - {name: b, tenant: t, key: env/OTHER_KEY, budget_usd: 50}\n"
        "budgets: [{tenant: t, usd: 10}]\n"
    )
    assert [5 * 10**9, 10 * 10**9] == [key.principal.budget for key in settings.keys]
    assert ["keys[0].budget_usd", "keys[1].budget_usd"] == [item.path for item in settings.warnings]


def test_the_same_key_twice(settle: Loader) -> None:
    """Two names for one secret would make it a matter of luck who pays."""
    with pytest.raises(ConfigError, match="is the same key as keys"):
        settle("keys: [{name: a, key: env/TEAM_KEY}, {name: b, key: env/TEAM_KEY}]")


def test_secret_from_a_file(settle: Loader) -> None:
    """A file begins at the folder of the configuration; the line end is no part of the secret."""
    (settle.folder / "key").write_text(f"{MARK}-5\n")
    settings = settle("providers: {openai: {api_key: file/key}}")
    assert Secret(f"{MARK}-5") == settings.providers["openai"].api_key


@pytest.mark.parametrize(
    "data", [b"", b"two\nlines", b"\xff\xfe", b"x" * 70_000], ids=["none", "two", "odd", "huge"]
)
def test_secret_files_that_hold_no_secret(settle: Loader, data: bytes) -> None:
    """What could not be sent in a header is refused when it is read, not when it is sent."""
    (settle.folder / "odd").write_bytes(data)
    with pytest.raises(ConfigError, match="one line of visible characters"):
        settle("providers: {openai: {api_key: file/odd}}")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_secret_file_that_is_no_file(settle: Loader) -> None:
    """A pipe would block the start for ever."""
    pipe = settle.folder / "pipe"
    if not pipe.exists():
        os.mkfifo(pipe)
    with pytest.raises(ConfigError, match="not a plain file"):
        settle("providers: {openai: {api_key: file/pipe}}")


def test_discovery(catalog: Catalog) -> None:
    """Without a file, a provider is there when its usual variable is; the engines always are."""
    settings = discover(environment={"OPENAI_API_KEY": f"sk-{MARK}"}, catalog=catalog)
    present = {name for name, item in settings.providers.items() if item.credentials == "present"}
    assert {"openai", "local"} == present
    assert {"openai/gpt-4o", "local/smollm2", "auto"} <= set(settings.groups)
    assert MARK not in repr(settings)


def test_discovery_of_nothing(catalog: Catalog) -> None:
    """Without any key the embedded engines answer, and empty variables count as none."""
    settings = discover(environment={"OPENAI_API_KEY": "", "ANTHROPIC_API_KEY": " "}, catalog=catalog)
    assert all(item.provider == "local" for item in settings.groups["auto"].candidates)


def test_find(tmp_path: Path) -> None:
    """The option wins over the variable, the variable over the folder."""
    usual = tmp_path / "weighbridge.yaml"
    assert find(None, {}, tmp_path) is None
    usual.touch()
    assert usual == find(None, {}, tmp_path)
    assert Path("b.yaml") == find(None, {"WEIGHBRIDGE_CONFIG": "b.yaml"}, tmp_path)
    assert Path("a.yaml") == find(Path("a.yaml"), {"WEIGHBRIDGE_CONFIG": "b.yaml"}, tmp_path)


@pytest.mark.parametrize("name", ["missing.yaml", ".", "a\0b"])
def test_a_file_that_is_none(name: str, tmp_path: Path, catalog: Catalog) -> None:
    """A missing file, a folder, or no possible name: one mistake that says so."""
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / name, environment={}, catalog=catalog)
    assert len(caught.value.mistakes) == 1


def test_load_settings_looks_at_the_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without arguments the file in the current folder is taken, with the real environment."""
    (tmp_path / "weighbridge.yaml").write_text("server: {port: 9999}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WEIGHBRIDGE_CONFIG", raising=False)
    assert load_settings().server.port == 9999


TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["env/TEAM_KEY", "file/x", "off", "openai/gpt-4o", "auto", "rack/x", "1h", "50MiB", "memory"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def outcome(settle: Loader, text: str) -> tuple[Settings | None, tuple[Mistake, ...]]:
    """What a text comes to: settings, or mistakes."""
    try:
        return settle(text), ()
    except ConfigError as error:
        return None, error.mistakes


def mutate(value: object, draw: st.DataObject) -> object:
    """The value with one place, drawn by chance, replaced by anything."""
    if isinstance(value, dict) and value and draw.draw(st.integers(0, 4)):
        key = draw.draw(st.sampled_from(sorted(value)))
        if draw.draw(st.integers(0, 9)) == 0:
            return {**value, draw.draw(st.text(max_size=8)): draw.draw(TREES)}
        return {**value, key: mutate(value[key], draw)}
    if isinstance(value, list) and value and draw.draw(st.integers(0, 4)):
        index = draw.draw(st.integers(0, len(value) - 1))
        return [*value[:index], mutate(value[index], draw), *value[index + 1 :]]
    return draw.draw(TREES)


EVERYTHING = yaml.safe_load((GOLDEN / "good" / "everything.yaml").read_text())


@tuned(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_mutated_configurations(settle: Loader, draw: st.DataObject) -> None:
    """Whatever stands wherever, there are settings or placed mistakes, and no secret in either."""
    document = EVERYTHING
    for _ in range(draw.draw(st.integers(1, 3))):
        document = mutate(document, draw)
    (settle.folder / "secrets").mkdir(exist_ok=True)
    (settle.folder / "secrets" / "rack.key").write_text(f"{MARK}-6")
    settings, mistakes = outcome(settle, yaml.safe_dump(document, allow_unicode=True))
    assert (settings is None) == bool(mistakes)
    assert all(mistake.line is None or mistake.line >= 1 for mistake in mistakes)
    assert all(mistake.message for mistake in mistakes)
    assert MARK not in repr(settings) + repr(mistakes)


def places(value: object, place: Place = ()) -> Iterator[Place]:
    """Every place of a document but the document itself."""
    steps: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        steps = list(value.items())
    elif isinstance(value, list):
        steps = list(enumerate(value))
    for step, inner in steps:
        yield (*place, step)
        yield from places(inner, (*place, step))


def replaced(value: Any, place: Place, other: object) -> Any:
    """The document with another value at one place."""
    if not place:
        return other
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = replaced(value[place[0]], place[1:], other)
    return copy


@pytest.mark.parametrize("place", list(places(EVERYTHING)), ids=dotted)
def test_one_wrong_shape_is_one_mistake(settle: Loader, place: Place) -> None:
    """What is left out because of its shape makes nothing else wrong, whatever refers to it."""
    (settle.folder / "secrets").mkdir(exist_ok=True)
    (settle.folder / "secrets" / "rack.key").write_text(f"{MARK}-6")
    # A section that names its entries would take any mapping for one.
    named = {"zz": {"zz": [1]}} if place not in {("providers",), ("policies",)} else 5
    for wrong in (named, [[{"zz": 1}]], -0.5):
        _, mistakes = outcome(settle, yaml.safe_dump(replaced(EVERYTHING, place, wrong)))
        at = dotted(place)
        assert [] == [str(m) for m in mistakes if not m.path.startswith(at) and not at.startswith(m.path)]


@pytest.mark.parametrize("place", list(places(EVERYTHING)), ids=dotted)
def test_no_wrong_shape_hides_another_mistake(settle: Loader, place: Place) -> None:
    """Whatever else is wrong in its shape, a candidate that nobody knows is told of in the same list."""
    unknown = ("models", 0, "candidates", 0)
    if place == unknown[: len(place)]:
        return
    document = replaced(EVERYTHING, unknown, "openai/gpt-4o-minni")
    _, mistakes = outcome(settle, yaml.safe_dump(replaced(document, place, {"zz": {"zz": [1]}})))
    assert "models[0].candidates[0]" in [mistake.path for mistake in mistakes]


@tuned(max_examples=80, deadline=None)
@given(st.data())
def test_a_secret_in_any_place(settle: Loader, draw: st.DataObject) -> None:
    """A credential pasted as any value of the file never comes back in a message or in settings' repr."""
    pasted = "sk-proj-9fJq8ZxkV3mT7bLw2NcRy5Hd"

    def paste(value: object) -> object:
        if isinstance(value, dict) and value:
            key = draw.draw(st.sampled_from(sorted(value)))
            return {**value, key: paste(value[key])}
        if isinstance(value, list) and value:
            index = draw.draw(st.integers(0, len(value) - 1))
            return [*value[:index], paste(value[index]), *value[index + 1 :]]
        return pasted

    _, mistakes = outcome(settle, yaml.safe_dump(paste(EVERYTHING)))
    assert pasted not in "\n".join(map(str, mistakes))
