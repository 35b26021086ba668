"""The way back to the caller, and how its leaving is noticed."""

from typing import Any

import anyio

from gateway.api.client import AsgiClient


async def never(*_: Any) -> dict[str, Any]:
    """Nothing is ever said, and nothing ever taken."""
    await anyio.sleep_forever()
    raise AssertionError("unreachable")


async def swallow(_: dict[str, Any]) -> None:
    """A socket with nothing before it."""
    await anyio.sleep_forever()


async def refuse(_: dict[str, Any]) -> None:
    """A socket found closed."""
    raise OSError


async def test_a_caller_that_stops_reading_is_gone() -> None:
    """When a write is not taken in time the exchange is cancelled, as if the caller had hung up."""
    client = AsgiClient(never, swallow, stall_seconds=0.01)
    reached = False
    with anyio.fail_after(5):
        with client.watched():
            await client.send(b"chunk", more=True)
            await anyio.lowlevel.checkpoint()
            reached = True
    assert client.gone
    assert not reached


async def test_a_closed_socket_is_a_caller_that_left() -> None:
    """Writing to it is no error; every later write is passed over."""
    client = AsgiClient(never, refuse)
    await client.start(200, ())
    await client.send(b"chunk", more=False)
    assert client.gone


async def test_leaving_before_the_answer_ended_cancels() -> None:
    """A disconnect cancels what works for the caller; after the answer's end it is nobody's business."""
    left = iter([{"type": "http.disconnect"}, {"type": "http.disconnect"}])

    async def receive() -> dict[str, Any]:
        return next(left)

    async def send(_: dict[str, Any]) -> None:
        await anyio.lowlevel.checkpoint()

    client = AsgiClient(receive, send)
    reached = []
    with client.watched():
        await client.send(b"all of it", more=False)
        await anyio.lowlevel.checkpoint()
        reached.append("late")
    early = AsgiClient(receive, send)
    with early.watched():
        await anyio.sleep_forever()
    assert (["late"], False, True) == (reached, client.gone, early.gone)
