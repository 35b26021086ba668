"""What really leaves: the picture that a plan's step makes, against the plan."""

import io
from typing import Any

import anyio
import pytest
from msgspec import structs
from PIL import Image

from gateway import _core
from gateway.catalog.images import ImageRule, tokens
from gateway.media.prepare import prepare as prepared
from gateway.media.shelf import Shelf
from gateway.routing.preparation import Prepared, prepare
from gateway.types.plan import Policy, PrepareKind
from gateway.types.weight import MediaFacts
from tests.catalog.samples import CATALOG, carried, facts
from tests.media.test_weigh import image, user, weighed

RULES: dict[str, ImageRule] = {
    name: rule for name in CATALOG.rule_names() if (rule := CATALOG.rule(name)) is not None
}
# Landscape, portrait, just over a tile, tall, tiny, and one that no rule leaves alone.
SHAPES = [(640, 480), (385, 513), (200, 1400), (31, 33), (1700, 1100)]
ORIENTATION = 0x0112
# (format, mode, options, what leaves): every colour type and depth that Pillow writes.
COLOURS: list[tuple[str, str, dict[str, Any], str]] = [
    *[("PNG", mode, {}, "png") for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")],
    *[("JPEG", mode, {}, "jpeg") for mode in ("L", "RGB", "CMYK")],
    ("JPEG", "RGB", {"progressive": True}, "jpeg"),
    ("WEBP", "RGB", {"lossless": False}, "jpeg"),
    ("WEBP", "RGB", {"lossless": True}, "png"),
    ("WEBP", "RGBA", {"lossless": False}, "png"),
    ("WEBP", "RGBA", {"lossless": True}, "png"),
    ("GIF", "P", {}, "png"),
]


def file(
    size: tuple[int, int], orientation: int, form: str = "JPEG", mode: str = "RGB", **options: Any
) -> bytes:
    """A picture stored in this size under this orientation."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    if orientation > 1:
        options["exif"] = exif
    out = io.BytesIO()
    picture = Image.linear_gradient("L").resize(size)
    picture = picture.convert("L" if mode == "I;16" else mode).convert(mode)
    if mode in {"LA", "RGBA"}:
        picture.putalpha(Image.linear_gradient("L").rotate(90).resize(size))
    picture.save(out, form, **options)
    return out.getvalue()


async def sent(data: bytes, rule: ImageRule, policy: Policy) -> tuple[MediaFacts, MediaFacts, Any]:
    """The facts of a picture as it came and as it leaves, and the step between them."""
    load = weighed(user(image(data)))
    plan = prepare(
        structs.replace(facts("openai/gpt-4o"), image_rule=rule, limits={}), carried(*load.media), policy
    )
    assert isinstance(plan, Prepared)
    media = [_core.Media(data)]
    changed = await prepared(
        media, plan.steps, _core.Limits(), anyio.CapacityLimiter(1), Shelf(0), tenant="t"
    )
    left = changed.get(0, media[0])
    step = plan.steps[0] if plan.steps else None
    return load.media[0], weighed(user(image(left.data()))).media[0], step


def planned(before: MediaFacts, step: Any) -> tuple[int | None, int | None]:
    """The size that the plan says."""
    return (before.width, before.height) if step is None or step.to is None else step.to


@pytest.mark.parametrize("extra", [None, "near_lossless"])
@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
async def test_what_leaves_is_what_was_planned(rule: ImageRule, extra: PrepareKind | None) -> None:
    """Size and tokens of the file that leaves are those of the plan, for every rule and shape."""
    policy = Policy(prepare=frozenset({"strip", "downscale", *([extra] if extra else [])}))
    for number, shape in enumerate(SHAPES):
        before, after, step = await sent(file(shape, 1 + number % 8), rule, policy)
        size = planned(before, step)
        assert size == (after.width, after.height)
        expected, found = tokens(rule, *size), tokens(rule, after.width or 0, after.height or 0)
        assert expected == found
        asked = tokens(rule, before.width or 0, before.height or 0).tokens
        assert found.tokens < asked if step and step.step == "near_lossless" else found.tokens == asked


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("form", "mode", "options", "leaves"), COLOURS)
async def test_every_colour_type_leaves_upright(
    form: str, mode: str, options: dict[str, Any], leaves: str, orientation: int
) -> None:
    """Whatever its colours, a picture on its side leaves upright, at the planned size, without the mark."""
    rule = RULES["gpt-4o"]
    before, after, step = await sent(file((1000, 900), orientation, form, mode, **options), rule, Policy())
    # A GIF has no place for an orientation.
    sideways = orientation > 4 and form != "GIF"
    assert ((900, 1000) if sideways else (1000, 900)) == (before.width, before.height)
    assert ((768, 853) if sideways else (853, 768)) == (after.width, after.height) == step.to
    assert (1, f"image/{leaves}") == (after.orientation, after.mime)
