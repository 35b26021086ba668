"""Preparation: what is done to each medium at a target, as data."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from gateway.catalog import MediaLimit
from gateway.catalog.images import tokens
from gateway.routing.preparation import Prepared, prepare
from gateway.types.plan import Policy, Reason, Step
from tests.catalog.samples import CATALOG, carried, facts, medium

STRIP = Policy(prepare=frozenset({"strip"}))
NOTHING = Policy(prepare=frozenset())


def steps(
    model: str, policy: Policy | None = None, others: int = 0, **changes: Any
) -> tuple[Step, ...] | str:
    """The steps for one image of 4000 x 3000, or the code of the refusal."""
    media = [medium(**changes), *(medium(index=n + 1, width=9, height=9, size=9) for n in range(others))]
    found = prepare(facts(model), carried(*media), policy or Policy())
    if isinstance(found, Reason):
        return found.code
    return tuple(step for step in found.steps if step.part == 0)


def shrunk(*to: int) -> tuple[Step, ...]:
    """A downscale of the photo."""
    return (Step(0, "downscale", (4000, 3000), (to[0], to[1])),)


@pytest.mark.parametrize(
    ("model", "size"),
    [
        ("openai/gpt-4o", (1024, 768)),
        ("openai/gpt-5.4", (1824, 1368)),
        ("anthropic/claude-haiku-4-5", (1270, 952)),
        ("anthropic/claude-haiku-5-5", (2212, 1659)),
        ("gemini/gemini-3.8-flash", (1824, 1344)),
        ("mistral/mistral-small-2603", (1540, 1155)),
    ],
)
def test_photo_is_sent_at_the_targets_own_size(model: str, size: tuple[int, int]) -> None:
    """What the target would do itself is done before sending: same tokens, fewer bytes."""
    assert shrunk(*size) == steps(model, size=1_000_000)


@pytest.mark.parametrize("model", ["openai/gpt-5.6-sol", "gemini/gemini-2.5-flash", "local/read"])
def test_what_would_lose_is_left_alone(model: str) -> None:
    """Where the target keeps all pixels, or counts shapes, a photo loses its metadata alone."""
    assert (Step(0, "strip"),) == steps(model)


def test_small_image_is_only_stripped() -> None:
    """Metadata leave, pixels stay."""
    assert (Step(0, "strip"),) == steps("openai/gpt-4o", width=300, height=200)


@pytest.mark.parametrize(
    ("policy", "expected"), [(STRIP, (Step(0, "strip"),)), (NOTHING, ())], ids=["strip", "nothing"]
)
def test_policy_bounds_preparation(policy: Policy, expected: tuple[Step, ...]) -> None:
    """Only what the policy allows is done."""
    assert expected == steps("openai/gpt-4o", policy)


def test_sideways_image_is_turned_upright() -> None:
    """No provider promises to honour EXIF: an image of the right size is still turned."""
    found = steps("openai/gpt-4o", width=300, height=200, orientation=6)
    assert (Step(0, "downscale", (300, 200), (300, 200)),) == found


@pytest.mark.parametrize("mime", ["image/bmp", "image/tiff", "image/heic"])
def test_a_format_that_is_not_taken_is_written_anew(mime: str) -> None:
    """Even at its own size a picture becomes one that the target takes; who takes it gets it as it is."""
    anew = (Step(0, "downscale", (300, 200), (300, 200)),)
    small: dict[str, Any] = {"mime": mime, "width": 300, "height": 200}
    assert anew == steps("openai/gpt-4o", **small)
    assert anew == steps("anthropic/claude-haiku-5-5", **small)
    assert (() if mime == "image/heic" else anew) == steps("gemini/gemini-3.8-flash", **small)


@pytest.mark.parametrize(
    ("mime", "model", "anew"),
    [
        ("image/webp", "xai/grok-4.7", True),
        ("image/gif", "xai/grok-4.7", True),
        ("image/gif", "gemini/gemini-3.8-flash", True),
        ("image/webp", "gemini/gemini-3.8-flash", False),
        ("image/webp", "openai/gpt-4o", False),
        ("image/gif", "anthropic/claude-haiku-5-5", False),
    ],
)
def test_a_webp_or_gif_is_replaced_where_it_is_not_taken(mime: str, model: str, anew: bool) -> None:
    """Who does not take it gets JPEG or PNG, even at its own size; who does gets it as it is."""
    found = steps(model, mime=mime, width=300, height=200)
    kept = (Step(0, "strip"),) if mime == "image/webp" else ()
    assert found == ((Step(0, "downscale", (300, 200), (300, 200), "plain"),) if anew else kept)
    refused = "format_unsupported" == steps(model, STRIP, mime=mime, width=300, height=200)
    assert anew == refused


def test_a_webp_of_a_target_that_names_no_formats_stays() -> None:
    """Of a server that nothing is known of, a bitmap is spared and a WebP is not."""
    known = structs.replace(facts("openai/gpt-4o"), limits={})
    for mime, anew in (("image/bmp", True), ("image/webp", False), ("image/gif", False)):
        found = prepare(known, carried(medium(mime=mime, width=300, height=200)), Policy())
        assert isinstance(found, Prepared)
        assert anew == any(step.to is not None for step in found.steps)


def test_a_replaced_webp_is_weighed_as_it_leaves() -> None:
    """A small WebP without loss leaves as a larger PNG: the limit of bytes goes by that."""
    known = structs.replace(
        facts("xai/grok-4.7"), limits={"image": MediaLimit(bytes=2_000_000, formats=("image/png",))}
    )
    fact = medium(mime="image/webp", size=90_000, width=1_000, height=1_000)
    found = prepare(known, carried(fact), Policy())
    assert isinstance(found, Prepared)
    assert found.steps[0].to is not None
    width, height = found.steps[0].to
    assert width * height * 4.2 <= 2_000_000
    assert fact.size < width * height * 4 <= found.sizes[0] <= 2_000_000


def test_what_is_written_anew_is_weighed_as_it_leaves() -> None:
    """A bitmap of one bit a pixel leaves as a larger PNG: limits and the weight of the request go by that."""
    whole: dict[str, Any] = {"mime": "image/bmp", "width": 4000, "height": 4000, "size": 2_000_062}
    limit = facts("anthropic/claude-haiku-5-5").limits["image"].bytes
    assert limit is not None
    found = prepare(facts("anthropic/claude-haiku-5-5"), carried(medium(**whole)), Policy())
    assert isinstance(found, Prepared)
    assert found.steps[0].to is not None
    width, height = found.steps[0].to
    assert width * height * 4.2 <= limit
    assert found.sizes[0] >= width * height * 4


@pytest.mark.parametrize("policy", [STRIP, NOTHING])
def test_a_format_that_is_not_taken_without_leave_to_redraw(policy: Policy) -> None:
    """Where the policy keeps pixels, the format is refused."""
    assert "format_unsupported" == steps("openai/gpt-4o", policy, mime="image/bmp", width=300, height=200)


@pytest.mark.parametrize("changes", [{"mime": "image/avif"}, {"mime": "image/gif", "frames": 4}])
def test_what_we_cannot_redraw_stays(changes: dict[str, Any]) -> None:
    """Formats that are not decoded, and animations, are sent as they came."""
    assert () == steps("local/read", **changes)
    assert () == steps("anthropic/claude-haiku-5-5", **changes)


@pytest.mark.parametrize(
    ("model", "changes", "code"),
    [
        ("anthropic/claude-haiku-5-5", {"size": 9_000_000}, "media_too_large"),
        ("anthropic/claude-haiku-5-5", {"width": 8001}, "image_too_large"),
        ("openai/gpt-5.6-sol", {"width": 7952, "height": 5304}, "image_too_large"),
    ],
)
def test_over_a_limit_without_leave_to_downscale(model: str, changes: dict[str, Any], code: str) -> None:
    """An image over a limit is refused when the policy keeps its pixels, and made to fit when not."""
    assert code == steps(model, STRIP, **changes)
    assert isinstance(steps(model, **changes), tuple)


def test_side_limit_with_many_images() -> None:
    """Beyond 20 images Anthropic takes 2,000 px a side; the 21st image makes the first one smaller."""
    found = [steps("anthropic/claude-haiku-5-5", others=n, width=2400, height=1000) for n in (19, 20)]
    assert [(Step(0, "strip"),), (Step(0, "downscale", (2400, 1000), (2000, 833)),)] == found


@pytest.mark.parametrize(
    ("mime", "side", "expected"),
    [
        # 4.2 bytes a pixel would fit: drawing it anew is enough.
        ("image/png", 1500, 1500),
        # 9.1 MB of noise is the most that surely fits.
        ("image/png", 2500, 1368),
        ("image/jpeg", 3500, 2804),
    ],
)
def test_too_many_bytes_leave_the_pixels_that_surely_fit(mime: str, side: int, expected: int) -> None:
    """Beyond the byte limit an image gets as many pixels as the limit can hold at worst."""
    known = structs.replace(
        facts("openai/gpt-5.6-sol"),
        limits={"image": MediaLimit(bytes=7_864_320 if side > 2000 else 10_485_760)},
    )
    load = carried(medium(mime=mime, size=30_000_000, width=side, height=side, detail="original"))
    found = prepare(known, load, Policy())
    assert isinstance(found, Prepared)
    assert [(expected, expected)] == [step.to for step in found.steps]
    assert found.sizes[0] <= 10_485_760


@settings(max_examples=80)
@given(
    width=st.integers(1, 16_000),
    height=st.integers(1, 16_000),
    size=st.integers(1, 26_000_000),
    mime=st.sampled_from(["image/png", "image/jpeg", "image/webp", "image/gif"]),
    model=st.sampled_from(CATALOG.names()),
)
def test_prepared_image_is_legal_and_not_dearer(
    width: int, height: int, size: int, mime: str, model: str
) -> None:
    """A downscale keeps within the original, obeys the side limit, is not refused and never costs more."""
    found = prepare(facts(model), carried(medium(width=width, height=height, size=size, mime=mime)), Policy())
    if isinstance(found, Reason):
        return
    for step in found.steps:
        if step.to is None:
            continue
        assert step.to[0] <= width
        assert step.to[1] <= height
        assert min(step.to) >= 1
        known = facts(model)
        limit = known.limits.get("image")
        assert limit is None or limit.side is None or max(step.to) <= limit.side
        if known.image_rule is not None:
            after = tokens(known.image_rule, *step.to)
            assert after.refusal is None
            assert after.tokens <= tokens(known.image_rule, width, height).tokens
