"""The one owner of what was learned. It learns as attempts settle and is shared through a store.

Between two sharings it knows what the store knew and what this process has seen since; what was seen goes to
the store as it is, so several processes add to the same tallies and lose nothing of each other's.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from gateway.billing.lessons import corrections, expectation, seen_answer, seen_ratio
from gateway.billing.settle import input_tokens
from gateway.catalog import ModelFacts
from gateway.errors import GatewayError
from gateway.ports import Lessons
from gateway.types.learned import MEMORY, Correction, Learned, Lesson, Tally
from gateway.types.money import Modality
from gateway.types.outcome import Settlement
from gateway.types.plan import Attempt

_NEVER: Final = Tally()


class Change(Struct, frozen=True):
    """The correction of a model's modality is another than before; None: there is none any more."""

    model: str
    modality: Modality
    correction: Correction | None


class Experience:
    """Tallies by lesson. Keys come from configuration (models, tenants) and a handful of tasks."""

    def __init__(self, store: Lessons) -> None:
        self._store = store
        self._known: dict[Lesson, Tally] = {}
        self._pending: dict[Lesson, Tally] = {}
        self._told: dict[tuple[str, Modality], Correction] = {}
        # By model: the corrections that act, under the rules with these marks.
        self._acting: dict[str, tuple[Mapping[Modality, str], dict[Modality, Correction]]] = {}

    def learned(self, facts: ModelFacts, tenant: str, task: str) -> Learned:
        """What is known of a model for a tenant's task."""
        own = self._tally(Lesson("answer", facts.name, task, tenant))
        at_all = self._tally(Lesson("answer", "", task, tenant))
        return Learned(self.corrections(facts), expectation(own, at_all))

    def corrections(self, facts: ModelFacts) -> dict[Modality, Correction]:
        """The corrections of a model that act now."""
        marks, acting = self._acting.get(facts.name, (None, {}))
        if marks != facts.rule_marks:
            acting = corrections(self.ratios(facts))
            self._acting[facts.name] = facts.rule_marks, acting
        return acting

    def ratios(self, facts: ModelFacts) -> dict[Modality, Tally]:
        """Reported over documented tokens by modality, under the rules that hold now."""
        found = {modality: self._tally(_ratio(facts, modality)) for modality in facts.rule_marks}
        return {modality: tally for modality, tally in found.items() if tally.count}

    def saw(self, facts: ModelFacts, attempt: Attempt, settlement: Settlement) -> None:
        """An attempt was settled from a report: its ratios, told against the rules themselves."""
        quoted = input_tokens(attempt.quote.items)
        for modality, ratio in settlement.ratios:
            if modality in facts.rule_marks:
                acted = attempt.learned.corrections.get(modality)
                times = float(acted.times) if acted else 1.0
                seen = seen_ratio(ratio * times, float(quoted[modality]) / times)
                self._add(_ratio(facts, modality), seen)
        self._acting.pop(facts.name, None)

    def saw_answer(self, model: str, tenant: str, task: str, tokens: float) -> None:
        """An answer was whole: output tokens of one choice."""
        for name in (model, ""):
            self._add(Lesson("answer", name, task, tenant), seen_answer(tokens))

    def news(self, models: Iterable[ModelFacts]) -> list[Change]:
        """The corrections that are others than when this was asked last."""
        now = {
            (facts.name, modality): acting
            for facts in models
            for modality, acting in self.corrections(facts).items()
        }
        before, self._told = self._told, now
        return [
            Change(*key, now.get(key))
            for key in sorted(before.keys() | now.keys())
            if _times(before.get(key)) != _times(now.get(key))
        ]

    async def recall(self) -> None:
        """Take in what the store knows; a store that is away teaches nothing now."""
        try:
            self._known = dict(await self._store.lessons())
        except GatewayError:
            return
        self._acting.clear()

    async def share(self) -> None:
        """Hand on what was seen and take in what others saw of the same; kept when the store is away."""
        if not self._pending:
            return
        sent = self._pending
        before = {lesson: self._known.get(lesson, _NEVER) for lesson in sent}
        # While the store writes, requests go on: what is on its way is known here all the time.
        self._known.update({lesson: self._tally(lesson) for lesson in sent})
        self._pending = {}
        try:
            self._known.update(await self._store.learn(sent))
        except BaseException as error:
            # The store is away, or this was cut off, as at the end of the process: kept for the next time.
            # If it was written all the same, twice is no harm.
            self._known.update(before)
            for lesson, seen in sent.items():
                self._add(lesson, seen)
            if not isinstance(error, GatewayError):
                raise
        self._acting.clear()

    def _tally(self, lesson: Lesson) -> Tally:
        known = self._known.get(lesson, _NEVER)
        seen = self._pending.get(lesson)
        return known if seen is None else known.plus(seen, MEMORY[lesson.kind])

    def _add(self, lesson: Lesson, seen: Tally) -> None:
        self._pending[lesson] = self._pending.get(lesson, _NEVER).plus(seen, MEMORY[lesson.kind])


def _times(acting: Correction | None) -> object:
    return None if acting is None else acting.times


def _ratio(facts: ModelFacts, modality: Modality) -> Lesson:
    # Another rule starts anew: what was learned of the old one says nothing of it.
    return Lesson("ratio", facts.name, f"{modality} {facts.rule_marks[modality]}")
