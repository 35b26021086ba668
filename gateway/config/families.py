"""What the name of an open-weight model tells when nothing else does: whether it sees, and by which rule."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

# Names as hubs, Ollama and file names spell them -> an image rule of the catalog. The first that fits.
_RULES: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), rule)
    for pattern, rule in (
        (r"qwen-?3(?:[-.]?5)?-?vl|qwen-?3\.5", "qwen3-vl"),
        (r"qwen-?2(?:\.5|-5)?-?(?:vl|omni)", "qwen2-vl"),
        (r"llama-?4", "llama-4"),
        (r"llama-?3[.-]2(?:-\d+b)?-vision", "llama-3.2-vision"),
        (r"intern-?vl", "internvl"),
        (r"llava-?(?:v?1\.6|next|onevision)", "llava-next"),
        (r"llava", "llava-1.5"),
        (r"gemma-?4", "gemma-4"),
        # The 270M and the 1B of Gemma 3 do not see.
        (r"gemma-?3(?!n)(?!.*\b(?:270m|1b))", "gemma-3"),
        (r"pixtral", "pixtral-12b"),
    )
)
# A vision model of no family above: the open families lie between 256 tokens (Gemma 3) and many thousands.
# A flat rule, since one that looks at pixels would have images scaled down for a model it does not know.
_UNKNOWN: Final[Mapping[str, Any]] = MappingProxyType({"kind": "flat", "tokens": 1600})


def image_rule(name: str) -> str | None:
    """The image rule of the family that a model's name belongs to; None when its name tells of none."""
    return next((rule for pattern, rule in _RULES if pattern.search(name)), None)


def sight(name: str) -> dict[str, Any]:
    """Facts of a model that sees: its inputs, and what an image costs as far as its name tells."""
    rule = image_rule(name)
    if rule is None:
        return {"input": ["text", "image"], "image_rule": dict(_UNKNOWN), "image_confirmed": False}
    return {"input": ["text", "image"], "image_rule": rule, "image_confirmed": False}
