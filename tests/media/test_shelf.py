"""The shelf: what is made once, by whom, and how much of it is kept."""

import anyio
import pytest

from gateway._core import Limits, Media, Refusal
from gateway.media.shelf import Shelf, Wanted

LIMITS = Limits()


def wanted(name: str) -> Wanted:
    """Something to make."""
    return Wanted("t", name, None, (("strip", None, None),), LIMITS)


class Maker:
    """Makes a medium of `size` bytes, when it may; counts how often it was asked."""

    def __init__(self, size: int = 1_000) -> None:
        self.media = Media(bytes(size))
        self.may = anyio.Event()
        self.asked = 0
        self.failure: Exception | None = None

    async def __call__(self) -> Media:
        self.asked += 1
        await self.may.wait()
        if self.failure is not None:
            raise self.failure
        return self.media


async def test_two_at_once_make_it_once() -> None:
    """Whoever comes while it is made waits and takes the same."""
    shelf, make = Shelf(10_000), Maker()
    found: list[Media] = []

    async def ask() -> None:
        found.append(await shelf.prepared(wanted("a"), make))

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        make.may.set()
    assert 1 == make.asked
    assert [make.media] * 3 == found


async def test_who_leaves_takes_nobody_along() -> None:
    """When the one who makes it is cancelled, the next one who waits makes it."""
    shelf, left, stays = Shelf(10_000), Maker(), Maker()
    found: list[Media] = []

    async def ask() -> None:
        found.append(await shelf.prepared(wanted("a"), stays))

    async with anyio.create_task_group() as group:
        with anyio.CancelScope() as leaver:
            async with anyio.create_task_group() as inner:
                inner.start_soon(shelf.prepared, wanted("a"), left)
                await anyio.wait_all_tasks_blocked()
                group.start_soon(ask)
                await anyio.wait_all_tasks_blocked()
                leaver.cancel()
        stays.may.set()
    assert (1, 1) == (left.asked, stays.asked)
    assert [stays.media] == found


async def test_a_failure_is_not_kept() -> None:
    """It is raised to who asked, and the next one tries again."""
    shelf, make = Shelf(10_000), Maker()
    make.may.set()
    make.failure = ValueError("broken")
    with pytest.raises(ValueError, match="broken"):
        await shelf.prepared(wanted("a"), make)
    make.failure = None
    assert make.media is await shelf.prepared(wanted("a"), make)
    assert 2 == make.asked


async def test_what_is_kept_is_bounded() -> None:
    """Half of the budget each; the least recently used goes first, and what is larger never comes in."""
    shelf, makers = Shelf(9_000), {name: Maker() for name in "abc"}
    for make in makers.values():
        make.may.set()
    for name in ("a", "b", "a", "c", "a", "c", "b", "c"):
        await shelf.prepared(wanted(name), makers[name])
    assert {"a": 1, "b": 2, "c": 1} == {name: make.asked for name, make in makers.items()}
    large = Maker(4_000)
    large.may.set()
    for _ in range(2):
        await shelf.prepared(wanted("large"), large)
    await shelf.prepared(wanted("c"), makers["c"])
    assert (2, 1) == (large.asked, makers["c"].asked)


async def test_all_who_wait_get_what_was_made() -> None:
    """Eight at once cost one making, also where nothing is kept."""
    shelf, maker, got = Shelf(0), Maker(), list[Media]()

    async def ask() -> None:
        got.append(await shelf.prepared(wanted("a"), maker))

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        maker.may.set()
    assert (1, [maker.media] * 8) == (maker.asked, got)


async def test_a_refusal_reaches_all_who_wait() -> None:
    """What cannot be made is tried once, and each who waited gets the refusal in an error of its own."""
    shelf, maker, got = Shelf(0), Maker(), list[Refusal]()
    with pytest.raises(Refusal) as broken:
        Media(b"\x89PNG\r\n\x1a\n")
    maker.failure = broken.value

    async def ask() -> None:
        with pytest.raises(Refusal) as caught:
            await shelf.prepared(wanted("a"), maker)
        got.append(caught.value)

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        maker.may.set()
    assert (1, 8) == (maker.asked, len({id(refusal) for refusal in got}))
    assert {("media_corrupt", broken.value.message)} == {(each.code, each.message) for each in got}
