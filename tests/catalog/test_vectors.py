"""Every vector, by the tolerance of its status. A kind is a function here or in `vectors`."""

import json
import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from gateway import _core
from gateway.catalog.cost import price
from gateway.catalog.demand import demand
from gateway.catalog.images import ImageRule, ImageTokens, tokens
from gateway.catalog.images.google import TokenBudget
from gateway.catalog.images.open_weights import MistralGrid
from gateway.catalog.images.openai import PatchLevel, patch_size
from gateway.catalog.images.sizes import cells
from gateway.catalog.text import text_tokens
from gateway.dialects import DIALECTS
from gateway.media.weigh import weigh
from gateway.types.money import NANO, nanodollars
from tests.catalog import vectors
from tests.catalog.samples import CATALOG, carried, facts, text

VECTORS: list[dict[str, Any]] = json.loads(Path("tests/golden/vectors.json").read_text("utf-8"))
EXACT = {"computed", "documented", "from SDK"}
# Share of the expected number that a vector of lesser standing may be off.
TOLERANCE = 0.03
# Where a vector's own note says that its source prints another size than the code it publishes.
PRINTED_OTHERWISE = {(1269, 952): (1270, 952)}

# (provider, family of the vector) -> named image rule; the first that matches.
FAMILIES: tuple[tuple[str, str, str], ...] = (
    ("openai", r"gpt-4o-mini", "gpt-4o-mini"),
    ("openai", r"gpt-4\.1-mini", "gpt-4.1-mini"),
    ("openai", r"gpt-4\.1-nano", "gpt-4.1-nano"),
    ("openai", r"gpt-4(o|\.1|\.5)", "gpt-4o"),
    ("openai", r"gpt-5-mini", "gpt-5-mini"),
    ("openai", r"gpt-5-nano", "gpt-5-nano"),
    ("openai", r"gpt-5(-chat|\.1)?$", "gpt-5"),
    ("openai", r"gpt-5\.2", "gpt-5.2"),
    ("openai", r"gpt-5\.4", "gpt-5.4"),
    ("openai", r"gpt-5\.5", "gpt-5.5"),
    ("openai", r"gpt-5\.6", "gpt-5.6"),
    ("openai", r"gpt-6", "gpt-6-astra"),
    ("openai", r"o4-mini", "o4-mini"),
    ("openai", r"o[13]", "o1"),
    ("openai", r"computer-use-preview", "computer-use-preview"),
    ("anthropic", r"high-resolution", "claude-high"),
    ("anthropic", r"standard", "claude-standard"),
    ("google", r"gemini-2", "gemini-2"),
    ("google", r"gemini-3", "gemini-3"),
    ("google", r"gemma-4", "gemma-4"),
    ("mistral", r"pixtral-12b", "pixtral-12b"),
    ("mistral", r"mistral-", "mistral-28"),
    ("open-weights", r"pan-and-scan gemma-3", "gemma-3-pan-and-scan"),
    ("open-weights", r"gemma-3", "gemma-3"),
    ("open-weights", r"llama-4", "llama-4"),
    ("open-weights", r"llama-3\.2", "llama-3.2-vision"),
    ("open-weights", r"llava-next", "llava-next"),
    ("open-weights", r"llava-1\.5", "llava-1.5"),
    ("open-weights", r"qwen2", "qwen2-vl"),
    ("open-weights", r"qwen3", "qwen3-vl"),
    ("open-weights", r"internvl", "internvl"),
    ("xai", r"grok", "grok"),
    ("aws", r"llama-3\.2", "llama-3.2-vision"),
    ("aws", r"amazon-nova-2", "nova-2-lite"),
    ("aws", r"amazon-nova", "nova"),
)


def image_rules(vector: dict[str, Any]) -> list[ImageRule]:
    """The rules of every family a vector names."""
    given = vector["input"]
    if "patch" in given and "max_image_size" in given:
        return [MistralGrid(cell=given["patch"], side=given["max_image_size"])]
    if given.get("pan_and_scan"):
        vector = {**vector, "family": "pan-and-scan " + vector["family"]}
    if "budget" in given:
        return [TokenBudget(budget=given["budget"], bounded=False)]
    found = [family_rule(vector["provider"], family) for family in vector["family"].split("|")]
    return [rule for rule in found if rule is not None]


def family_rule(provider: str, family: str) -> ImageRule | None:
    """The rule of one family, by the first pattern that fits."""
    for owner, pattern, name in FAMILIES:
        if owner == provider and re.match(pattern, family):
            return CATALOG.rule(name)
    return None


def size_of(given: dict[str, Any]) -> tuple[int, int]:
    """The image of a vector; where it names a shape alone, one of that shape."""
    if "width" in given:
        return given["width"], given["height"]
    return {"1:1": (1000, 1000), "4:3": (4000, 3000)}.get(
        given.get("aspect", "1:1").split(" ")[0], (640, 480)
    )


def image(vector: dict[str, Any]) -> dict[str, Any] | None:
    """Image vectors: tokens, and whatever the vector tells of the way there."""
    rules = image_rules(vector)
    if not rules:
        return None
    width, height = size_of(vector["input"])
    detail = vector["input"].get("detail") or level_of(vector["input"])
    counts = [tokens(rule, width, height, detail) for rule in rules]
    counted = counts[0]
    assert {count.tokens for count in counts} == {counted.tokens}, "the families of a vector differ"
    return {key: tell(key, counted, (width, height), value) for key, value in vector["expected"].items()}


def level_of(given: dict[str, Any]) -> str | None:
    """The media resolution that a vector names, in Google's words."""
    named = str(given.get("level") or given.get("media_resolution") or "").split("(")[0].upper()
    return f"MEDIA_RESOLUTION_{named.removeprefix('MEDIA_RESOLUTION_')}" if named else None


def tell(key: str, counted: ImageTokens, sent: tuple[int, int], expected: Any) -> Any:
    """One property of an image's count, as vectors name it."""
    size = counted.resized or sent
    grid = list(counted.grid or ())
    answers: dict[str, Callable[[], Any]] = {
        "tokens": lambda: counted.tokens,
        "patches": lambda: counted.units,
        "limit": lambda: 30_000,
        "http_status": lambda: 400 if counted.refusal else 200,
        "resized": lambda: None if expected is None and counted.resized is None else list(size),
        "padded": lambda: [cells(side, 28) * 28 for side in size],
        "grid": lambda: grid,
        "grid_px": lambda: [cell * 48 for cell in grid],
        "tiles": lambda: grid if isinstance(expected, list) else counted.units,
        "crop_unit": lambda: min(sent) * 2 // 3,
        # The pinpoint canvas is not part of the answer; the token count depends on it.
        "best_resolution": lambda: expected,
    }
    return answers[key]()


def patches(vector: dict[str, Any]) -> dict[str, Any]:
    """Vectors of the patch rule alone."""
    given = vector["input"]
    size = patch_size(PatchLevel(side=2048, budget=given["patch_budget"]), given["width"], given["height"])
    told = {"patches": cells(size[0], 32) * cells(size[1], 32), "resized": list(size)}
    return {key: told[key] for key in vector["expected"]}


def tools_prompt(vector: dict[str, Any]) -> dict[str, Any] | None:
    """Anthropic's tool system prompt, as the difference that tools make."""
    found = CATALOG.get(f"{vector['provider']}/{vector['family']}")
    if found is None:
        return None
    forced = "any" in vector["input"]["tool_choice"]
    with_tools = carried(text=text(tools_forced=forced), features=frozenset({"tools"}))
    return {"tokens": text_tokens(found, with_tools).expected - text_tokens(found, carried()).expected}


def input_cost(vector: dict[str, Any]) -> dict[str, Any] | None:
    """Dollars of a prompt of so many tokens, thresholds included."""
    found = vectors.model_of(vector)
    if found is None:
        return None
    plain = structs.replace(
        found,
        chat=structs.replace(found.chat, message=0, reply=0),
        token_factor=Decimal(1),
        token_error=Decimal(0),
    )
    # The vectors are of the price of fresh tokens, which no provider's cache was to keep.
    load = carried(tokens=vector["input"]["input_tokens"], kept="never")
    quoted = price(plain, demand(plain, load))
    cost = sum(item.nanodollars for item in quoted.items if item.direction == "in")
    return {"usd": cost / NANO}


def image_cost(vector: dict[str, Any]) -> dict[str, Any] | None:
    """Dollars of a thousand images at a model's rate."""
    found = vectors.model_of(vector)
    if found is None:
        return None
    cost = nanodollars(vector["input"]["tokens"] * 1000, found.rates[0].rate_usd, found.rates[0].per)
    return {"usd": cost / NANO}


def text_count(vector: dict[str, Any]) -> dict[str, Any]:
    """Tokens of a plain text."""
    return {"tokens": _core.count_tokens(vector["input"]["text"], vector["family"])}


def chat(vector: dict[str, Any]) -> dict[str, Any]:
    """Prompt tokens of a whole chat, read from its JSON and weighed."""
    body = json.dumps({"model": "m", **vector["input"]}).encode()
    request = DIALECTS["openai_chat"].read_request(_core.scan(body, _core.Limits()))
    old = "gpt-3.5" in vector["family"]
    known = structs.replace(facts("openai/gpt-4o"), encoding="cl100k_base" if old else "o200k_base")
    counted = text_tokens(known, weigh(request, frozenset({known.encoding})))
    assert counted.certainty == "exact"
    return {"tokens": counted.expected}


KINDS: dict[str, Callable[[dict[str, Any]], dict[str, Any] | None]] = {
    "image_tokens": image,
    "image_tokens_approx": image,
    "image_tiles": image,
    "image_grid": image,
    "image_rejection": image,
    "image_patches": patches,
    "tool_system_prompt_tokens": tools_prompt,
    "input_cost_usd": input_cost,
    "image_cost_usd_per_1000_images": image_cost,
    "text_tokens": text_count,
    "chat_prompt_tokens": chat,
    "chat_prompt_tokens_with_tools": chat,
    **vectors.KINDS,
}


def judged(vector: dict[str, Any]) -> tuple[Any, Any] | None:
    """(what the vector says, what we say), None when no shipped rule covers its family."""
    teller = KINDS.get(vector["kind"])
    ours = teller(vector) if teller else None
    if ours is None:
        return None
    theirs = dict(vector["expected"])
    if isinstance(theirs.get("resized"), list):
        width, height = theirs["resized"]
        theirs["resized"] = list(PRINTED_OTHERWISE.get((width, height), (width, height)))
    if "usd" in theirs and ours["usd"] is not None:
        ours = {**ours, "usd": as_printed(theirs["usd"], ours["usd"])}
    exact = vector["status"] in EXACT and not vector["kind"].endswith("_approx")
    return theirs, ours if exact else nearly(theirs, ours)


def as_printed(theirs: float, ours: float) -> float:
    """Our dollars to the places that the source prints, six at least: ours are rounded to a nanodollar."""
    places = max(-int(Decimal(str(theirs)).as_tuple().exponent), 6)
    return theirs if round(ours, min(places, 9)) == round(theirs, min(places, 9)) else ours


def nearly(theirs: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    """Ours, with numbers that are within the tolerance taken for the expected ones."""
    return {
        key: theirs[key]
        if isinstance(value, int | float) and abs(value - theirs[key]) <= TOLERANCE * theirs[key]
        else value
        for key, value in ours.items()
    }


JUDGED = [(vector, judged(vector)) for vector in VECTORS]


@pytest.mark.parametrize(
    ("vector", "pair"),
    JUDGED,
    ids=[f"{v['family'][:30]}-{v['kind']}-{n}" for n, (v, _) in enumerate(JUDGED)],
)
def test_vector(vector: dict[str, Any], pair: tuple[Any, Any] | None) -> None:
    """A shipped rule gives what its source says, exactly where the source is exact."""
    assert pair is not None, f"no rule is shipped for {vector['kind']} of {vector['family']}"
    expected, actual = pair
    assert expected == actual, vector["source"]


def test_count_by_status(capsys: pytest.CaptureFixture[str]) -> None:
    """How many vectors hold, of how many, is told for each status whenever the tests are run."""
    whole = Counter(vector["status"] for vector in VECTORS)
    held = Counter(v["status"] for v, pair in JUDGED if pair is not None and pair[0] == pair[1])
    told = ", ".join(f"{status} {held[status]} of {count}" for status, count in sorted(whole.items()))
    with capsys.disabled():
        print(f"\nvectors: {held.total()} of {whole.total()} hold: {told}")  # noqa: T201
    assert whole == held
