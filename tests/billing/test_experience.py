"""The owner of what was learned: it learns, corrects, shares, and starts anew when a rule changes."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from msgspec import structs

from gateway.adapters.memory import MemoryAccounts
from gateway.billing import Change, Experience
from gateway.catalog import ModelFacts, load
from gateway.errors import failure
from gateway.types.learned import COLD_START_TOKENS, Correction, Learned, Lesson, Tally
from gateway.types.money import Modality
from gateway.types.outcome import Settlement
from gateway.types.plan import Attempt
from tests.billing.attempts import ATTEMPT

CATALOG = load(on=date(2026, 12, 1))
_found = CATALOG.get("openai/gpt-4o")
assert _found is not None
GPT: ModelFacts = _found


class Away(MemoryAccounts):
    """A store that can be gone."""

    away = False

    async def learn(self, seen: Mapping[Lesson, Tally]) -> Mapping[Lesson, Tally]:
        """Refuses while it is away."""
        if self.away:
            raise failure("ledger_unavailable", "gone")
        return await super().learn(seen)

    async def lessons(self) -> Mapping[Lesson, Tally]:
        """Refuses while it is away."""
        if self.away:
            raise failure("ledger_unavailable", "gone")
        return await super().lessons()


def settled(image: float, text: float = 1.0) -> Settlement:
    """An attempt whose report was so many times its quote."""
    return Settlement((), "reported", (), (("text", text), ("image", image)))


def taught(experience: Experience, answers: int, image: float, attempt: Attempt = ATTEMPT) -> None:
    """So many answers."""
    for _ in range(answers):
        experience.saw(GPT, attempt, settled(image))


def times(experience: Experience, facts: ModelFacts = GPT) -> dict[Modality, str]:
    """The corrections that act."""
    return {modality: str(acting.times) for modality, acting in experience.corrections(facts).items()}


def test_enough_answers_correct() -> None:
    """Twenty answers that report thirty percent more: the image is corrected, the text is not."""
    experience = Experience(MemoryAccounts())
    taught(experience, 19, 1.3)
    assert {} == times(experience)
    taught(experience, 1, 1.3)
    assert {"image": "1.30"} == times(experience)


def test_a_corrected_quote_that_holds_stays_corrected() -> None:
    """Ratios are told against the rule, not the corrected quote: a correction does not undo itself."""
    experience = Experience(MemoryAccounts())
    taught(experience, 20, 1.3)
    corrected = structs.replace(ATTEMPT, learned=Learned({"image": Correction(Decimal("1.30"), 20)}))
    taught(experience, 200, 1.0, corrected)
    assert {"image": "1.30"} == times(experience)


def test_a_mended_upstream_ends_the_correction() -> None:
    """When the provider counts by its rule again the correction goes as it came."""
    experience = Experience(MemoryAccounts())
    taught(experience, 40, 1.3)
    taught(experience, 200, 1.0)
    assert {} == times(experience)


def test_another_rule_starts_anew() -> None:
    """What was learned of one rule says nothing of the next."""
    experience = Experience(MemoryAccounts())
    taught(experience, 40, 1.3)
    mini = CATALOG.get("openai/gpt-4o-mini")
    assert mini is not None
    other = structs.replace(GPT, image_rule=mini.image_rule)
    assert ({}, {"image": "1.30"}) == (times(experience, other), times(experience))


def test_news_are_told_once() -> None:
    """A correction that begins or ends is one change; asked again there is none."""
    experience = Experience(MemoryAccounts())
    assert [] == experience.news([GPT])
    taught(experience, 20, 1.3)
    assert [Change("openai/gpt-4o", "image", Correction(Decimal("1.30"), 20))] == experience.news([GPT])
    assert [] == experience.news([GPT])
    taught(experience, 200, 1.0)
    assert [Change("openai/gpt-4o", "image", None)] == experience.news([GPT])


def test_lengths_are_learned_by_tenant_and_task() -> None:
    """What one tenant's questions get says nothing of another's, nor of another kind of question."""
    experience = Experience(MemoryAccounts())
    for _ in range(90):
        experience.saw_answer("openai/gpt-4o", "alice", "text", 600)
    own = experience.learned(GPT, "alice", "text").answer
    assert (555, 90) == (own.tokens, own.answers)
    for tenant, task in (("bob", "text"), ("alice", "image+text")):
        assert COLD_START_TOKENS == experience.learned(GPT, tenant, task).answer.tokens


async def test_processes_share_what_they_saw() -> None:
    """Ten answers here and ten there are twenty: both correct."""
    store = MemoryAccounts()
    here, there = Experience(store), Experience(store)
    taught(here, 10, 1.3)
    taught(there, 10, 1.3)
    await here.share()
    await there.share()
    assert ({}, {"image": "1.30"}) == (times(here), times(there))
    taught(here, 1, 1.3)
    await here.share()
    assert {"image": "1.30"} == times(here)


async def test_a_restart_forgets_nothing() -> None:
    """What was shared is known to the next process."""
    store = MemoryAccounts()
    before = Experience(store)
    taught(before, 20, 1.3)
    before.saw_answer("openai/gpt-4o", "alice", "text", 600)
    await before.share()
    after = Experience(store)
    await after.recall()
    assert {"image": "1.30"} == times(after)
    assert 1 == after.learned(GPT, "alice", "text").answer.answers


async def test_a_store_that_is_away_loses_nothing() -> None:
    """What was seen meanwhile is handed on when it is back."""
    store = Away()
    experience = Experience(store)
    store.away = True
    await experience.recall()
    taught(experience, 10, 1.3)
    await experience.share()
    taught(experience, 10, 1.3)
    await experience.share()
    assert {"image": "1.30"} == times(experience)
    store.away = False
    await experience.share()
    image = next(
        tally for lesson, tally in (await store.lessons()).items() if lesson.about.startswith("image")
    )
    assert 20 == image.count


async def test_what_is_being_shared_is_known_meanwhile() -> None:
    """While the store writes, a quote is corrected as before; a request that ends then loses nothing."""

    class Slow(MemoryAccounts):
        seen: dict[Modality, str]

        async def learn(self, seen: Mapping[Lesson, Tally]) -> Mapping[Lesson, Tally]:
            taught(experience, 1, 1.3)
            self.seen = times(experience)
            return await super().learn(seen)

    store = Slow()
    experience = Experience(store)
    taught(experience, 20, 1.3)
    await experience.share()
    assert {"image": "1.30"} == store.seen == times(experience)
