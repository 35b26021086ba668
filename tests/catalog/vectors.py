"""What we say to a vector about audio, video, documents and money: one function a kind.

Each answers with the keys that the vector expects, or None when no shipped model or rule is of its family.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias

from gateway.catalog import ModelFacts, quote, settle_items
from gateway.catalog.audio import audio_tokens
from gateway.catalog.cost import added, billed
from gateway.catalog.demand import demand
from gateway.catalog.documents import billable_pages, page_tokens
from gateway.catalog.images import tokens
from gateway.catalog.video import video_tokens
from gateway.types.money import NANO, Quote, reported_usd
from gateway.types.outcome import Usage
from tests.catalog.samples import CATALOG, carried, facts, medium

Vector: TypeAlias = dict[str, Any]
Answer: TypeAlias = dict[str, Any] | None

# A vector's provider -> what the catalog calls it, in order.
_PROVIDERS = {"google": ("gemini",), "aws": ("aws", "bedrock"), "open-weights": ()}
# Families that vectors call otherwise than the catalog; the first that fits.
_MODELS: tuple[tuple[str, str], ...] = (
    (r"gemini-2", "gemini/gemini-2.5-flash"),
    (r"gemini-3", "gemini/gemini-3.8-flash"),
    (r"document-intelligence", "azure/prebuilt-read"),
    (r"(document-intelligence )?read", "azure/prebuilt-read"),
    (r"(document-intelligence )?layout", "azure/prebuilt-layout"),
    (r"amazon-nova-2|nova-2", "bedrock/nova-2-lite"),
    (r"amazon[-.]nova|nova v1", "bedrock/nova-pro"),
)
_AUDIO_RULES: tuple[tuple[str, str], ...] = (
    (r"gemini-2", "gemini-2"),
    (r"gemini-3", "gemini-3"),
    (r"gemma-4", "gemma-4"),
    (r"voxtral", "voxtral"),
)
_VIDEO_RULES: tuple[tuple[str, str], ...] = (
    (r"gemini-2", "gemini-2"),
    (r"gemini-3", "gemini-3"),
    (r"gemma-4", "gemma-4"),
    (r"amazon-nova", "nova"),
    (r"internvl", "internvl"),
    (r"qwen-?3", "qwen3-vl"),
    (r"qwen-?2", "qwen2-vl"),
)


def model_of(vector: Vector) -> ModelFacts | None:
    """The facts of the first family that a vector names and the catalog knows."""
    provider = vector["provider"]
    for family in vector["family"].split("|"):
        name = re.sub(r" \(.*\)$", "", family)
        for owner in _PROVIDERS.get(provider, (provider,)):
            found = CATALOG.get(f"{owner}/{name}")
            if found is not None:
                return found
        known = _named(family, _MODELS)
        if known is not None:
            return facts(known)
    return None


def _named(family: str, table: tuple[tuple[str, str], ...]) -> str | None:
    return next((name for pattern, name in table if re.match(pattern, family)), None)


def _seconds(given: dict[str, Any]) -> float:
    return float(given["seconds"] if "seconds" in given else given["milliseconds"] / 1000)


def media_resolution(vector: Vector) -> Answer:
    """What a level makes of an image of one tile, of a frame, a page, a second of sound."""
    known = model_of(vector)
    level = vector["input"]["level"]
    if known is None or known.image_rule is None or known.page_tokens is None:
        return None
    image = tokens(known.image_rule, 384, 384, level)
    video = video_tokens(known.video_rule, 1, level=level) if known.video_rule else None
    page = page_tokens(known.page_tokens, (1, 1, 1), level)
    second = audio_tokens(known.audio_rule, 1) if known.audio_rule else None
    told = {
        "image": image.high or image.tokens,
        "video_frame": video and video.high,
        "pdf_page": page.high,
        "audio_tokens_per_second": second and second.tokens,
    }
    return {key: told[key.removesuffix("_max_tokens")] for key in vector["expected"]}


def pdf_tokens(vector: Vector) -> Answer:
    """Tokens of a document's pages, and what they are reported as."""
    known = model_of(vector)
    if known is None or known.page_tokens is None:
        return None
    load = carried(medium("document", "application/pdf", pages=vector["input"]["pages"], size=1000))
    level = vector["input"].get("level") or vector["input"].get("media_resolution")
    count = page_tokens(known.page_tokens, (load.media[0].pages or 0,) * 3, level)
    (amount,) = (amount for amount in demand(known, load) if amount.modality == "document")
    assert level is not None or count.tokens == amount.expected
    told = {"tokens": count.tokens, "modality": known.page_tokens.reported_as.upper()}
    return {key: told[key] for key in vector["expected"]}


def audio(vector: Vector) -> Answer:
    """Tokens of some seconds of audio, by who speaks where that matters."""
    given, family = vector["input"], vector["family"]
    name = _named(family, _AUDIO_RULES)
    if re.match(r"gpt-(realtime|audio)", family):
        name = "openai-assistant" if given.get("role") == "assistant" else "openai-user"
    rule = CATALOG.audio_rule(name) if name else None
    if rule is None:
        return None
    counted = audio_tokens(rule, _seconds(given))
    told = {"tokens": counted.tokens, "audio_tokens": counted.tokens - rule.begin, "begin_audio": rule.begin}
    return {key: told[key] for key in vector["expected"]}


def video(vector: Vector) -> Answer:
    """Tokens of some seconds of video, of one if the vector speaks of a second."""
    given = vector["input"]
    rule = CATALOG.video_rule(_named(vector["family"], _VIDEO_RULES) or "")
    if rule is None:
        return None
    sound = CATALOG.audio_rule(_named(vector["family"], _AUDIO_RULES) or "") if given.get("audio") else None
    asked = str(given.get("media_resolution", "default")).upper()
    level = None if asked == "DEFAULT" else f"MEDIA_RESOLUTION_{asked.removeprefix('MEDIA_RESOLUTION_')}"
    size = (given["width"], given["height"]) if "width" in given else None
    usual = given.get("fps") in (None, float(getattr(rule, "fps", 1)))
    counted = video_tokens(
        rule,
        given.get("seconds", 1),
        size,
        sound=sound,
        level=level,
        fps=None if usual else str(given["fps"]),
    )
    told = {"tokens": counted.tokens, "documented_round": counted.high, "frames": counted.frames}
    return {key: told[key] for key in vector["expected"]}


def audio_cost(vector: Vector) -> Answer:
    """Dollars of some seconds at a service; every family of the vector costs the same."""
    costs = set()
    for family in vector["family"].split("|"):
        known = model_of({**vector, "family": family})
        if known is None:
            return None
        load = carried(medium("audio", "audio/wav", seconds=_seconds(vector["input"])))
        costs.add(quote(known, load).expected)
    (cost,) = costs
    return {"usd": cost / NANO}


def billed_seconds(vector: Vector) -> Answer:
    """Seconds that a service charges for."""
    known = model_of(vector)
    if known is None:
        return None
    rate = known.tariff.rate("audio", "in", unit="second", prompt_tokens=0)
    return {"billed_seconds": int(billed(rate, Decimal(str(vector["input"]["seconds"]))))} if rate else None


def usage_cost(vector: Vector) -> Answer:
    """Dollars of a usage object whose every part is split by modality."""
    known = model_of(vector)
    if known is None:
        return None
    given: dict[str, int] = vector["input"]["usage"]
    media = {name: given.get(f"{name}_tokens", 0) for name in ("image", "audio")}
    cached = {name: given.get(f"cached_{name}_tokens", 0) for name in ("text", "image", "audio")}
    usage = Usage(
        input=given.get("text_tokens", 0) + sum(media.values()),
        output=given.get("output_text", 0) + given.get("output_audio", 0),
        cached=sum(cached.values()),
        image=media["image"],
        audio=media["audio"],
        output_audio=given.get("output_audio", 0),
        cached_image=cached["image"],
        cached_audio=cached["audio"],
    )
    items = settle_items(known, usage, Quote(()))
    return {"usd": sum(item.nanodollars for item in items) / NANO}


def pages_billed(vector: Vector) -> Answer:
    """Pages that a service makes of a file."""
    known = model_of(vector)
    if known is None or known.page_rule is None:
        return None
    given = vector["input"]
    counts = [given[key] for key in ("worksheets", "sheets", "slides") if key in given]
    return {
        "pages": billable_pages(
            known.page_rule,
            given["format"],
            pages=given.get("pages", given.get("images", given.get("frames", 0))),
            characters=given.get("characters", 0),
            sheets=sum(counts),
        )
    }


def document_cost(vector: Vector) -> Answer:
    """Dollars of some pages at a service, with what is asked for on top."""
    known = model_of(vector)
    if known is None:
        return None
    given = vector["input"]
    load = carried(medium("document", "application/pdf", size=1000, pages=given["pages"]))
    cost = quote(known, load).expected
    if given.get("annotations") or given.get("annotated"):
        lines = added(known, demand(known, load), ["annotations"])
        assert lines is not None
        cost += sum(line.nanodollars for line in lines)
    return {"usd": cost / NANO}


def reported(vector: Vector) -> Answer:
    """Dollars of the ticks that a provider reports."""
    return {"usd": float(reported_usd(vector["input"]["cost_in_usd_ticks"]))}


KINDS: dict[str, Callable[[Vector], Answer]] = {
    "media_resolution_budget": media_resolution,
    "pdf_tokens": pdf_tokens,
    "audio_tokens": audio,
    "video_tokens": video,
    "video_tokens_approx": video,
    "video_tokens_per_second": video,
    "audio_cost_usd": audio_cost,
    "billed_seconds": billed_seconds,
    "usage_cost_usd": usage_cost,
    "billable_pages": pages_billed,
    "document_cost_usd": document_cost,
    "provider_reported_cost": reported,
}
