"""The ledger in a file: many processes, sudden deaths, and what waits while the disk is busy."""

import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import anyio
import pytest

from gateway.adapters.clock import ManualClock, SystemClock
from gateway.adapters.sqlite import SqliteAccounts
from gateway.errors import OwnError
from gateway.types.outcome import LedgerLine
from tests.contracts.ledger import line


def spender(path: Path, name: str, tasks: int, tries: int, budget: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.adapters.spender", str(path), name]
    figures = [str(tasks), str(tries), str(budget)]
    return subprocess.Popen([*command, *figures], stdout=subprocess.PIPE, text=True)


def sums(path: Path) -> tuple[int, int]:
    """(spent by the running sum, spent by the lines)."""
    with sqlite3.connect(path) as base:
        spent = base.execute("SELECT coalesce(sum(nanodollars), 0) FROM spent").fetchone()[0]
        lines = base.execute("SELECT coalesce(sum(nanodollars), 0) FROM ledger").fetchone()[0]
    base.close()
    return spent, lines


def test_four_processes_never_overshoot(tmp_path: Path) -> None:
    """4 processes x 16 tasks against one budget: not a nanodollar over, and the sums agree."""
    path = tmp_path / "ledger.db"
    budget = 50_000
    running = [spender(path, f"p{number}", 16, 40, budget) for number in range(4)]
    through = sum(int(process.communicate(timeout=120)[0]) for process in running)
    spent, lines = sums(path)
    assert spent == lines
    assert spent <= budget
    # The budget was really the limit: what is left is less than one request.
    assert budget - spent < 100
    with sqlite3.connect(path) as base:
        assert through * 2 == base.execute("SELECT count(*) FROM ledger").fetchone()[0]
        held = base.execute("SELECT count(*) FROM reservations WHERE settled = 0").fetchone()[0]
    base.close()
    assert 0 == held


async def test_a_killed_process_leaves_whole_operations(tmp_path: Path) -> None:
    """SIGKILL in the middle of the work: each operation has all its lines or none, and the sums agree."""
    path = tmp_path / "ledger.db"
    for name in ("first", "second", "third"):
        process = spender(path, name, 32, 100_000, 10**15)
        try:
            with anyio.fail_after(60):
                while not any(  # noqa: ASYNC110
                    row.operation.startswith(name) for row in await _lines(path)
                ):
                    await anyio.sleep(0.05)  # another process writes; there is nothing to wait on
        finally:
            process.kill()
            process.communicate()
    spent, lines = sums(path)
    assert spent == lines
    per_operation = Counter(row.operation for row in await _lines(path))
    assert {2} == set(per_operation.values())


async def _lines(path: Path) -> list[LedgerLine]:
    accounts = SqliteAccounts(path, SystemClock(), busy_seconds=60.0)
    rows = await accounts.lines()
    await accounts.aclose()
    return rows


async def test_a_forgotten_hold_ends_with_its_lease(tmp_path: Path) -> None:
    """A hold whose process died counts until the lease is over; its late settle is still written."""
    clock = ManualClock()
    accounts = SqliteAccounts(tmp_path / "l.db", clock, lease_seconds=60)
    await accounts.reserve("dead", "t", 100, 100)
    clock.advance(59)
    assert 0 == await accounts.reserve("a", "t", 1, 100)
    clock.advance(1)
    assert None is await accounts.reserve("a", "t", 70, 100)
    await accounts.settle("dead", [line("dead", 0, 30)])
    assert (30, 70) == await accounts.balance("t")
    await accounts.aclose()


async def test_the_ledger_survives_a_restart(tmp_path: Path) -> None:
    """What was settled is there when the file is opened again; a settle from before stays settled."""
    path = tmp_path / "l.db"
    first = SqliteAccounts(path, ManualClock())
    await first.settle("a", [line("a", 0, 5)])
    await first.aclose()
    again = SqliteAccounts(path, ManualClock())
    await again.settle("a", [line("a", 1, 9)])
    assert [line("a", 0, 5)] == await again.lines()
    assert [] == await again.lines(since="2026-01-02")
    await again.aclose()


async def test_a_busy_file_fails_closed(tmp_path: Path) -> None:
    """While another holds the lock, money is refused as `ledger_unavailable`, and works again after."""
    path = tmp_path / "l.db"
    accounts = SqliteAccounts(path, ManualClock(), busy_seconds=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OwnError) as caught:
        await accounts.reserve("a", "t", 1, 100)
    assert "ledger_unavailable" == caught.value.code
    assert str(path) not in str(caught.value)
    other.execute("ROLLBACK")
    assert None is await accounts.reserve("a", "t", 1, 100)
    other.close()
    await accounts.aclose()


async def test_one_bad_job_does_not_spoil_its_batch(tmp_path: Path) -> None:
    """An amount that no column can hold fails alone; its neighbours in the transaction are written."""
    accounts = SqliteAccounts(tmp_path / "l.db", ManualClock())
    failed: list[str] = []

    async def settle(name: str, amount: int) -> None:
        try:
            await accounts.settle(name, [line(name, 0, 1), line(name, 1, amount)])
        except OwnError as error:
            failed.append(f"{name} {error.code}")

    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(settle, f"op{number}", 2**70 if number == 7 else 1)
    assert ["op7 ledger_unavailable"] == failed
    assert (38, 0) == await accounts.balance("t")
    kept = await accounts.lines()
    assert (38, True) == (len(kept), all(row.operation != "op7" for row in kept))
    await accounts.aclose()


async def test_a_cancelled_caller_s_line_is_written(tmp_path: Path) -> None:
    """Whoever is cancelled while settling is held until it has settled."""
    accounts = SqliteAccounts(tmp_path / "l.db", ManualClock())
    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(accounts.settle, f"op{number}", [line(f"op{number}", 0, 1)])
        await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    assert (20, 20) == sums(tmp_path / "l.db")
    await accounts.aclose()


async def test_a_closed_ledger_refuses(tmp_path: Path) -> None:
    """After closing, nothing is taken; closing twice is fine, and what waited was written."""
    accounts = SqliteAccounts(tmp_path / "l.db", ManualClock())
    async with anyio.create_task_group() as group:
        group.start_soon(accounts.settle, "a", [line("a", 0, 1)])
        await anyio.lowlevel.checkpoint()
        await accounts.aclose()
    await accounts.aclose()
    with pytest.raises(OwnError, match="ledger_unavailable"):
        await accounts.settle("b", [])
    assert (1, 1) == sums(tmp_path / "l.db")


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """A directory is no ledger: refused at start, without its path."""
    with pytest.raises(OwnError) as caught:
        SqliteAccounts(tmp_path, ManualClock())
    assert "ledger_unavailable" == caught.value.code
    assert str(tmp_path) not in str(caught.value)
