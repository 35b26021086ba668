"""The document of `/v1/quote`, to the letter of the interface."""

import json

from gateway.routing import Surroundings, route, survey
from gateway.routing.grounds import grounds
from gateway.types.plan import Policy
from tests.catalog.samples import CATALOG, TODAY, carried, facts, medium
from tests.routing.samples import AUTO, group, judged, told

PHOTO = carried(medium(), tokens=6)
NAMES = ("openai/gpt-4o", "openai/gpt-4o-mini", "local/smollm2", "local/read")


def test_the_interfaces_example() -> None:
    """gpt-4o chosen for the photo, gpt-4o-mini dearer, the text model rejected with part and kind."""
    document = told(PHOTO, judged(PHOTO, *NAMES, called=AUTO), AUTO)
    assert (AUTO, "openai/gpt-4o") == (document["model"], document["chosen"])
    assert [
        {
            "index": 0,
            "kind": "image",
            "mime": "image/jpeg",
            "digest": "d0",
            "bytes": 3_475_013,
            "width": 4000,
            "height": 3000,
        }
    ] == document["parts"]
    chosen, dearer, standby, rejected = document["candidates"]
    assert {
        "model": "openai/gpt-4o",
        "verdict": "chosen",
        "reason": None,
        "why": "765 tokens of image at $2.50 a million are 56 % of its $0.00344; part 0 is made smaller, "
        "4000x3000 to 1024x768, at no change of its cost; "
        "$0.000474 less than openai/gpt-4o-mini, which comes next.",
        "preparation": [{"part": 0, "step": "downscale", "from": [4000, 3000], "to": [1024, 768]}],
        "tokens": {"in": {"text": 12, "image": 765}, "out": {"text": 150}},
        "cost_usd": {"low": "0.0019525", "expected": "0.0034425", "high": "0.1657825"},
        "facts": grounds(facts("openai/gpt-4o"), TODAY),
    } == {key: value for key, value in chosen.items() if key != "line_items"}
    assert {
        "modality": "image",
        "direction": "in",
        "unit": "token",
        "quantity": "765",
        "rate_usd": "2.50",
        "per": 1_000_000,
        "nanodollars": 1_912_500,
        "low": 1_912_500,
        "high": 1_912_500,
        "certainty": "exact",
    } == chosen["line_items"][1]
    listed = [(item["model"], item["verdict"], item["reason"]["code"]) for item in (dearer, standby)]
    assert [("openai/gpt-4o-mini", "dearer", "dearer"), ("local/read", "dearer", "standby")] == listed
    assert standby["reason"]["message"].startswith("taken only when nothing else can carry it: ")
    assert {"model", "verdict", "reason"} == set(rejected)
    assert ("modality_unsupported", 0, "image") == tuple(
        rejected["reason"][key] for key in ("code", "part", "kind")
    )


def test_a_line_that_will_be_written_says_so() -> None:
    """GPT-5.6 writes a long prompt to its cache at a price of its own: the rate is told with its reason."""
    long = carried(tokens=2_000)
    document = told(long, judged(long, "openai/gpt-5.6-luna", called=AUTO), AUTO)
    text, answer = document["candidates"][0]["line_items"]
    assert ("cache_write", "0.25") == (text["kind"], text["rate_usd"])
    assert "kind" not in answer


def test_a_saving_is_told_with_what_was_measured() -> None:
    """A step that changes what is charged says what it saves, and the part why it was taken."""
    page = carried(medium(width=3024, height=4032, text_score=0.834, glyph_height=90.04))
    legible = Policy(prepare=frozenset({"strip", "downscale", "legible"}))
    document = told(page, judged(page, "openai/gpt-4o", policy=legible))
    assert (0.83, 90.0) == (document["parts"][0]["text_score"], document["parts"][0]["glyph_height"])
    candidate = document["candidates"][0]
    assert [{"part": 0, "step": "legible", "from": [3024, 4032], "to": [370, 493]}] == candidate[
        "preparation"
    ]
    assert {"tokens": {"image": 510}, "usd": "0.001275"} == candidate["saving"]
    assert 255 == candidate["tokens"]["in"]["image"]
    assert "saving" not in told(page, judged(page, "openai/gpt-4o"))["candidates"][0]


def test_another_format_is_told() -> None:
    """A picture that leaves as JPEG says so."""
    drawing = carried(medium(mime="image/png", width=600, height=400, size=800_000, opaque=True))
    recode = Policy(prepare=frozenset({"strip", "recode"}))
    candidate = told(drawing, judged(drawing, "openai/gpt-4o", policy=recode))["candidates"][0]
    step = {"part": 0, "step": "recode", "from": [600, 400], "to": [600, 400], "format": "jpeg"}
    assert [step] == candidate["preparation"]


def test_nothing_chosen() -> None:
    """When nothing fits the document still tells every reason."""
    clip = carried(medium("video", "video/mp4"))
    document = told(clip, judged(clip, "openai/gpt-4o"))
    assert document["chosen"] is None
    assert ["rejected"] == [candidate["verdict"] for candidate in document["candidates"]]


def test_plan_and_survey_tell_the_same() -> None:
    """The endpoint explains a plan, the command a survey: one document."""
    around = Surroundings()
    behind = group(*NAMES)
    plan, found = route(PHOTO, behind, CATALOG, around), survey(PHOTO, behind, CATALOG, around)
    assert told(PHOTO, plan) == told(PHOTO, found)


def test_document_is_json() -> None:
    """Nothing in it needs an encoder of its own."""
    document = told(PHOTO, judged(PHOTO, *CATALOG.names(), called=AUTO), AUTO)
    assert document == json.loads(json.dumps(document))


def test_unpriced_candidate_shows_no_zero() -> None:
    """No price is told as none."""
    catalog = CATALOG.merged({"rack/plain": {"input": ["text"]}})
    behind = group("rack/plain", "openai/gpt-4o")
    document = told(carried(), survey(carried(), behind, catalog, Surroundings()), catalog=catalog)
    (candidate,) = (c for c in document["candidates"] if c["model"] == "rack/plain")
    assert ("unpriced", None, []) == (
        candidate["reason"]["code"],
        candidate["cost_usd"],
        candidate["line_items"],
    )
