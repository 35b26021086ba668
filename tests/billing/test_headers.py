"""The answer headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.billing.headers import AnswerFacts, headers, prepared
from gateway.types.plan import Step

DOWNSCALE = Step(0, "downscale", (4032, 3024), (1456, 1092))


def test_a_plain_answer_says_everything() -> None:
    """All names of the contract, LiteLLM's names for the same facts, and nothing else."""
    facts = AnswerFacts(
        request_id="req_1",
        model="openai/gpt-4o",
        cost=1_912_500,
        quoted=4_942_500,
        saved=850_000,
        cache="miss",
        steps=(DOWNSCALE, Step(1, "strip")),
        kinds={0: "image", 1: "image"},
        attempts=2,
        overhead_ms=1.23456,
    )
    expected = {
        "x-weighbridge-request-id": "req_1",
        "x-weighbridge-model": "openai/gpt-4o",
        "x-weighbridge-cost-usd": "0.0019125",
        "x-weighbridge-quoted-usd": "0.0049425",
        "x-weighbridge-saved-usd": "0.00085",
        "x-weighbridge-cache": "miss",
        "x-weighbridge-prepared": "image:0:4032x3024>1456x1092, image:1:strip",
        "x-weighbridge-attempts": "2",
        "x-weighbridge-overhead-ms": "1.235",
        "x-litellm-response-cost": "0.0019125",
        "x-litellm-model-id": "openai/gpt-4o",
        "x-litellm-call-id": "req_1",
        "x-litellm-overhead-duration-ms": "1.235",
    }
    assert expected == dict(headers(facts))


def test_what_is_not_known_is_left_out() -> None:
    """A stream's head, an error, an unpriced model: no made-up figures."""
    expected = {
        "x-weighbridge-request-id": "req_1",
        "x-litellm-call-id": "req_1",
        "x-weighbridge-cache": "bypass",
        "x-weighbridge-attempts": "0",
    }
    assert expected == dict(headers(AnswerFacts(request_id="req_1", cache="bypass")))


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Step(0, "detail", level="low"), "image:0:detail:low"),
        (Step(0, "strip", level="high"), "image:0:strip:high"),
        (Step(0, "downscale", (9, 8), (3, 2), level="low"), "image:0:9x8>3x2:low"),
        (DOWNSCALE, "image:0:4032x3024>1456x1092"),
        (Step(0, "strip"), "image:0:strip"),
        (Step(3, "strip"), "media:3:strip"),
        (Step(0, "legible", (3024, 4032), (370, 493)), "image:0:legible:3024x4032>370x493"),
        (Step(0, "downscale", (8, 6), (4, 3), "jpeg"), "image:0:8x6>4x3:jpeg"),
        (Step(0, "recode", (8, 6), (8, 6), "jpeg"), "image:0:recode:8x6>8x6:jpeg"),
    ],
)
def test_preparations(step: Step, expected: str) -> None:
    """Kind, ordinal, and from which size to which, or the name of the step."""
    assert expected == prepared(step, {0: "image"})


@given(st.text(), st.text())
def test_no_header_breaks_the_head(request_id: str, model: str) -> None:
    """Values are printable ASCII, whatever a name holds."""
    for name, value in headers(AnswerFacts(request_id=request_id, model=model)):
        assert all(" " <= sign <= "~" for sign in name + value)


@given(st.integers(0, 10**18))
def test_money_survives_the_header(nano: int) -> None:
    """A client that reads the decimal gets every nanodollar."""
    whole, _, fraction = dict(headers(AnswerFacts("r", cost=nano)))["x-weighbridge-cost-usd"].partition(".")
    assert nano == int(whole) * 10**9 + int(fraction.ljust(9, "0"))
