"""`weighbridge quote`, with the real application behind it."""

import json
import wave
from pathlib import Path

import pytest
from click import ClickException
from PIL import Image

from gateway.app import Quoter
from gateway.catalog import load as load_catalog
from gateway.cli.body import chat_body
from gateway.cli.quote import WIDTH, weighed
from gateway.config import discover, load_settings
from gateway.errors import GatewayError
from tests.cli.conftest import MARK, Run

NAMED = "models:\n  - {name: pair, candidates: [openai/gpt-4o, gemini/gemini-3.5-flash]}\n"


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
    assert ("rejected", "no_credentials") == (
        by_name["openai/gpt-4o"]["verdict"],
        by_name["openai/gpt-4o"]["reason"]["code"],
    )
    assert by_name["openai/gpt-4o"]["cost_usd"]["expected"]
    assert by_name["local/smollm2"]["verdict"] == "rejected"
    assert ("image", 4000, 3000) == tuple(document["parts"][0][key] for key in ("kind", "width", "height"))


def test_a_photo_is_dearer_at_the_model_of_the_lower_list_price(run: Run, photo: Path) -> None:
    """gpt-4o-mini counts an image many times over, so for a photo gpt-4o is the cheaper of the two."""
    document = json.loads(run("quote", "--json", photo.name, OPENAI_API_KEY=f"sk-{MARK}").stdout)
    order = [item["model"] for item in document["candidates"] if item["verdict"] != "rejected"]
    assert order.index("openai/gpt-4o") < order.index("openai/gpt-4o-mini")


def test_the_table(run: Run, photo: Path) -> None:
    """The table names the file, marks what has no key, and is the document rendered."""
    result = run("quote", "--prompt", "hi", photo.name, OPENAI_API_KEY=f"sk-{MARK}")
    assert result.exit_code == 0
    assert "4000x3000  photo.jpg" in result.stdout
    assert "no key   anthropic/claude-haiku-5-5" in result.stdout
    assert "dearer   openai/gpt-4o " in result.stdout
    assert "\x1b" not in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= WIDTH
    narrow = run("quote", photo.name, COLUMNS="70").stdout
    assert max(map(len, narrow.splitlines())) <= 70


@pytest.mark.parametrize("keys", [(), ("OPENAI_API_KEY",), ("OPENAI_API_KEY", "GEMINI_API_KEY")])
@pytest.mark.parametrize(
    "text", ["", "cache: {store: off}\n", NAMED, NAMED + "  - {name: auto, candidates: [openai/gpt-4o]}\n"]
)
@pytest.mark.parametrize("model", ["auto", "pair", "openai/gpt-4o", "gpt-4o"])
def test_what_is_chosen_is_what_the_server_would_take(
    folder: Path, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...], text: str, model: str
) -> None:
    """With the same keys, configuration, name and body the command chooses what `/v1/quote` does."""
    for key in keys:
        monkeypatch.setenv(key, f"sk-{MARK}")
    if text:
        providers = "".join(f"  {key.partition('_')[0].lower()}:\n" for key in keys)
        (folder / "weighbridge.yaml").write_text(text + (f"providers:\n{providers}" if providers else ""))
    if "pair" in text and len(keys) < 2:
        # The server does not start with candidates whose providers are not configured.
        return
    settings = load_settings()
    body, _ = chat_body(model, "What is this?", [])
    try:
        served = Quoter(settings).document(body)["chosen"]
    except GatewayError:
        served = None
    try:
        assert served == weighed(settings, body)[0]["chosen"]
    except ClickException:
        assert served is None


def test_markdown(run: Run, photo: Path) -> None:
    """For an issue or a review: the same table with amounts in full, whatever the width of the terminal."""
    result = run(
        "quote", "--markdown", "--prompt", "hi", photo.name, COLUMNS="40", OPENAI_API_KEY=f"sk-{MARK}"
    )
    assert result.exit_code == 0
    assert "| 0 | image | `image/jpeg` | " in result.stdout
    assert "| no key | `anthropic/claude-haiku-5-5` | $0" in result.stdout
    assert "\n1. `openai/gpt-5" in result.stdout
    assert (
        result.stdout == run("quote", "--markdown", "--prompt", "hi", photo.name, OPENAI_API_KEY="x").stdout
    )


def test_the_best_three_say_why(run: Run, photo: Path) -> None:
    """Three sentences in the document, and the same in the table, the first of them of what is chosen."""
    arguments = ("--prompt", "hi", photo.name)
    document = json.loads(run("quote", "--json", *arguments).stdout)
    said = {item["model"]: item["why"] for item in document["candidates"] if "why" in item}
    assert 3 == len(said)
    assert document["chosen"] == next(iter(said))
    assert all("no key" in why for why in said.values())
    table = " ".join(run("quote", *arguments, COLUMNS="200").stdout.split())
    assert all(f"{model}: {' '.join(why.split())}" in table for model, why in said.items())


def test_what_a_price_rests_on_is_told(run: Run, photo: Path) -> None:
    """Whatever was weighed says since when, by whom and how sure; the table explains its marks."""
    document = json.loads(run("quote", "--json", photo.name).stdout)
    known = {item["model"]: item.get("facts") for item in document["candidates"] if item.get("cost_usd")}
    assert all(facts["source"] and facts["since"] for facts in known.values())
    assert [True, False] == [known[name]["confirmed"] for name in ("local/read", "openai/gpt-4o")]
    assert "FACTS, what is to be doubted of a price:" in run("quote", photo.name).stdout


def test_a_key_changes_the_choice(run: Run, photo: Path) -> None:
    """Without keys what can be sent is told first, then what one more key would change."""
    result = run("quote", photo.name)
    first, second = " ".join(result.stdout.split("PART")[0].split()).split(". ", 2)[1:]
    assert first.startswith("Chosen: local/read for $0.0000289, the only one that can carry it")
    assert second.startswith("With GEMINI_API_KEY it would be gemini/gemini-2.5-flash-lite for $")
    assert "local/read is taken only when nothing else can carry it" in second
    document = json.loads(run("quote", "--json", photo.name).stdout)
    assert "local/read" == document["chosen"] == document["candidates"][0]["model"]
    costs = [
        float(item["cost_usd"]["expected"])
        for item in document["candidates"]
        if item["verdict"] == "rejected" and item["reason"]["code"] == "no_credentials"
    ]
    assert sorted(costs) == costs != []
    assert "rejected" == document["candidates"][-1]["verdict"]
    assert "modality_unsupported" == document["candidates"][-1]["reason"]["code"]


def test_another_key_would_be_cheaper(run: Run, photo: Path) -> None:
    """With a key at hand, a cheaper candidate of another provider is told with what it would save."""
    said = " ".join(run("quote", photo.name, OPENAI_API_KEY=f"sk-{MARK}").stdout.split("PART")[0].split())
    assert "Chosen: openai/gpt-5" in said
    assert "Cheaper still with GEMINI_API_KEY: gemini/gemini-2.5-flash-lite for $" in said
    assert ", which saves $" in said


def test_a_bounded_answer_is_cheaper_at_most(run: Run, photo: Path) -> None:
    """--max-tokens is the request's bound, so the most that it can cost falls with it."""

    def most(*arguments: str) -> float:
        document = json.loads(run("quote", "--json", *arguments, photo.name).stdout)
        (row,) = (item for item in document["candidates"] if item["model"] == "openai/gpt-4o")
        return float(row["cost_usd"]["high"])

    assert most("--max-tokens", "10") < most() / 10


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
    assert document["chosen"] is None


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


@pytest.fixture
def recording(folder: Path) -> Path:
    """Ten minutes of silence."""
    path = folder / "meeting.wav"
    with wave.open(str(path), "wb") as written:
        written.setparams((1, 2, 8000, 0, "NONE", ""))
        written.writeframes(bytes(2 * 8000 * 600))
    return path


def test_a_recording_for_its_words(run: Run, recording: Path) -> None:
    """Every service that hears is weighed, whoever has a key; the headline says that none is served."""
    result = run("quote", "--for", "transcription", recording.name)
    assert result.exit_code == 0
    said = " ".join(result.stdout.split())
    assert "The gateway does not serve transcriptions yet" in said
    assert "EXPECTED assumes speech of 200 tokens a minute" in said
    assert "tried next" not in said
    document = json.loads(run("quote", "--json", "--for", "transcription", recording.name).stdout)
    costs = {item["model"]: item["cost_usd"]["expected"] for item in document["candidates"]}
    assert "0.06" == costs["openai/whisper-1"]
    assert "openai/gpt-4o" not in costs


def test_texts_for_vectors(run: Run) -> None:
    """An embedding has no answer, and no remark about one."""
    result = run("quote", "--for", "embedding", "--prompt", "hello world")
    assert "openai/text-embedding-3-small" in result.stdout
    assert "tokens of answer" not in result.stdout


def test_a_body_as_a_client_sends_it(run: Run, folder: Path) -> None:
    """A Responses body in a file is weighed as it is; nothing may stand beside it."""
    path = folder / "body.json"
    path.write_text(json.dumps({"model": "auto", "input": "Who built the Rialto?", "max_output_tokens": 9}))
    document = json.loads(run("quote", "--json", "--body", path.name).stdout)
    assert ("auto", "chat", True) == (document["model"], document["operation"], document["served"])
    beside = run("quote", "--body", path.name, "--prompt", "x")
    assert (2, True) == (beside.exit_code, "--body is a whole request" in beside.stderr)


def test_what_is_no_recording_is_told(run: Run, photo: Path) -> None:
    """A picture has no words to be written down."""
    result = run("quote", "--for", "transcription", photo.name)
    assert (2, True) == (result.exit_code, "one FILE of sound: WAV or MP3" in result.stderr)


def test_what_is_no_text_makes_no_vector(run: Run, photo: Path) -> None:
    """Neither a picture nor the source of a PDF is a text to be embedded."""
    page = photo.with_name("page.pdf")
    page.write_bytes(b"%PDF-1.4\n%plain letters\n")
    for name in (photo.name, page.name):
        result = run("quote", "--for", "embedding", name)
        assert (2, True) == (result.exit_code, "is no text" in result.stderr)
