"""`weighbridge quote`, with the real application behind it."""

import json
from pathlib import Path

import pytest
from PIL import Image

from gateway.catalog import load as load_catalog
from gateway.config import discover
from tests.cli.conftest import MARK, Run


@pytest.fixture
def photo(folder: Path) -> Path:
    """A photograph larger than any model looks at."""
    path = folder / "photo.jpg"
    Image.radial_gradient("L").convert("RGB").resize((4000, 3000)).save(path)
    return path


def test_every_model_is_a_candidate(run: Run, photo: Path) -> None:
    """Without any key, a quote still tells what the request would cost at every model known."""
    result = run("quote", "--json", "--prompt", "What is this?", photo.name)
    document = json.loads(result.stdout)
    assert result.exit_code == 0
    from datetime import UTC, datetime  # noqa: PLC0415 - the day of the command

    known = discover(environment={}, catalog=load_catalog(on=datetime.now(UTC).date()))
    assert {item.name for item in known.deployments} == {item["model"] for item in document["candidates"]}
    by_name = {item["model"]: item for item in document["candidates"]}
    assert by_name["openai/gpt-4o"]["credentials"] == "missing"
    assert by_name["local/read"]["credentials"] == "present"
    assert by_name["openai/gpt-4o"]["verdict"] in {"chosen", "dearer"}
    assert by_name["local/smollm2"]["verdict"] == "rejected"
    assert ("image", 4000, 3000) == tuple(document["parts"][0][key] for key in ("kind", "width", "height"))


def test_a_photo_is_dearer_at_the_model_of_the_lower_list_price(run: Run, photo: Path) -> None:
    """gpt-4o-mini counts an image many times over, so for a photo gpt-4o is the cheaper of the two."""
    document = json.loads(run("quote", "--json", photo.name).stdout)
    order = [item["model"] for item in document["candidates"] if item["verdict"] != "rejected"]
    assert order.index("openai/gpt-4o") < order.index("openai/gpt-4o-mini")


def test_the_table(run: Run, photo: Path) -> None:
    """The table names the file, marks what has no key, and is the document rendered."""
    result = run("quote", "--prompt", "hi", photo.name, OPENAI_API_KEY=f"sk-{MARK}")
    assert result.exit_code == 0
    assert "4000x3000  photo.jpg" in result.stdout
    assert "anthropic/claude-haiku-5-5 (no key)" in result.stdout
    assert "openai/gpt-4o (no key)" not in result.stdout
    assert "\x1b" not in result.stdout


def test_a_configured_name(run: Run, folder: Path) -> None:
    """A name of the file has its own candidates, weighed although their keys are not set."""
    (folder / "weighbridge.yaml").write_text(
        "providers: {openai: , anthropic: }\n"
        "models: [{name: pair, candidates: [anthropic/claude-haiku-5-5, openai/gpt-4o-mini]}]\n"
    )
    document = json.loads(run("quote", "--json", "--model", "pair", "--prompt", "hi").stdout)
    assert {"anthropic/claude-haiku-5-5", "openai/gpt-4o-mini"} == {
        item["model"] for item in document["candidates"]
    }


def test_nothing_is_kept(run: Run, folder: Path, photo: Path) -> None:
    """A quote leaves no ledger behind."""
    (folder / "weighbridge.yaml").write_text('accounts: {store: "sqlite:w.db"}\n')
    assert run("quote", photo.name).exit_code == 0
    assert {"weighbridge.yaml", "photo.jpg"} == {path.name for path in folder.iterdir()}


def test_nothing_fits(run: Run, photo: Path) -> None:
    """When no candidate can carry the request the table still says why, and the exit code is 1."""
    result = run("quote", "--model", "local/smollm2", photo.name)
    assert result.exit_code == 1
    assert "modality_unsupported" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to weigh"),
        (("none.jpg",), "does not exist"),
        (("odd.bin",), "'odd.bin' is no image"),
    ],
)
def test_wrong_use(run: Run, folder: Path, arguments: tuple[str, ...], said: str) -> None:
    """What cannot be weighed is told before anything is loaded; the exit code is 2."""
    (folder / "odd.bin").write_bytes(b"\0\1\2")
    result = run("quote", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_refusal_has_its_code(run: Run) -> None:
    """A request that the gateway would refuse is refused in its words, with exit code 1."""
    result = run("quote", "--model", "no/such", "--prompt", "hi")
    assert result.exit_code == 1
    assert "model_not_found" in result.stderr


def test_a_bad_configuration(run: Run, folder: Path) -> None:
    """Mistakes stop a quote too, but missing secrets do not."""
    (folder / "weighbridge.yaml").write_text("providers: {openai: {api_key: env/UNSET}}\ncache: {ttl: 5}\n")
    result = run("quote", "--prompt", "hi")
    assert result.exit_code == 2
    assert "cache.ttl" in result.stderr
    assert "UNSET" not in result.stderr
