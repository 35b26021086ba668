"""Route: who can carry a request, in which order, and what is told of the others."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects import Obstacle
from gateway.errors import ClientError
from gateway.routing import Surroundings, route, survey
from gateway.routing.health import Rest
from gateway.routing.resolve import Fleet, resolve
from gateway.types.plan import Deployment, Group, Policy, Reason
from gateway.types.principal import Principal
from tests.catalog.samples import CATALOG, carried, medium
from tests.routing.samples import AUTO, codes, deployment, group, judged, order
from tests.routing.samples import told as document

PHOTO = carried(medium())
VISION = ("openai/gpt-4o", "openai/gpt-4o-mini", "anthropic/claude-haiku-4-5")


def test_dollars_of_this_request_decide() -> None:
    """For a photo gpt-4o-mini loses against gpt-4o; for text alone it wins."""
    photo = order(judged(PHOTO, *VISION))
    assert photo.index("openai/gpt-4o") < photo.index("openai/gpt-4o-mini")
    assert "openai/gpt-4o-mini" == order(judged(carried(), *VISION))[0]


def test_equal_costs_go_by_name() -> None:
    """The order is the same however the operator lists the candidates."""
    twins = {
        name: {"input": ["text"], "price": {"input": "1", "output": "1"}} for name in ("rack/b", "rack/a")
    }
    found = survey(carried(), group("rack/b", "rack/a"), CATALOG.merged(twins), Surroundings())
    assert ["rack/a", "rack/b"] == order(found)


def test_standby_comes_last_with_auto_alone() -> None:
    """With `auto` the reader of pages comes after dearer models; in an operator's group it competes."""
    names = ("local/read", "openai/gpt-4o")
    assert ["openai/gpt-4o", "local/read"] == order(judged(PHOTO, *names, called=AUTO))
    assert ["local/read", "openai/gpt-4o"] == order(judged(PHOTO, *names))


def test_standby_answers_when_nothing_else_can() -> None:
    """Without any key a photo goes to the reader and text to the small model."""
    names = ("local/read", "local/smollm2")
    assert ["local/read"] == order(judged(PHOTO, *names, called=AUTO))
    assert ["local/smollm2"] == order(judged(carried(), *names, called=AUTO))


def test_private_model_without_price() -> None:
    """Unpriced: refused in a group, unless the policy allows it, and then last; taken when named alone."""
    catalog = CATALOG.merged({"rack/plain": {"input": ["text"]}})
    names = ("rack/plain", "openai/gpt-4o")

    def found(*candidates: str, unpriced: bool = False) -> tuple[list[str], dict[str, str]]:
        wanted = group(*candidates, policy=Policy(unpriced=unpriced))
        answer = survey(carried(), wanted, catalog, Surroundings())
        return order(answer), codes(answer)

    assert (["openai/gpt-4o"], {"rack/plain": "unpriced"}) == found(*names)
    assert (["openai/gpt-4o", "rack/plain"], {}) == found(*names, unpriced=True)
    assert (["rack/plain"], {}) == found("rack/plain")


def test_a_floor_of_quality_comes_before_the_price() -> None:
    """The cheapest that is known to be good enough: a cheaper one below the floor or unknown is rejected."""
    names = ("openai/gpt-4o", "openai/gpt-4o-mini", "openai/gpt-4.1-mini")
    measured = {
        name: {"quality": {"overall": figure, "source": "ours"}}
        for name, figure in zip(names[:2], ("0.9", "0.7"), strict=True)
    }
    catalog = CATALOG.merged(measured)
    found = survey(carried(), group(*names, policy=Policy(quality_floor=0.8)), catalog, Surroundings())
    assert (["openai/gpt-4o"], {names[1]: "below_quality_floor", names[2]: "quality_unknown"}) == (
        order(found),
        codes(found),
    )
    free = survey(carried(), group(*names), catalog, Surroundings())
    assert ["openai/gpt-4o-mini", "openai/gpt-4.1-mini", "openai/gpt-4o"] == order(free)


def test_unknown_model_is_told() -> None:
    """A model without facts is never guessed at."""
    assert {"rack/new": "facts_missing"} == codes(judged(carried(), "rack/new", "openai/gpt-4o"))


def test_principal_may_use_what_stands_behind_an_allowed_name() -> None:
    """A key for the group gets its candidates; a key for one deployment gets that one out of `auto`."""
    names = ("openai/gpt-4o", "openai/gpt-4o-mini")
    behind = group(*names, called=AUTO)
    whole = survey(carried(), behind, CATALOG, Surroundings(), Principal("t", "k", frozenset({AUTO})))
    one = survey(carried(), behind, CATALOG, Surroundings(), Principal("t", "k", frozenset({names[0]})))
    assert 2 == len(whole.attempts)
    assert ([names[0]], {names[1]: "not_allowed"}) == (order(one), codes(one))


def test_surroundings_are_asked() -> None:
    """A dialect's obstacle and a missing key reject their candidate, and no other, in their own words."""
    around = Surroundings(
        obstacles=lambda d: (
            [Obstacle("part_unsupported", "no", 0, "image")] if d.provider == "anthropic" else []
        ),
        unready=lambda d: Reason("no_credentials", "no key") if d.provider == "gemini" else None,
    )
    names = ("anthropic/claude-haiku-4-5", "gemini/gemini-3.8-flash", "openai/gpt-4o")
    found = survey(PHOTO, group(*names), CATALOG, around)
    assert ["openai/gpt-4o"] == order(found)
    assert [Reason("part_unsupported", "no", 0, "image"), Reason("no_credentials", "no key")] == [
        rejection.reason for rejection in found.rejections
    ]


def resting(**until: float) -> Surroundings:
    """Surroundings in which these providers rest until then."""

    def rest(item: Deployment) -> Rest | None:
        if item.provider not in until:
            return None
        return Rest(Reason("unhealthy", f"until {until[item.provider]}"), until[item.provider])

    return Surroundings(rest=rest)


def test_what_rests_is_skipped_with_its_reason_and_price() -> None:
    """The cheapest rests: the next answers, and the first is told with what it would have cost."""
    names = ("openai/gpt-4o-mini", "anthropic/claude-haiku-4-5")
    found = survey(carried(), group(*names), CATALOG, resting(openai=10))
    assert (["anthropic/claude-haiku-4-5"], {"openai/gpt-4o-mini": "unhealthy"}) == (
        order(found),
        codes(found),
    )
    (skipped,) = found.rejections
    assert skipped.quote is not None
    assert skipped.quote.expected < found.attempts[0].quote.expected


def test_when_all_rest_the_first_to_wake_is_tried() -> None:
    """Refusing would help nobody: what wakes first is tried first, dearer or not, and says that it rests."""
    names = ("openai/gpt-4o-mini", "anthropic/claude-haiku-4-5")
    found = survey(carried(), group(*names), CATALOG, resting(openai=10, anthropic=5))
    assert (["anthropic/claude-haiku-4-5", "openai/gpt-4o-mini"], {}) == (order(found), codes(found))
    assert ["until 5", "until 10"] == [
        attempt.resting.message for attempt in found.attempts if attempt.resting
    ]
    told = document(carried(), found)["candidates"]
    assert [("chosen", "unhealthy"), ("dearer", "unhealthy")] == [
        (candidate["verdict"], candidate["reason"]["code"]) for candidate in told
    ]


def test_resting_is_no_excuse_for_what_cannot_carry_it() -> None:
    """A candidate that could not carry the request anyway is told for that, and is no last resort."""
    clip = carried(medium("video", "video/mp4"))
    found = survey(clip, group("openai/gpt-4o"), CATALOG, resting(openai=10))
    assert ([], {"openai/gpt-4o": "modality_unsupported"}) == (order(found), codes(found))


def test_nothing_fits_names_the_part() -> None:
    """When the same part is in every candidate's way, the error points at it and tells each reason."""
    clip = carried(medium("video", "video/mp4"))
    with pytest.raises(ClientError) as raised:
        route(clip, group("openai/gpt-4o", "local/smollm2"), CATALOG, Surroundings())
    error = raised.value
    assert ("no_suitable_model", 0, "video", 422) == (error.code, error.part, error.kind, error.row.status)
    assert error.details is not None
    assert ["modality_unsupported", "modality_unsupported"] == [
        told["code"] for told in error.details["rejections"]
    ]


def test_no_candidates_at_all() -> None:
    """An empty group is told for what it is."""
    with pytest.raises(ClientError, match="configure one"):
        route(carried(), group(), CATALOG, Surroundings())


@pytest.mark.parametrize(
    ("names", "called", "known"),
    [
        (("openai/gpt-4o-mini", "openai/gpt-4o"), "vision", True),
        (("openai/gpt-4o-mini", "openai/gpt-4o"), AUTO, False),
        (("openai/gpt-4o-mini",), "vision", False),
        (("local/smollm2", "openai/gpt-4o"), "vision", False),
    ],
)
def test_baseline_is_the_operators_first_choice(names: tuple[str, ...], called: str, known: bool) -> None:
    """What routing saves is told against the first-named candidate, where it could have carried it."""
    plan = route(PHOTO, group(*names, called=called), CATALOG, Surroundings())
    first = [a.quote.expected for a in plan.attempts if a.deployment == deployment(names[0])]
    assert (first[0] if known else None) == plan.baseline


def test_lossless_preparation_saves_bytes_not_tokens() -> None:
    """gpt-4o scales a photo itself: doing it before costs the same, and the unprepared quote says so."""
    (attempt,) = judged(PHOTO, "openai/gpt-4o").attempts
    assert attempt.quote == attempt.unprepared
    assert [("downscale", (1024, 768))] == [(step.step, step.to) for step in attempt.steps]


@settings(max_examples=60)
@given(
    tokens=st.integers(0, 300_000),
    sides=st.lists(st.tuples(st.integers(1, 9_000), st.integers(1, 9_000)), max_size=3),
)
def test_every_candidate_is_an_attempt_or_a_rejection(tokens: int, sides: list[tuple[int, int]]) -> None:
    """Nothing is dropped, the order is by expected cost, and preparation never makes a request dearer."""
    media = [medium(index=n, width=w, height=h) for n, (w, h) in enumerate(sides)]
    found = judged(carried(*media, tokens=tokens), *CATALOG.names())
    told = order(found) + [rejection.deployment.name for rejection in found.rejections]
    assert sorted(told) == sorted(CATALOG.names())
    costs = [attempt.quote.expected for attempt in found.attempts]
    assert sorted(costs) == costs
    assert all(attempt.quote.expected <= attempt.unprepared.expected for attempt in found.attempts)


def test_a_bare_name_is_nobodys_choice() -> None:
    """A server that claims a provider's model name at price 0 does not get its prompts."""
    found = [Deployment("openai/gpt-4o", "openai", "gpt-4o"), Deployment("vllm/gpt-4o", "vllm", "gpt-4o")]
    free = {"price": {"input": "0", "output": "0"}, "standby": "found on this machine", "input": ["text"]}
    groups = {item.name: Group(item.name, (item,)) for item in found}
    fleet = Fleet(groups, {"default": Policy()}, {})
    behind = resolve("gpt-4o", fleet)
    seen = survey(carried(), behind, CATALOG.merged({"vllm/gpt-4o": free}), Surroundings())
    assert ["openai/gpt-4o", "vllm/gpt-4o"] == order(seen)
