"""Reserve and settle: the money of one operation, from the hold to the ledger.

Every attempt is a `Trial`. When it ends, however it ends, it is entered into the book with what it cost;
when the operation ends the book is closed, once. Leaving the context settles whatever is still open,
shielded from cancellation, so a client that hangs up costs a ledger line and not a leak.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import partial

import anyio
from msgspec import Struct, structs

from gateway import _core
from gateway.admission import reserve
from gateway.billing import AnswerFacts, Book, settle, task
from gateway.catalog import ModelFacts
from gateway.catalog.cost import settle_items
from gateway.catalog.terms import served
from gateway.catalog.text import EXACT_BYTES, own_factor
from gateway.dialects import Bill
from gateway.errors import GatewayError
from gateway.exchange.house import House
from gateway.exchange.visit import Visit
from gateway.types.arrival import Client
from gateway.types.money import LineItem
from gateway.types.outcome import End, Outcome, Settlement, Usage
from gateway.types.plan import Attempt, Plan, Step
from gateway.types.principal import Principal
from gateway.types.weight import Requirements
from gateway.upstream.progress import Progress


class Trial(Struct):
    """One attempt while it runs; what settle reads at whatever moment it ends.

    `at`, `began`: when it began, by the calendar and in monotonic seconds. `done`: the preparations that
    changed something. `retry_after`: seconds that the provider asked to be left alone.
    """

    attempt: Attempt
    progress: Progress
    at: datetime
    began: float
    done: tuple[Step, ...] = ()
    settlement: Settlement | None = None
    retry_after: float | None = None

    def outcome(self, end: End, facts: ModelFacts) -> Outcome:
        """The attempt as it stands. Output is counted, as this model counts, only where no usage tells it."""
        progress = self.progress
        told = progress.usage is not None and progress.usage.output is not None and progress.ended
        if told:
            return progress.outcome(end)
        counted = _core.weigh_texts([progress.text], facts.encoding, cap=EXACT_BYTES)
        own = counted.tokens * own_factor(facts, counted.scripts)[0]
        return progress.outcome(end, int(own.to_integral_value(ROUND_HALF_UP)))


class Account:
    """The attempts of one operation and its book."""

    def __init__(self, visit: Visit, load: Requirements, plan: Plan, book: Book, house: House) -> None:
        self.visit = visit
        self.plan = plan
        self._load = load
        self._book = book
        self._house = house
        self._trials: list[Trial] = []
        self._settled = False

    @property
    def items(self) -> tuple[LineItem, ...]:
        """What the last attempt cost, by modality."""
        settlement = self._trials[-1].settlement
        return () if settlement is None else settlement.items

    def begin(self, attempt: Attempt) -> Trial:
        """Open the next attempt."""
        began = self._house.health.begin(attempt.deployment)
        trial = Trial(attempt, Progress(), self._house.today(), began)
        self._trials.append(trial)
        self.visit.attempts = len(self._trials)
        self.visit.deployment = attempt.deployment
        self.visit.quoted = attempt.quote.expected
        if not attempt.quote.priced:
            self._house.recorder.served_unpriced(attempt.deployment)
        return trial

    def end(self, trial: Trial, end: End) -> Outcome:
        """Enter an attempt that ended; a second call changes nothing."""
        deployment = trial.attempt.deployment
        facts = self._house.facts(deployment.name)
        outcome = trial.outcome(end, facts)
        if trial.settlement is None:
            price = partial(settle_items, self._served(trial, facts, outcome))
            baseline = self.plan.baseline if end == "finished" else None
            trial.settlement = settle(trial.attempt, outcome, price, baseline)
            self._book.enter(deployment, end, trial.settlement)
            for turn in self._house.health.end(deployment, outcome, trial.began, trial.retry_after):
                self._house.recorder.turned(turn)
        return outcome

    def _served(self, trial: Trial, facts: ModelFacts, outcome: Outcome) -> ModelFacts:
        """The facts at the rates of the terms that the call was made on."""
        terms = structs.replace(trial.attempt.terms, at=trial.at)
        found, known = served(facts, terms, outcome.usage)
        if not known:
            self._house.recorder.served_unpriced(trial.attempt.deployment)
        return found

    async def settle(self, end: End = "finished") -> None:
        """Enter what is still open and write the ledger; once, whoever calls."""
        if self._settled:
            return
        self._settled = True
        visit = self.visit
        for trial in self._trials:
            self._learn(trial, self.end(trial, end))
        visit.cost, visit.saved = self._book.cost, self._book.saved
        visit.end = end
        for entry in self._book.entries:
            self._house.recorder.settled(visit, entry.deployment, entry.settlement)
        try:
            await self._book.close()
        except GatewayError:
            # The answer is bought either way: the client gets it, and the ledger its lines when it is back.
            self._house.backlog.keep(self._book)
        except BaseException:
            # The server's end cancels through every shield of ours. The ledger knows the operation by its
            # id, so what it may have written already is not written twice.
            if not self._book.closed:
                self._house.backlog.keep(self._book)
            raise

    def _learn(self, trial: Trial, outcome: Outcome) -> None:
        """What the provider reported, laid beside what was quoted."""
        principal, usage = self.visit.principal, outcome.usage
        if trial.settlement is None or trial.settlement.source != "reported" or principal is None:
            return
        experience, name = self._house.experience, trial.attempt.deployment.name
        experience.saw(self._house.facts(name), trial.attempt, trial.settlement)
        # One that ran into its bound would have been longer: it tells nothing of lengths.
        whole = outcome.complete and "length" not in outcome.finish_reasons
        if whole and usage is not None and usage.output is not None:
            tokens = usage.output / self._load.choices
            experience.saw_answer(name, principal.tenant, task(self._load), tokens)

    async def tell_budget(self) -> None:
        """What is left of the caller's budget, for the metrics; the answer has left already."""
        principal = self.visit.principal
        if principal is None or principal.budget is None:
            return
        try:
            spent, held = await self._house.accounts.balance(principal.tenant)
        except GatewayError:
            return  # a gauge that stays old, no more
        self._house.recorder.budget(principal, principal.budget - spent - held)

    def bill(self, trial: Trial) -> Bill:
        """The account as an answer tells it."""
        attempt, visit = trial.attempt, self.visit
        return Bill(
            cost=self._book.cost,
            quoted=attempt.quote.expected,
            saved=self._book.saved,
            model=attempt.deployment.name,
            cache=visit.cache,
            usage=trial.progress.usage or _as_usage(self.items),
        )

    def facts(self, trial: Trial, kinds: Mapping[int, str], now: float) -> AnswerFacts:
        """What the head of an answer says; cost and saving only once they are settled."""
        visit = self.visit
        settled = self._settled
        attempt = trial.attempt
        return AnswerFacts(
            request_id=visit.id,
            model=attempt.deployment.name,
            cost=self._book.cost if settled else None,
            quoted=attempt.quote.expected,
            saved=self._book.saved if settled else None,
            cache=visit.cache,
            steps=trial.done,
            kinds=kinds,
            attempts=visit.attempts,
            overhead_ms=max(now - visit.at - visit.upstream_seconds, 0.0) * 1000,
        )


def _as_usage(items: tuple[LineItem, ...]) -> Usage:
    """What was settled where nothing was reported, as usage."""
    tokens = {"in": 0, "out": 0}
    for item in items:
        if item.unit == "token":
            tokens[item.direction] += int(Decimal(item.quantity))
    return Usage(input=tokens["in"], output=tokens["out"])


@asynccontextmanager
async def opened(
    visit: Visit, principal: Principal, plan: Plan, client: Client, house: House, *, load: Requirements
) -> AsyncIterator[Account]:
    """Hold the dearest attempt's money, then settle however the block is left."""
    try:
        held = await reserve(house.accounts, principal, plan, visit.id)
    except GatewayError as error:
        if error.code == "budget_exceeded":
            house.recorder.refused_budget(principal)
        raise
    except BaseException:
        # Cut off while it held: whether it did is for the ledger to say, which gives back what there is.
        house.backlog.keep(Book(visit.id, principal.tenant, house.accounts, house.clock, held=True))
        raise
    book = Book(visit.id, principal.tenant, house.accounts, house.clock, held=held > 0)
    account = Account(visit, load, plan, book, house)
    try:
        yield account
        await account.settle()
    except anyio.get_cancelled_exc_class():
        with anyio.CancelScope(shield=True):
            await account.settle("disconnected" if client.gone else "cancelled")
        raise
    except BaseException:
        with anyio.CancelScope(shield=True):
            await account.settle("failed")
        raise
