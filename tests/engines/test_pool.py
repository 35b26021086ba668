"""Reader processes are disposable: whatever happens to one, the next job is served."""

import os
import signal

import anyio
import pytest

from gateway.engines import wire
from gateway.engines.pool import ReadSettings, Session, WorkerPool
from gateway.errors import OwnError
from tests.engines import samples

pytestmark = [pytest.mark.local, samples.needs_read]

_QUICK = wire.encode(wire.Job((wire.Medium(0, "document", "application/pdf", samples.pdf([["hello"]])),), 60))
# An image makes the worker load its models: it is busy for seconds.
_SLOW = wire.encode(
    wire.Job((wire.Medium(0, "image", "image/png", samples.encoded(samples.printed(["x"]))),), 60)
)


async def _text(session: Session) -> str:
    page = await session.receive()
    assert isinstance(page, wire.Page)
    assert isinstance(await session.receive(), wire.Done)
    return page.text


async def _serves(pool: WorkerPool) -> bool:
    async with pool.session(_QUICK, 60) as session:
        return await _text(session) == "hello"


def _gone(pid: int) -> bool:
    """Whether the process was ended and collected."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_a_process_serves_many_jobs() -> None:
    """Jobs that end in order share one process; it ends with the pool."""
    pool = WorkerPool(ReadSettings())
    pids = []
    for _ in range(3):
        async with pool.session(_QUICK, 60) as session:
            await _text(session)
            pids.append(session.pid)
    assert len(set(pids)) == 1
    await pool.aclose()
    assert _gone(pids[0])


async def test_a_worn_process_is_replaced() -> None:
    """After its share of jobs a process is ended and another takes the next job."""
    pool = WorkerPool(ReadSettings(jobs_per_worker=1))
    async with pool.session(_QUICK, 60) as session:
        await _text(session)
    assert _gone(session.pid)
    assert await _serves(pool)
    await pool.aclose()


async def test_a_process_about_to_leave_gets_no_job() -> None:
    """A process idle for its time is replaced, so a job never meets a closing door."""
    pool = WorkerPool(ReadSettings(idle_seconds=0.5))
    async with pool.session(_QUICK, 60) as first:
        await _text(first)
    async with pool.session(_QUICK, 60) as second:
        assert await _text(second) == "hello"
    assert first.pid != second.pid
    await pool.aclose()


async def test_a_killed_process_fails_its_job_only() -> None:
    """A process killed in the middle of a job is engine_failed; the next job works."""
    pool = WorkerPool(ReadSettings())
    async with pool.session(_SLOW, 60) as session:
        os.kill(session.pid, signal.SIGKILL)
        with pytest.raises(OwnError) as caught:
            await session.receive()
    assert caught.value.code == "engine_failed"
    assert await _serves(pool)
    await pool.aclose()


async def test_a_process_out_of_cpu_is_late() -> None:
    """A process ended by the kernel for its CPU time is engine_timeout."""
    pool = WorkerPool(ReadSettings())
    async with pool.session(_SLOW, 60) as session:
        os.kill(session.pid, signal.SIGXCPU)
        with pytest.raises(OwnError) as caught:
            await session.receive()
    assert caught.value.code == "engine_timeout"
    await pool.aclose()


async def test_a_late_job_is_killed() -> None:
    """Past its deadline a job is engine_timeout, its process is gone, and the next job works."""
    pool = WorkerPool(ReadSettings())
    assert await _serves(pool)
    async with pool.session(_SLOW, 0.2) as session:
        with pytest.raises(OwnError) as caught:
            await session.receive()
    assert caught.value.code == "engine_timeout"
    assert _gone(session.pid)
    assert await _serves(pool)
    await pool.aclose()


async def test_a_late_start_is_late_too() -> None:
    """A deadline that passes before the process has the job is the same error, and leaves nothing."""
    pool = WorkerPool(ReadSettings())
    with pytest.raises(OwnError) as caught:
        async with pool.session(_QUICK, 0.0001):
            raise AssertionError
    assert caught.value.code == "engine_timeout"
    assert await _serves(pool)
    await pool.aclose()


async def test_a_cancelled_job_leaves_no_process() -> None:
    """A caller that goes away takes its process along; the slot is free again."""
    pool = WorkerPool(ReadSettings())
    pids = []

    async def read() -> None:
        async with pool.session(_SLOW, 60) as session:
            pids.append(session.pid)
            group.cancel_scope.cancel()
            await session.receive()

    async with anyio.create_task_group() as group:
        group.start_soon(read)
    assert _gone(pids[0])
    assert await _serves(pool)
    await pool.aclose()


async def test_a_full_queue_is_refused_at_once() -> None:
    """Beyond the queue a job is refused as overloaded, and a queued one waits no longer than it may."""
    pool = WorkerPool(ReadSettings(waiting=0))
    async with pool.session(_QUICK, 60) as session:
        await _text(session)
        with pytest.raises(OwnError) as caught:
            async with pool.session(_QUICK, 60):
                raise AssertionError
    assert caught.value.code == "overloaded"
    await pool.aclose()


async def test_waiting_counts_towards_the_deadline() -> None:
    """A job that gets no process in time is engine_timeout."""
    pool = WorkerPool(ReadSettings())
    async with pool.session(_QUICK, 60):
        with pytest.raises(OwnError) as caught:
            async with pool.session(_QUICK, 0.05):
                raise AssertionError
    assert caught.value.code == "engine_timeout"
    await pool.aclose()
