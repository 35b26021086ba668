"""The ledger and the held money in one SQLite file, shared by all workers of a machine.

One thread per process owns the connection. Calls queue up; the thread takes all that wait and writes
them in one transaction (group commit), then wakes their callers, so a burst shares one commit. Between
processes `BEGIN IMMEDIATE` is the lock: reading the sums and holding the money is one atomic step.

What is promised. When `settle` returned, the lines survive the death of the process (WAL). With
`synchronous=NORMAL` a power cut or a kernel crash may lose the last commits, but never tears one:
lines, sum and released hold come and go together; `FULL` closes that gap at the price of an fsync per
commit. A process killed between dispatch and settle leaves its hold behind: the hold counts against
the budget until its lease is over, and the request it stood for has no line. A settle after the lease
still writes its lines.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final, Literal, TypeAlias, TypeVar

import msgspec
from anyio import CancelScope, to_thread
from msgspec import structs

from gateway.errors import failure
from gateway.ports import Clock
from gateway.types.learned import MEMORY, Lesson, Tally
from gateway.types.outcome import LedgerLine

T = TypeVar("T")
Step: TypeAlias = Callable[[sqlite3.Connection], Any]

_BATCH: Final = 256

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS ledger (
    operation TEXT NOT NULL, line INTEGER NOT NULL, at TEXT NOT NULL, tenant TEXT NOT NULL,
    model TEXT NOT NULL, provider TEXT NOT NULL, modality TEXT NOT NULL, direction TEXT NOT NULL,
    unit TEXT NOT NULL, kind TEXT NOT NULL, quantity TEXT NOT NULL, rate_usd TEXT NOT NULL,
    per INTEGER NOT NULL, nanodollars INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL,
    certainty TEXT NOT NULL, source TEXT NOT NULL, end TEXT NOT NULL,
    PRIMARY KEY (operation, line)) STRICT;
CREATE INDEX IF NOT EXISTS ledger_at ON ledger (at);
CREATE TABLE IF NOT EXISTS reservations (
    operation TEXT PRIMARY KEY, tenant TEXT NOT NULL, amount INTEGER NOT NULL,
    leased_until REAL NOT NULL, settled INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reservations_held ON reservations (tenant, leased_until, amount) WHERE settled = 0;
CREATE TABLE IF NOT EXISTS spent (
    tenant TEXT PRIMARY KEY, nanodollars INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lessons (
    kind TEXT NOT NULL, model TEXT NOT NULL, about TEXT NOT NULL, tenant TEXT NOT NULL,
    count REAL NOT NULL, weight REAL NOT NULL, total REAL NOT NULL,
    PRIMARY KEY (kind, model, about, tenant)) STRICT, WITHOUT ROWID;
"""
_COLUMNS: Final = (
    "operation, line, at, tenant, model, provider, modality, direction, unit, kind, quantity, rate_usd, "
    "per, nanodollars, low, high, certainty, source, end"
)
_ITEM_COLUMNS: Final = slice(6, 17)
_INSERT: Final = f"INSERT INTO ledger ({_COLUMNS}) VALUES ({', '.join('?' * 19)})"  # noqa: S608


class SqliteAccounts:
    """`Accounts` over a file. `lease_seconds`: how long money stays held for a request that never
    settles; keep it above the longest request. Failures raise `ledger_unavailable`: money fails closed.
    """

    def __init__(
        self,
        path: Path | str,
        clock: Clock,
        *,
        lease_seconds: float = 900.0,
        busy_seconds: float = 5.0,
        synchronous: Literal["NORMAL", "FULL"] = "NORMAL",
    ) -> None:
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._closed = False
        opened: Future[None] = Future()
        self._thread = threading.Thread(
            target=_work,
            args=(str(path), busy_seconds, synchronous, self._jobs, opened),
            name="weighbridge-ledger",
            daemon=True,
        )
        self._thread.start()
        try:
            opened.result()
        except sqlite3.Error as error:
            raise _unavailable() from error

    async def reserve(self, operation: str, tenant: str, amount: int, budget: int) -> int | None:
        """Hold `amount` nanodollars if spent + held + amount <= budget. None: held; else what is left."""
        now = self._seconds()
        until = now + self._lease_seconds
        return await self._do(
            lambda base: _reserve(base, operation, tenant, amount, budget, now=now, until=until)
        )

    async def settle(self, operation: str, lines: Sequence[LedgerLine]) -> None:
        """Write the lines and release what the operation held; a second call changes nothing."""
        rows = [_row(line) for line in lines]
        await self._do(lambda base: _settle(base, operation, rows))

    async def balance(self, tenant: str) -> tuple[int, int]:
        """Nanodollars (spent, held)."""
        now = self._seconds()
        return await self._do(lambda base: (_spent(base, tenant), _held(base, tenant, now)))

    async def lines(self, since: str = "") -> list[LedgerLine]:
        """Lines written at `since` (ISO 8601, UTC) or later, in the order of writing."""
        query = f"SELECT {_COLUMNS} FROM ledger WHERE at >= ? ORDER BY rowid"  # noqa: S608
        rows = await self._do(lambda base: base.execute(query, (since,)).fetchall())
        return [_line(row) for row in rows]

    async def lessons(self) -> Mapping[Lesson, Tally]:
        """All that is known."""
        rows = await self._do(lambda base: base.execute("SELECT * FROM lessons").fetchall())
        return {Lesson(*row[:4]): Tally(*row[4:]) for row in rows}

    async def learn(self, seen: Mapping[Lesson, Tally]) -> Mapping[Lesson, Tally]:
        """Add what was seen, old sightings fading; answers what is known now of the same."""
        return await self._do(lambda base: {lesson: _learn(base, lesson, seen[lesson]) for lesson in seen})

    async def aclose(self) -> None:
        """Write what waits, then close the file."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
        with CancelScope(shield=True):
            await to_thread.run_sync(self._thread.join)

    async def _do(self, step: Callable[[sqlite3.Connection], T]) -> T:
        if self._closed:
            raise _unavailable()
        loop = asyncio.get_running_loop()
        job = _Job(step, loop, loop.create_future())
        self._jobs.put(job)
        # The thread will write it in any case: whoever asked has to see what became of it.
        with CancelScope(shield=True):
            result: T = await job.done
        return result

    def _seconds(self) -> float:
        return datetime.fromisoformat(self._clock.now()).timestamp()


class _Job:
    """One step of one caller, and where its result goes."""

    __slots__ = ("done", "error", "loop", "result", "step")

    def __init__(self, step: Step, loop: asyncio.AbstractEventLoop, done: "asyncio.Future[Any]") -> None:
        self.step = step
        self.loop = loop
        self.done = done
        self.result: Any = None
        self.error: BaseException | None = None

    def resolve(self) -> None:
        """Hand over, on the caller's loop."""
        if self.done.done():
            return
        if self.error is None:
            self.done.set_result(self.result)
        else:
            refusal = _unavailable()
            refusal.__cause__ = self.error
            self.done.set_exception(refusal)


def _work(
    path: str, busy_seconds: float, synchronous: str, jobs: "SimpleQueue[_Job | None]", opened: "Future[None]"
) -> None:
    """The thread: open, then batch after batch until told to stop."""
    try:
        base = _open(path, busy_seconds, synchronous)
    except BaseException as error:  # noqa: BLE001
        # Whatever it was, the constructor waits for it and raises it.
        opened.set_exception(error)
        return
    opened.set_result(None)
    stop = False
    while not stop:
        batch = [jobs.get()]
        while len(batch) < _BATCH and not jobs.empty():
            batch.append(jobs.get())
        stop = None in batch
        _write([job for job in batch if job is not None], base)
    base.close()


def _open(path: str, busy_seconds: float, synchronous: str) -> sqlite3.Connection:
    base = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
    base.execute("PRAGMA journal_mode=WAL")
    base.execute(f"PRAGMA synchronous={synchronous}")
    base.executescript(_SCHEMA)
    return base


def _write(batch: list[_Job], base: sqlite3.Connection) -> None:
    """All jobs in one transaction; one that fails is undone alone, a failed commit fails them all."""
    try:
        base.execute("BEGIN IMMEDIATE")
        for job in batch:
            base.execute("SAVEPOINT job")
            try:
                job.result = job.step(base)
            except Exception as error:  # noqa: BLE001
                # One caller's figures must not stop the thread that all others wait for.
                job.error = error
                base.execute("ROLLBACK TO job")
            base.execute("RELEASE job")
        base.execute("COMMIT")
    except sqlite3.Error as error:
        for job in batch:
            job.error = job.error or error
        with suppress(sqlite3.Error):
            base.rollback()
    for loop in {job.loop for job in batch}:
        _hand_over(loop, [job for job in batch if job.loop is loop])


def _hand_over(loop: asyncio.AbstractEventLoop, jobs: list[_Job]) -> None:
    def resolve() -> None:
        for job in jobs:
            job.resolve()

    try:
        loop.call_soon_threadsafe(resolve)
    except RuntimeError:
        # The loop is closed: nobody waits any more, and the rows are written.
        return


def _reserve(
    base: sqlite3.Connection,
    operation: str,
    tenant: str,
    amount: int,
    budget: int,
    *,
    now: float,
    until: float,
) -> int | None:
    known = base.execute("SELECT 1 FROM reservations WHERE operation = ?", (operation,)).fetchone()
    if known is not None:
        return None
    left = budget - _spent(base, tenant) - _held(base, tenant, now)
    if amount > left:
        return left
    base.execute("INSERT INTO reservations VALUES (?, ?, ?, ?, 0)", (operation, tenant, amount, until))
    return None


def _settle(base: sqlite3.Connection, operation: str, rows: list[tuple[Any, ...]]) -> None:
    changed = base.execute(
        "INSERT INTO reservations VALUES (?, '', 0, 0, 1)"
        " ON CONFLICT (operation) DO UPDATE SET settled = 1 WHERE settled = 0",
        (operation,),
    ).rowcount
    if changed == 0:
        return
    base.executemany(_INSERT, rows)
    base.executemany(
        "INSERT INTO spent VALUES (?, ?)"
        " ON CONFLICT (tenant) DO UPDATE SET nanodollars = nanodollars + excluded.nanodollars",
        [(row[3], row[13]) for row in rows],
    )


def _learn(base: sqlite3.Connection, lesson: Lesson, seen: Tally) -> Tally:
    key = structs.astuple(lesson)
    query = (
        "SELECT count, weight, total FROM lessons WHERE kind = ? AND model = ? AND about = ? AND tenant = ?"
    )
    row = base.execute(query, key).fetchone()
    known = (Tally() if row is None else Tally(*row)).plus(seen, MEMORY[lesson.kind])
    base.execute(
        "INSERT OR REPLACE INTO lessons VALUES (?, ?, ?, ?, ?, ?, ?)", (*key, *structs.astuple(known))
    )
    return known


def _spent(base: sqlite3.Connection, tenant: str) -> int:
    row = base.execute("SELECT nanodollars FROM spent WHERE tenant = ?", (tenant,)).fetchone()
    return 0 if row is None else int(row[0])


def _held(base: sqlite3.Connection, tenant: str, now: float) -> int:
    query = (
        "SELECT coalesce(sum(amount), 0) FROM reservations"
        " WHERE settled = 0 AND tenant = ? AND leased_until > ?"
    )
    return int(base.execute(query, (tenant, now)).fetchone()[0])


def _row(line: LedgerLine) -> tuple[Any, ...]:
    item = line.item
    return (
        *(line.operation, line.line, line.at, line.tenant, line.model, line.provider),
        *(item.modality, item.direction, item.unit, item.kind, item.quantity, item.rate_usd, item.per),
        *(item.nanodollars, item.low, item.high, item.certainty, line.source, line.end),
    )


def _line(row: tuple[Any, ...]) -> LedgerLine:
    names = _COLUMNS.split(", ")
    values = dict(zip(names, row, strict=True))
    item = {name: values.pop(name) for name in names[_ITEM_COLUMNS]}
    return msgspec.convert({**values, "item": item}, LedgerLine)


def _unavailable() -> Exception:
    return failure("ledger_unavailable", "the ledger cannot be written; try again in a moment")
