"""The best three, a sentence each."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.routing import Surroundings, survey
from gateway.routing.health import Rest
from gateway.routing.why import BEST, with_whys
from gateway.types.plan import Policy, Reason
from gateway.types.weight import Requirements
from tests.catalog.samples import CATALOG, CHATS, carried, medium
from tests.routing.samples import AUTO, group, judged, told

PHOTO = carried(medium(), tokens=6)
PAGE = carried(medium(width=3024, height=4032, text_score=0.834, glyph_height=90.04))
FREE = {"input": ["text"], "price": {"input": "0", "output": "0"}}


def whys(load: Requirements, *names: str, **asked: Any) -> dict[str, str]:
    """The sentences by model."""
    document = told(load, judged(load, *names, **asked))
    return {item["model"]: item["why"] for item in document["candidates"] if "why" in item}


def test_the_photo_of_the_readme() -> None:
    """What most of the cost is for, what the preparation changes, and how far it is ahead or behind."""
    found = whys(PHOTO, "openai/gpt-4o", "openai/gpt-4o-mini")
    smaller = "part 0 is made smaller, 4000x3000 to 1024x768, at no change of its cost"
    assert {
        "openai/gpt-4o": "765 tokens of image at $2.50 a million are 56 % of its $0.00344; "
        f"{smaller}; $0.000474 less than openai/gpt-4o-mini, which comes next.",
        "openai/gpt-4o-mini": "25,501 tokens of image at $0.15 a million are 98 % of its $0.00392; "
        f"{smaller}; 1.1 times openai/gpt-4o ($0.000474 more) as it counts 25,501 tokens of image, not 765.",
    } == found


def test_a_preparation_that_saves_says_how_much() -> None:
    """Where what is charged changes, the dollars stand beside the step."""
    legible = Policy(prepare=frozenset({"strip", "downscale", "legible"}))
    said = whys(PAGE, "openai/gpt-4o", policy=legible)["openai/gpt-4o"]
    assert "made smaller as far as its text stays legible, 3024x4032 to 370x493, which saves $0.00128" in said
    assert said.endswith("; no other candidate can carry it.")


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([{"part": 1, "step": "pdf_text"}], "part 1 is sent as the text of its pages, at"),
        ([{"part": 0, "step": "detail", "level": "low"}], "part 0 is asked for at detail low, at"),
        ([{"part": 0, "step": "strip", "level": "low"}], "part 0 is asked for at detail low, at"),
        (
            [{"part": 0, "step": "recode", "from": [600, 400], "to": [600, 400], "format": "jpeg"}],
            "part 0 is drawn anew as JPEG, at",
        ),
        ([{"part": 0, "step": "strip"}], "$0.00344; no other"),
    ],
)
def test_a_step_is_in_words(steps: list[dict[str, Any]], words: str) -> None:
    """Every step that a policy can ask for says what it does; one that only removes metadata is not news."""
    (item,) = told(PHOTO, judged(PHOTO, "openai/gpt-4o"))["candidates"]
    assert words in with_whys([item | {"preparation": steps}])[0]["why"]


def test_several_steps_are_counted() -> None:
    """A sentence stays one when many parts are prepared."""
    many = carried(medium(), medium(index=1, digest="d1"))
    assert "; 2 steps prepare its parts, at no change" in whys(many, "openai/gpt-4o")["openai/gpt-4o"]


def test_rates_for_other_lengths_are_compared() -> None:
    """A minute of one service and an hour of another are the same seconds."""

    def heard(model: str, usd: str, per: int, nano: int) -> dict[str, Any]:
        item = {
            "modality": "audio",
            "direction": "in",
            "unit": "second",
            "quantity": "60",
            "certainty": "exact",
        }
        lines = [item | {"rate_usd": usd, "per": per, "nanodollars": nano}]
        cost = {"expected": str(nano / 1e9)}
        return {"model": model, "verdict": "dearer", "reason": None, "line_items": lines, "cost_usd": cost}

    _, behind = with_whys([heard("a/b", "0.12", 3_600, 2_000_000), heard("c/d", "0.003", 60, 3_000_000)])
    assert behind["why"].endswith(
        "; 1.5 times a/b ($0.00100 more) as its seconds of audio cost $0.003 a minute, not $0.12 an hour."
    )


@pytest.mark.parametrize(
    ("load", "names", "words"),
    [
        # The rate alone.
        (carried(), ("mistral/ministral-8b-2512", "bedrock/nova-lite"), "as its tokens of answer cost $0.24"),
        # Both: more tokens, and each of them dearer.
        (
            carried(medium("document", "application/pdf", pages=3, size=90_000)),
            ("gemini/gemini-2.5-flash-lite", "gemini/gemini-3.1-flash-lite"),
            "as it counts about 1,680 tokens of document, not 774, at $0.25 a million, not $0.10",
        ),
        # Seconds of a processor and tokens are not compared.
        (
            PHOTO,
            ("local/read", "openai/gpt-4o"),
            "119 times local/read ($0.00341 more), mostly for its image",
        ),
    ],
)
def test_what_makes_the_difference(load: Requirements, names: tuple[str, str], words: str) -> None:
    """The one behind says whether it counts more, asks more for each, or both."""
    assert words in whys(load, *names)[names[1]]


def test_a_little_more_at_the_same_rate_is_a_matter_of_count() -> None:
    """A difference too small to be a ratio is still told as what it is: the rates here are equal."""
    price = {"input": "1", "output": "1"}
    twins = {
        f"rack/{name}": {"input": ["text"], "price": price, "token_factor": factor}
        for name, factor in (("a", "1"), ("b", "1.02"))
    }
    load, catalog = carried(tokens=10_000), CATALOG.merged(twins)
    document = told(load, survey(load, group(*twins), catalog, Surroundings()), catalog=catalog)
    said = document["candidates"][1]["why"]
    assert said.endswith("; $0.000200 more than rack/a as it counts about 10,206 tokens of text, not 10,006.")


def test_no_more_than_three() -> None:
    """Chosen and the two next, in their order, whatever else could carry it."""
    document = told(carried(), judged(carried(), *CHATS, called=AUTO), AUTO)
    assert [True] * BEST + [False] * (len(CHATS) - BEST) == ["why" in item for item in document["candidates"]]


def test_standby_says_why_it_comes_last() -> None:
    """The reader of pages is cheaper and yet behind: its own reason says so."""
    document = told(PHOTO, judged(PHOTO, "openai/gpt-4o", "local/read", called=AUTO), AUTO)
    first, second = (item["why"] for item in document["candidates"])
    assert first.endswith("; local/read, next, is on standby.")
    assert "are all of its $0.0000289; taken only when nothing else can carry it: " in second


def test_what_has_no_price_says_so() -> None:
    """Unpriced is said in words, and compared with nothing."""
    catalog = CATALOG.merged({name: {"input": ["text"]} for name in ("rack/a", "rack/b")})

    def found(*names: str) -> list[str]:
        wanted = group(*names, policy=Policy(unpriced=True))
        document = told(carried(), survey(carried(), wanted, catalog, Surroundings()), catalog=catalog)
        return [item["why"] for item in document["candidates"]]

    assert [
        "no price is known of it; rack/b comes next, whose price is not known either.",
        "no price is known of it; it is next by name.",
    ] == found("rack/a", "rack/b")
    assert found("rack/a", "openai/gpt-4o")[1] == (
        "no price is known of it; it comes after openai/gpt-4o, whose price is known."
    )


def test_what_costs_nothing_has_no_ratio() -> None:
    """Nothing is divided by a free candidate; two of them are told apart by name."""
    catalog = CATALOG.merged({"rack/a": FREE, "rack/b": FREE})
    wanted = group("rack/a", "rack/b", "openai/gpt-4o")
    document = told(carried(), survey(carried(), wanted, catalog, Surroundings()), catalog=catalog)
    first, second, third = (item["why"] for item in document["candidates"])
    assert "it costs nothing; it costs the same as rack/b, which comes next." == first
    assert "it costs nothing; the same as rack/a, which comes first." == second
    assert "$0.00152 more than rack/a as its tokens of answer cost $10 a million, not $0." in third


def test_what_rests_says_so() -> None:
    """When all candidates rest the first is tried all the same, and says why that is a surprise."""
    reason = Reason("unhealthy", "openai/gpt-4o failed five times in a row")
    around = Surroundings(rest=lambda _: Rest(reason, 10.0))
    document = told(carried(), survey(carried(), group("openai/gpt-4o", "openai/gpt-4.1"), CATALOG, around))
    assert all("failed five times" in item["why"] for item in document["candidates"])


def keyless(item: dict[str, Any]) -> dict[str, Any]:
    """A candidate as `weighbridge quote` has it that lacks a key alone."""
    reason = {"code": "no_credentials", "message": "no key for it"}
    return {**item, "verdict": "rejected", "reason": reason}


def test_what_lacks_a_key_is_compared_all_the_same() -> None:
    """A candidate without a key that was weighed is told as cheaper or dearer, and that it has none."""
    first, second = told(PHOTO, judged(PHOTO, "openai/gpt-4o", "openai/gpt-4o-mini"))["candidates"]
    ahead, behind = (item["why"] for item in with_whys([first, keyless(second)]))
    assert ahead.endswith("; $0.000474 less than openai/gpt-4o-mini, which has no key.")
    assert behind.endswith(" as it counts 25,501 tokens of image, not 765, and there is no key for it.")
    ahead, behind = (item["why"] for item in with_whys([second | {"reason": None}, keyless(first)]))
    assert ahead.endswith("; $0.000474 more than openai/gpt-4o, which has no key.")
    assert behind.endswith("; $0.000474 less than openai/gpt-4o-mini, but there is no key for it.")
    (alone, _) = with_whys([first, {"model": "x/y", **keyless({}), "credentials": "missing"}])
    assert alone["why"].endswith("; no other candidate can carry it with the keys at hand.")


def test_nothing_to_explain() -> None:
    """Where no candidate can carry the request there is a reason for each and no sentence."""
    clip = carried(medium("video", "video/mp4"))
    assert {} == whys(clip, "openai/gpt-4o")
    assert [] == with_whys([])


@given(
    st.lists(
        st.builds(
            medium,
            index=st.integers(0, 9),
            width=st.integers(1, 9_000),
            height=st.integers(1, 9_000),
        ),
        max_size=3,
    ),
    st.integers(0, 300_000),
)
def test_a_sentence_is_one_and_whole(media: list[Any], tokens: int) -> None:
    """Whatever is asked of all shipped models, three sentences or fewer, each ended and free of exponents."""
    load = carried(*media, tokens=tokens)
    found = whys(load, *CATALOG.names(), called=AUTO)
    assert len(found) <= BEST
    for said in found.values():
        assert said.endswith(".")
        assert "None" not in said
        assert "E-" not in said.replace("-E", "")
        assert "E+" not in said
