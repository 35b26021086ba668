"""Does the smallest legible size lose a field? `python -m tests.benchmarks.legible [COUNT]`, `make legible`.

Each picture is read by the embedded engine's own reader as it came and as `legible` would send it, at every
rule. A field that was read before and is not read after is a failure, and the exit status says how many.
"""

# ruff: noqa: T201 - what it prints is what it is for

import sys
from collections.abc import Iterator, Mapping

from msgspec import Struct, structs

from gateway import _core
from gateway.catalog.images import Size, tokens
from gateway.engines.image import open_image
from gateway.engines.ocr import Ocr
from gateway.routing.preparation import Prepared, prepare
from gateway.types.plan import Policy, Step
from tests.benchmarks.measure import machine
from tests.benchmarks.receipts import Paper, papers
from tests.catalog.samples import carried, facts, medium

# A model of each rule that `legible` can gain something under.
MODELS = {
    "tiles": "openai/gpt-4o",
    "patches": "openai/gpt-5.4",
    "grid": "anthropic/claude-haiku-4-5",
    "grid-high": "anthropic/claude-haiku-5-5",
    "gemini-2": "gemini/gemini-2.5-flash",
    "gemini-3": "gemini/gemini-3.8-flash",
}
LEGIBLE = Policy(prepare=frozenset({"strip", "downscale", "legible"}))
_PIXELS = 50_000_000


class Sent(Struct, frozen=True):
    """What leaves for one rule: its size, and image tokens as it came and as it leaves."""

    rule: str
    step: str
    size: Size
    before: int
    after: int


class Read(Struct, frozen=True):
    """One picture, read as it came and at each size that `legible` chose. `lost`: read before, not after."""

    paper: Paper
    glyph: float | None
    score: float
    sent: tuple[Sent, ...]
    before: frozenset[str]
    after: Mapping[Size, frozenset[str]]

    @property
    def lost(self) -> dict[Size, frozenset[str]]:
        """By size."""
        return {size: self.before - found for size, found in self.after.items() if self.before - found}


def read(paper: Paper, reader: Ocr, policy: Policy = LEGIBLE) -> Read:
    """Read a picture before and after."""
    media = _core.Media(paper.data)
    signals = _core.signals(media)
    sent = tuple(_sent(media, signals, policy))
    sizes = {one.size for one in sent if one.step == "legible"}
    return Read(
        paper=paper,
        glyph=signals.glyph_height,
        score=signals.text_score,
        sent=sent,
        before=found(paper, paper.data, reader),
        after={size: found(paper, _core.fit(media, *size).data(), reader) for size in sorted(sizes)},
    )


def _sent(media: _core.Media, signals: _core.Signals, policy: Policy) -> Iterator[Sent]:
    size = (media.width or 0, media.height or 0)
    fact = medium(mime=media.mime, size=media.size, width=size[0], height=size[1])
    fact = structs.replace(fact, text_score=signals.text_score, glyph_height=signals.glyph_height)
    for rule, name in MODELS.items():
        model = facts(name)
        prepared = prepare(model, carried(fact), policy)
        assert isinstance(prepared, Prepared)
        assert model.image_rule is not None
        step = next(iter(prepared.steps), Step(0, "strip"))
        to = step.to or size
        before, after = tokens(model.image_rule, *size), tokens(model.image_rule, *to)
        yield Sent(rule, step.step, to, before.tokens, after.tokens)


def found(paper: Paper, data: bytes, reader: Ocr) -> frozenset[str]:
    """The fields whose text is read, whatever spaces and capitals the reader makes of them."""
    text = _plain(reader.text(open_image(data, _PIXELS)))
    return frozenset(name for name, value in paper.fields.items() if _plain(value) in text)


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def main(count: int) -> int:
    """All of them, one line a picture and rule; how many fields were lost."""
    print(f"== legible: {count} pictures, {machine()}")
    print(f"{'picture':42} {'rule':10} {'glyph':>5} {'size before':>11} {'sent':>11} {'tokens':>13}  fields")
    reader, lost = Ocr(1), 0
    sums: dict[str, list[int]] = {rule: [0, 0] for rule in MODELS}
    seen = [0, 0]
    for paper in papers(count):
        done = read(paper, reader)
        for one in done.sent:
            sums[one.rule][0] += one.before
            sums[one.rule][1] += one.after
            fields = done.after.get(one.size, done.before) if one.step == "legible" else None
            print(_row(done, one, fields), flush=True)
        for size, fields in done.lost.items():
            print(f"   LOST at {size[0]}x{size[1]}: {', '.join(sorted(fields))}", flush=True)
            lost += len(fields)
        seen[0] += len(done.before)
        seen[1] += len(paper.fields)
    for rule, (before, after) in sums.items():
        print(f"{rule:10} {before:>7,} -> {after:>7,} tokens, {100 * after // before} %")
    print(f"fields read as they came: {seen[0]} of {seen[1]}; lost by `legible`: {lost}")
    return lost


def _row(done: Read, one: Sent, fields: frozenset[str] | None) -> str:
    glyph = f"{done.glyph:.1f}" if done.glyph else "-"
    came, left = ("x".join(map(str, size)) for size in (done.paper.size, one.size))
    told = (
        f"{len(done.before)} -> {len(fields)}" if fields is not None else f"{len(done.before)} ({one.step})"
    )
    tokens_of = f"{one.before} -> {one.after}"
    return f"{done.paper.name:42} {one.rule:10} {glyph:>5} {came:>11} {left:>11} {tokens_of:>13}  {told}"


if __name__ == "__main__":
    sys.exit(min(main(int(sys.argv[1]) if len(sys.argv) > 1 else 40), 1))
