"""Work in threads: what it gives, what it raises, and what it leaves behind."""

import gc
import sys

import anyio
import pytest

from gateway.media.threads import in_thread


async def test_gives_and_raises_what_the_work_does() -> None:
    """As if it had been called here."""
    limiter = anyio.CapacityLimiter(1)
    assert await in_thread(limiter, divmod, 7, 2) == (3, 1)
    nothing: object = await in_thread(limiter, dict[str, int]().get, "x")
    assert nothing is None
    with pytest.raises(ZeroDivisionError):
        await in_thread(limiter, divmod, 7, 0)


async def test_a_failure_holds_no_arguments() -> None:
    """A refused body is freed at once, not when the garbage collector comes by."""
    limiter = anyio.CapacityLimiter(1)
    body = bytes(100_000)
    gc.collect()
    gc.disable()
    try:
        before = sys.getrefcount(body)
        for _ in range(10):
            with pytest.raises(ValueError, match="invalid literal"):
                await in_thread(limiter, int, body)
        await in_thread(limiter, int, b"1")  # an idle thread remembers its last work
        assert before == sys.getrefcount(body)
    finally:
        gc.enable()
