"""The key of a question."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.caching.key import NOT_SEMANTIC, cache_key
from gateway.types.request import Request
from tests.caching.questions import ask, data_url, photo_body, png

IMAGE = png(8, 8)

leaves = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
bodies = st.dictionaries(st.text(max_size=6), values, max_size=5).map(lambda rest: {**rest, "model": "m"})


def key(request: Request, *, tenant: str = "t", target: str = "default", epoch: str = "e") -> str:
    return cache_key(tenant, request, target, epoch)


def shuffled(value: Any, draw: st.DrawFn) -> Any:
    """The same JSON with object members in another order, at every depth."""
    if isinstance(value, dict):
        names = draw(st.permutations(list(value)))
        return {name: shuffled(value[name], draw) for name in names}
    if isinstance(value, list):
        return [shuffled(item, draw) for item in value]
    return value


@st.composite
def body_and_shuffle(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    body = draw(bodies)
    return body, shuffled(body, draw)


@given(body_and_shuffle())
def test_order_of_object_keys_is_irrelevant(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """The same members in another order, at any depth, are the same question."""
    body, other = pair
    assert key(ask(body)) == key(ask(other))


@given(bodies, bodies)
def test_equal_keys_mean_equal_semantics(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Two bodies share a key exactly when they say the same outside `NOT_SEMANTIC`."""

    def told(body: dict[str, Any]) -> str:
        return json.dumps({n: v for n, v in body.items() if n not in NOT_SEMANTIC}, sort_keys=True)

    assert (told(one) == told(other)) == (key(ask(one)) == key(ask(other)))


@given(bodies, st.text(max_size=6), values)
def test_any_further_field_is_another_question(body: dict[str, Any], name: str, value: Any) -> None:
    """A field that was not there changes the key, known or unknown, whatever its value."""
    if name in body or name in NOT_SEMANTIC:
        return
    assert key(ask(body)) != key(ask({**body, name: value}))


@pytest.mark.parametrize("name", sorted(NOT_SEMANTIC))
def test_what_cannot_change_the_answer_is_left_out(name: str) -> None:
    """Each row of `NOT_SEMANTIC` at the top level leaves the key alone; deeper it counts."""
    body = photo_body(IMAGE)
    assert key(ask(body)) == key(ask({**body, name: "x"}))
    assert key(ask(body)) != key(ask({**body, "deeper": {name: "x"}}))


def test_same_image_in_another_json_order_hits() -> None:
    """A photo sent again with its members, spaces and escapes written otherwise is the same question."""
    body = photo_body(IMAGE)
    reordered = {name: body[name] for name in reversed(body)}
    content = reordered["messages"][1]["content"]
    content[1] = {"image_url": {"detail": "high", "url": data_url(IMAGE)}, "type": "image_url"}
    spaced = json.dumps(reordered, indent=3).replace("What", "\\u0057hat")
    assert key(ask(photo_body(IMAGE))) == key(ask(spaced))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(photo_body(png(8, 8, shade=1)), id="other pixels"),
        pytest.param(photo_body(png(8, 9)), id="other size"),
        pytest.param(photo_body(IMAGE, detail="low"), id="other detail"),
        pytest.param(photo_body(IMAGE, question="What is that?"), id="other text"),
        pytest.param({**photo_body(IMAGE), "model": "other"}, id="other model"),
        pytest.param({**photo_body(IMAGE), "temperature": 0.25}, id="other temperature"),
        pytest.param({**photo_body(IMAGE), "tools": []}, id="tools"),
    ],
)
def test_anything_else_misses(other: dict[str, Any]) -> None:
    """Another image, detail, text, model or parameter is another question."""
    assert key(ask(photo_body(IMAGE))) != key(ask(other))


def test_image_order_counts() -> None:
    """Two images swapped are another question."""
    one, two = png(4, 4, 1), png(4, 4, 2)

    def both(first: bytes, second: bytes) -> dict[str, Any]:
        parts = [{"type": "image_url", "image_url": {"url": data_url(image)}} for image in (first, second)]
        return {"model": "m", "messages": [{"role": "user", "content": parts}]}

    assert key(ask(both(one, two))) != key(ask(both(two, one)))


def test_an_image_is_not_its_absence() -> None:
    """A medium and the text that stands for it inside the key never meet."""
    with_image = photo_body(IMAGE)
    empty = photo_body(IMAGE)
    empty["messages"][1]["content"][1]["image_url"]["url"] = ""
    digest = ask(with_image).document.media[0].digest
    named = photo_body(IMAGE)
    named["messages"][1]["content"][1]["image_url"]["url"] = digest
    assert 3 == len({key(ask(body)) for body in (with_image, empty, named)})


def test_numbers_past_double_precision_stay_apart() -> None:
    """Numbers that a double cannot tell apart are two questions."""
    one = ask('{"model":"m","seed":0.10000000000000000000001}')
    two = ask('{"model":"m","seed":0.10000000000000000000002}')
    assert key(one) != key(two)


@pytest.mark.parametrize("field", ["tenant", "target", "epoch"])
def test_who_asks_and_under_which_rules_is_part_of_the_key(field: str) -> None:
    """Another tenant, policy or configuration never reads the answer."""
    request = ask(photo_body(IMAGE))
    assert key(request) != key(request, **{field: "other"})


def test_dialect_is_part_of_the_key() -> None:
    """An answer kept in one dialect is not replayed in another."""
    request = ask(photo_body(IMAGE))
    assert key(request) != key(msgspec.structs.replace(request, dialect="anthropic_messages"))


@given(st.text(), st.text(), st.text(), st.text())
def test_fields_cannot_run_into_each_other(a: str, b: str, c: str, d: str) -> None:
    """Moving characters from one field to the next is another question."""
    request = ask({"model": "m"})
    same = (a, b) == (c, d)
    assert same == (key(request, tenant=a, target=b) == key(request, tenant=c, target=d))
