"""Reader processes: few, reused, disposable.

A job has a process to itself. A process goes back to the pool only after a job that ended in order;
after a fault, a deadline or a cancellation it is killed, which frees whatever the file made it hold.
"""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from msgspec import Struct

from gateway.engines import process, wire
from gateway.errors import failure

_MODULE = "gateway.engines.worker"
# Seconds before its time at which an idle process no longer gets a job, so that the two never cross.
_LEAVING = 5.0


class ReadSettings(Struct, frozen=True):
    """Limits of `local/read`.

    `workers`: processes at once; `waiting`: jobs that may queue for one. `job_seconds`: wall and CPU
    time of a job. `jobs_per_worker`: a process is replaced after so many. `idle_seconds`: it leaves by
    itself when unused. `memory`: bytes of address space (a dense page peaks at 1.9 GB of it, 1.1 GB
    resident). `pages` of one PDF, `pixels` of one image, `dpi` of rasterised pages, `threads` of OCR.
    """

    workers: int = 1
    waiting: int = 32
    job_seconds: float = 60.0
    jobs_per_worker: int = 100
    idle_seconds: float = 300.0
    memory: int = 3 * 1_073_741_824
    pages: int = 50
    pixels: int = 50_000_000
    dpi: int = 200
    threads: int = 1


class Session:
    """One job in one process. `receive` gives pages, then Done; other ends are raised."""

    def __init__(self, child: process.Child, deadline: float) -> None:
        self._child = child
        self._deadline = deadline
        self.finished = False
        self.sound = False

    @property
    def pid(self) -> int:
        """The process that reads."""
        return self._child.pid

    async def receive(self) -> wire.Page | wire.Done | wire.Refused:
        """The next page, or the end of the job.

        Raises engine_timeout past the job's deadline, engine_failed when the process breaks down.
        """
        try:
            with anyio.fail_after(self._deadline - anyio.current_time()):
                frame = await self._child.receive()
        except TimeoutError as error:
            raise _late() from error
        except process.Ended as error:
            raise _ended(error.status) from error
        if isinstance(frame, wire.Done | wire.Refused):
            self.finished = True
            # A process that ran out of memory is not trusted with another job.
            self.sound = not (isinstance(frame, wire.Refused) and frame.reason == "too_large")
            return frame
        if isinstance(frame, wire.Page):
            return frame
        raise failure("engine_failed", "The reader broke down on this request; another try may succeed.")


class WorkerPool:
    """Owner of the reader processes. Starts none until the first job."""

    def __init__(self, settings: ReadSettings) -> None:
        self._settings = settings
        self._slots = anyio.Semaphore(settings.workers)
        self._idle: list[process.Child] = []
        self._closed = False

    @asynccontextmanager
    async def session(self, job: bytes, seconds: float) -> AsyncIterator[Session]:
        """Run an encoded Job. `seconds` bound queueing and reading together.

        Raises overloaded when too many wait, engine_timeout, engine_failed.
        """
        waiting = self._slots.statistics().tasks_waiting
        if self._slots.value == 0 and waiting >= self._settings.waiting:
            raise failure("overloaded", "All readers are busy and the queue is full; try again later.")
        deadline = anyio.current_time() + seconds
        try:
            with anyio.fail_after(seconds):
                await self._slots.acquire()
        except TimeoutError as error:
            raise failure("engine_timeout", "No reader became free in time; try again later.") from error
        try:
            child = await self._begin(job, deadline)
            session = Session(child, deadline)
            try:
                yield session
            finally:
                await self._end(child, session)
        finally:
            self._slots.release()

    async def aclose(self) -> None:
        """End every process. Jobs under way fail."""
        self._closed = True
        while self._idle:
            await self._idle.pop().kill()

    async def _begin(self, job: bytes, deadline: float) -> process.Child:
        """A process that has taken the job. One that left while idle is replaced, once."""
        try:
            with anyio.fail_after(deadline - anyio.current_time()):
                while self._idle:
                    child = self._idle.pop()
                    if await self._fresh(child) and await self._hand(child, job):
                        return child
                child = await process.start(_MODULE, self._setup())
                if await self._hand(child, job):
                    return child
        except TimeoutError as error:
            raise _late() from error
        except process.Ended as error:
            raise _ended(error.status) from error
        raise failure("engine_failed", "The reader could not be started.")

    async def _fresh(self, child: process.Child) -> bool:
        """Whether an idle process will stay; one about to leave by itself is ended first."""
        idle = anyio.current_time() - child.idle_since
        if idle < self._settings.idle_seconds - _LEAVING:
            return True
        await child.kill()
        return False

    async def _hand(self, child: process.Child, job: bytes) -> bool:
        """Whether the process took the job; if not it is gone."""
        taken = False
        try:
            if child.alive:
                await child.send_bytes(job)
                taken = True
        except process.Ended:
            return False
        finally:
            if not taken:
                await child.kill()
        child.jobs += 1
        return taken

    async def _end(self, child: process.Child, session: Session) -> None:
        worn = child.jobs >= self._settings.jobs_per_worker
        if session.sound and child.alive and not worn and not self._closed:
            child.idle_since = anyio.current_time()
            self._idle.append(child)
        else:
            await child.kill()

    def _setup(self) -> wire.ReaderSetup:
        limits = self._settings
        return wire.ReaderSetup(
            memory=limits.memory,
            idle=limits.idle_seconds,
            pages=limits.pages,
            pixels=limits.pixels,
            dpi=limits.dpi,
            threads=limits.threads,
        )


def _late() -> Exception:
    return failure("engine_timeout", "Reading took longer than allowed; send fewer or smaller pages.")


def _ended(status: int | None) -> Exception:
    if status == -signal.SIGXCPU:
        return _late()
    return failure("engine_failed", "The reader's process ended on this request; another try may succeed.")
