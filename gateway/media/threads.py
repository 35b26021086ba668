"""Work on pixels and on big bodies, off the event loop."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import anyio
from anyio import to_thread

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(
    limiter: anyio.CapacityLimiter, work: Callable[P, T], *args: P.args, **named: P.kwargs
) -> T:
    """`work(*args)` in a thread, as many at once as `limiter` lets; what it raises is raised here.

    The exception comes back as a value: one that a future carries stays in a cycle with it, and its frames
    hold their arguments, a body of megabytes, until the collector looks.
    """
    result, error = await to_thread.run_sync(_caught, lambda: work(*args, **named), limiter=limiter)
    if error is None:
        # None is a result like any other where `work` gives it.
        return result  # type: ignore[return-value]
    try:
        raise error
    finally:
        del error


def _caught(work: Callable[[], T]) -> tuple[T | None, Exception | None]:
    try:
        return work(), None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where it is awaited
        return None, error
