"""Fits the estimator to the exact counts: `make calibrate` writes rust/core/src/tokens/weights.rs anew.

The corpus is seeded and comes with packages: Django's translations (some ninety languages, BSD), the
standard library's code and its documentation, and generated JSON, base64, hexadecimal, digits and emoji.
Every second source (a language, a module, a seed) is held out: the error that is stated for a script is
what 90 of 100 held-out windows stay within, of those that are mostly that script. mistral-common's
vocabulary, the one public tokenizer of another provider on PyPI, tells what a foreign family makes of them.
"""

# ruff: noqa: T201 - what it prints is what it is for

import base64
import importlib.resources
import json
import pathlib
import random
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import tiktoken

from gateway import _core
from tests.benchmarks import wordings
from tests.benchmarks.corpus import SEED
from tests.native.vocabulary import ENCODINGS

OUT: Final = pathlib.Path(__file__).parents[2] / "rust/core/src/tokens/weights.rs"
# In the order of Script::ALL, each with how many features of the census are its own.
SCRIPTS: Final = {
    "latin": 5,
    "digits": 1,
    "marks": 5,
    "data": 2,
    **dict.fromkeys(("greek", "arabic", "indic", "asian", "han", "kana", "hangul", "symbols", "other"), 2),
}
OWNER: Final = [script for script, features in SCRIPTS.items() for _ in range(features)]
# Languages that are alone with their script: every second window of theirs is held out instead.
ALONE: Final = frozenset({"el", "hy", "ka", "he", "th", "km", "my", "ja", "ko", "zh_Hans", "zh_Hant"})
# Characters of a window: half a page.
WINDOW: Final = 1_000
# No script is claimed to be surer than this, whatever the windows say.
SUREST: Final = 0.03
# What a script is claimed to be that too few windows tell of.
UNTOLD: Final = 0.5
# Windows that are too few to tell.
FEW: Final = 8


def sources() -> Iterator[tuple[str, int, str]]:
    """(kind or language, which of its kind, text); of languages the number is the language's own."""
    for number, (language, text) in enumerate(wordings.translations()):
        yield language, number, text
    for kind in ("prose", "code"):
        whole = wordings.text(kind, 600_000)
        for number, start in enumerate(range(0, len(whole), 60_000)):
            yield kind, number, whole[start : start + 60_000]
    for number in range(12):
        rng = random.Random(f"{SEED} {number}")
        for kind in ("JSON", "emoji", "base64", "digits"):
            yield kind, number, wordings.text(kind, 16_000, number)
        yield "hex", number, "\n".join(rng.randbytes(rng.randrange(20, 200)).hex() for _ in range(50))
        keys = (base64.urlsafe_b64encode(rng.randbytes(rng.randrange(30, 90))).decode() for _ in range(100))
        yield "keys", number, "\n".join(keys)
        yield (
            "other",
            number,
            "".join(chr(rng.choice((rng.randrange(0x10A00, 0x12000), 32))) for _ in range(4_000)),
        )


def windows() -> Iterator[tuple[bool, str]]:
    """(held out?, text of half a page)."""
    for source, number, text in sources():
        for place, start in enumerate(range(0, max(1, len(text) - WINDOW // 2), WINDOW)):
            out = place if source in ALONE else number
            yield out % 2 == 1, text[start : start + WINDOW]


Matrix = np.ndarray[Any, np.dtype[np.float64]]


def fitted(features: Matrix, counts: Matrix) -> Matrix:
    """Weights of at least 0 with the least squared relative error, by coordinate descent."""
    scaled = features / counts[:, None]
    gram, target = scaled.T @ scaled, scaled.sum(axis=0)
    # A pinch of every feature: one that no window has stays where the others are.
    gram += np.eye(len(gram)) * 1e-9
    weights = np.full(len(gram), 0.25)
    for _ in range(20_000):
        for place in range(len(gram)):
            step = (target[place] - gram[place] @ weights) / gram[place, place]
            weights[place] = max(0.0, weights[place] + step)
    return weights


def by_script(features: Matrix, weights: Matrix) -> Matrix:
    """Tokens of each window by script."""
    made = features * weights
    return np.stack([made[:, [owner == script for owner in OWNER]].sum(axis=1) for script in SCRIPTS], axis=1)


def stated(made: Matrix, off: Matrix) -> dict[str, float]:
    """Each script's error, such that the bounds they add up to hold 90 of 100 windows that are mostly it."""
    errors = np.full(len(SCRIPTS), 0.1)
    mostly = made.argmax(axis=1)
    for _ in range(50):
        for place in range(len(SCRIPTS)):
            own = mostly == place
            if own.sum() < FEW:
                errors[place] = UNTOLD
            else:
                errors[place] *= float(np.quantile(off[own] / (made[own] @ errors), 0.9))
            errors[place] = min(max(SUREST, errors[place]), UNTOLD)
    return {script: float(np.ceil(error * 100) / 100) for script, error in zip(SCRIPTS, errors, strict=True)}


def rust(name: str, values: Any, size: str) -> str:
    """One constant."""
    return f"pub(super) const {name}: [f64; {size}] = [{', '.join(f'{value:.4f}' for value in values)}];\n"


def tekken() -> tiktoken.Encoding:
    """Mistral's vocabulary, on tiktoken's engine as mistral-common runs it."""
    data = importlib.resources.files("mistral_common") / "data" / "tekken_240911.json"
    model = json.loads(data.read_text("utf-8"))
    size = model["config"]["default_vocab_size"] - model["config"]["default_num_special_tokens"]
    ranks = {base64.b64decode(token["token_bytes"]): token["rank"] for token in model["vocab"][:size]}
    return tiktoken.Encoding(
        "tekken", pat_str=model["config"]["pattern"], mergeable_ranks=ranks, special_tokens={}
    )


def foreign(shares: Matrix, ratio: Matrix) -> None:
    """Prints a family's factor to o200k_base by script, with its error, as the catalog wants it."""
    for place, script in enumerate(SCRIPTS):
        mostly = ratio[shares.argmax(axis=1) == place]
        if len(mostly) >= FEW:
            middle = float(np.median(mostly))
            error = float(np.quantile(np.abs(mostly / middle - 1), 0.9))
            row = f'factor = "{middle:.2f}", error = "{max(SUREST, error):.2f}"'
            print(f"script.{script} = {{ {row} }}  # {len(mostly)} windows")


def main() -> None:
    """Fit, state, write."""
    pieces = [(held, text) for held, text in windows() if text]
    held = np.array([out for out, _ in pieces])
    features = np.array([_core.text_features(text) for _, text in pieces], np.float64)
    lines = ["//! Made by `make calibrate`: tests/benchmarks/calibrate.py says of what. Not for editing.\n\n"]
    lines.append("use super::census::{Script, feature};\n\n")
    shares: Matrix = np.zeros((0, 0))
    for name in ENCODINGS:
        count: Callable[[str], int] = lambda text, name=name: _core.count_tokens(text, name)  # type: ignore[misc]  # noqa: E731
        counts = np.array([count(text) for _, text in pieces], np.float64)
        weights = fitted(features[~held], counts[~held])
        made = by_script(features, weights)
        guess = made.sum(axis=1)
        share = made / guess[:, None]
        relative = np.abs(guess / counts - 1)
        errors = stated(made[held], np.abs(guess - counts)[held])
        inside = np.abs(guess - counts) <= made @ np.array(list(errors.values()))
        print(
            f"\n{name}: {len(pieces)} windows, {held.sum()} held out; error of the held out: "
            f"mean {relative[held].mean():.3f}, 90 of 100 {np.quantile(relative[held], 0.9):.3f}, "
            f"worst {relative[held].max():.3f}; within the stated bounds {inside[held].mean():.3f}"
        )
        print(errors)
        constant = name.split("_")[0].upper()
        lines += [
            rust(constant, weights, "feature::COUNT"),
            rust(f"{constant}_ERRORS", errors.values(), "Script::ALL.len()"),
        ]
        if name == "o200k_base":
            shares, reference = share, counts
    other = tekken()
    print("\nMistral's tekken (131k) against o200k_base:")
    foreign(shares, np.array([len(other.encode_ordinary(text)) for _, text in pieces]) / reference)
    OUT.write_text("".join(lines))


if __name__ == "__main__":
    main()
