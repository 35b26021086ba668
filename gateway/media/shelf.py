"""What is kept of the pictures of earlier requests: a chat sends all of them again with every turn.

Two halves of one budget. `seen`: as they came, so that a body is read without decoding them anew. Prepared:
as a target wanted them, so that the second turn costs no pixel work. What one tenant sent serves no other,
so that nobody learns from the time an answer takes what others have sent.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import anyio
from msgspec import Struct

from gateway._core import Limits, Media, Refusal, Seen
from gateway.types.plan import Step, StepKind

# Charged for a picture beside its bytes.
_OVERHEAD: Final = 1_024


class Wanted(Struct, frozen=True):
    """A picture, what is to become of it, and whose it is: all that the result depends on."""

    tenant: str
    digest: str
    declared: str | None
    steps: tuple[tuple[StepKind, tuple[int, int] | None, str | None], ...]
    limits: Limits
    most_bytes: int | None = None

    @classmethod
    def of(
        cls,
        tenant: str,
        media: Media,
        steps: Sequence[Step],
        limits: Limits,
        most_bytes: int | None = None,
    ) -> "Wanted":
        """This picture after these steps."""
        ways = tuple((step.step, step.to, step.format) for step in steps)
        return cls(tenant, media.digest, media.declared, ways, limits, most_bytes)


class _Making(Struct):
    """A making under way, and what came of it for those who wait. Neither, when its maker was cancelled."""

    done: anyio.Event
    made: Media | None = None
    refusal: Refusal | None = None


def _again(refusal: Refusal) -> Refusal:
    """The same refusal without the frames that raised it: they hold the picture."""
    fresh = Refusal(refusal.message)
    for name in ("code", "part", "path", "offset", "message"):
        setattr(fresh, name, getattr(refusal, name))
    return fresh


class Shelf:
    """Belongs to one event loop; `seen` may be used in any thread. Forgets what was used least recently."""

    def __init__(self, max_bytes: int) -> None:
        self.seen = Seen(max_bytes // 2)
        self._most = max_bytes // 2
        self._held = 0
        self._prepared: OrderedDict[Wanted, Media] = OrderedDict()
        self._under_way: dict[Wanted, _Making] = {}

    async def prepared(self, wanted: Wanted, make: Callable[[], Awaitable[Media]]) -> Media:
        """What `make` made of it before, or makes now. All who want the same at once wait for one making.

        Raises what `make` raises, to each in an error of its own. Another who waited makes it himself only
        when the first was cancelled: a client that left is no reason to fail the next.
        """
        while True:
            if (found := self._prepared.get(wanted)) is not None:
                self._prepared.move_to_end(wanted)
                return found
            if (under_way := self._under_way.get(wanted)) is None:
                return await self._make(wanted, make)
            await under_way.done.wait()
            if under_way.refusal is not None:
                raise _again(under_way.refusal)
            if under_way.made is not None:
                return under_way.made

    async def _make(self, wanted: Wanted, make: Callable[[], Awaitable[Media]]) -> Media:
        making = self._under_way[wanted] = _Making(anyio.Event())
        try:
            made = making.made = await make()
        except Refusal as refusal:
            making.refusal = _again(refusal)
            raise
        else:
            self._keep(wanted, made)
            return made
        finally:
            del self._under_way[wanted]
            making.done.set()

    def _keep(self, wanted: Wanted, made: Media) -> None:
        size = made.size + _OVERHEAD
        if size > self._most:
            return
        self._held += size
        self._prepared[wanted] = made
        while self._held > self._most:
            _, oldest = self._prepared.popitem(last=False)
            self._held -= oldest.size + _OVERHEAD
