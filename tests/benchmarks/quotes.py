"""Quotes: a chat with four photos of 12 MP over 40 candidates, and a catalog of 10,000 models.

Required: the plan in under 5 ms beyond reading body and headers; the catalog loaded in under 200 ms beyond
the shipped one, as an overlay and as the facts of an operator's configuration. Both are given as records,
parsed already: as TOML text the ten thousand are 5 MB, and `tomllib` alone needs a second and a half.
Milliseconds of this machine, best of all rounds; there is no rival that prices a payload.
"""

# ruff: noqa: T201 - what it prints is what it is for

import base64
import json
import time
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from gateway import _core
from gateway.catalog import load
from gateway.dialects import DIALECTS
from gateway.media.weigh import weigh
from gateway.routing.route import Surroundings, survey
from gateway.types.plan import Deployment, Group, Policy
from tests.benchmarks.corpus import file, photo
from tests.benchmarks.measure import table

DAY: Final = date(2026, 11, 27)
CANDIDATES: Final = 40
MODELS: Final = 10_000
PLAN_MS: Final = 5
LOAD_MS: Final = 200


def body() -> bytes:
    """A question of a page and four different photos."""
    parts: list[dict[str, Any]] = [{"type": "text", "text": "What has changed between these? " * 100}]
    for quality in (84, 85, 86, 87):
        data = base64.b64encode(file(photo(4032, 3024), "JPEG", quality=quality)).decode()
        parts.append({"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}"}})
    return json.dumps({"model": "auto", "messages": [{"role": "user", "content": parts}]}).encode()


def best(work: Callable[[], object], rounds: int) -> float:
    """Milliseconds."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken) * 1e3


def many() -> dict[str, Any]:
    """Facts of as many models as a large reseller has, each with image rule, limits, cliff and tiers."""
    return {
        "model": [
            {
                "name": f"reseller/model-{number}",
                "input": ["text", "image", "document"],
                "image_rule": "gpt-4o",
                "page_tokens": {"low": 1500, "expected": 3800, "high": 4600},
                "context_tokens": 200_000,
                "limits": {
                    "image": {"count": 20, "bytes": 5_242_880, "formats": ["image/png", "image/jpeg"]}
                },
                "price": {"input": f"{number % 50}.25", "cached": "0.10", "output": "10"},
                "above": [{"tokens": 200_000, "price": {"input": "60", "output": "90"}}],
                "tiers": {"batch": "0.5"},
                "source": "made up",
                "valid_from": date(2026, 1, 1),
                "confidence": "operator",
            }
            for number in range(MODELS)
        ]
    }


def main() -> None:
    """Prints what each takes, and whether it is met."""
    catalog, raw = load(on=DAY), body()
    encodings = catalog.encodings(catalog.names())
    names = [
        name
        for name in catalog.names()
        if (facts := catalog.get(name)) and {"text", "image"} <= facts.modalities_in
    ]
    taken = [names[number % len(names)] for number in range(CANDIDATES)]
    group = Group("auto", tuple(Deployment(name, name.partition("/")[0], name) for name in taken), Policy())

    def read() -> Any:
        request = DIALECTS["openai_chat"].read_request(_core.scan(raw, _core.Limits()))
        return weigh(request, encodings)

    seen = read()
    found = survey(seen, group, catalog, Surroundings())
    plan = best(lambda: survey(seen, group, catalog, Surroundings()), 40)
    resold = many()
    shipped = best(lambda: load(on=DAY), 5)
    loading = best(lambda: load([resold], on=DAY), 3) - shipped
    own = {record["name"]: record for record in resold["model"]}
    laying = best(lambda: catalog.merged(own), 3)
    rows = [
        ("body and headers read", f"{best(read, 20):.2f} ms", "", ""),
        (
            f"plan over {CANDIDATES} candidates ({len(found.attempts)} can)",
            f"{plan:.2f} ms",
            f"< {PLAN_MS} ms",
            "ok" if plan < PLAN_MS else "SHORT",
        ),
        ("shipped catalog loaded", f"{shipped:.1f} ms", "", ""),
        (
            f"{MODELS:,} models beside it",
            f"{loading:.0f} ms",
            f"< {LOAD_MS} ms",
            "ok" if loading < LOAD_MS else "SHORT",
        ),
        (
            f"{MODELS:,} models of the operator's laid over it",
            f"{laying:.0f} ms",
            f"< {LOAD_MS} ms",
            "ok" if laying < LOAD_MS else "SHORT",
        ),
    ]
    print(table(("what", "measured", "required", ""), rows))


if __name__ == "__main__":
    main()
