"""What a request is served with: its endpoint's dialect, the house, and what has been minted for it.

The configuration can change while requests run. Each takes the desk of `Houses.now` once, when it comes,
and keeps it to its end; a store that only left houses used is closed when the last of their guests is gone.
"""

import logging
from typing import Any, Literal

import anyio
import msgspec
from msgspec import Struct

from gateway.api.arrive import ArrivalLimits
from gateway.api.client import AsgiClient
from gateway.dialects import DIALECTS
from gateway.errors import GatewayError
from gateway.exchange import House
from gateway.ports import Meters

_log = logging.getLogger("weighbridge.api")
_encoder = msgspec.json.Encoder()
# Refusals that are made before the body is whole.
_UNREAD = frozenset(
    {
        "api_key_missing",
        "api_key_invalid",
        "body_too_large",
        "body_timeout",
        "content_encoding_unsupported",
        "content_type_unsupported",
        "request_loop",
    }
)


class ConfigState(Struct, frozen=True, omit_defaults=True):
    """How the configuration in force stands to its file. `loaded`: ISO 8601, UTC; of the one in force.

    `stale`: the file has changed and cannot be used; `since` it was first seen so, `mistakes` are the places
    to mend, without words that could name what is configured. `restart`: keys that wait for a restart.
    """

    state: Literal["current", "stale"]
    loaded: str
    since: str | None = None
    mistakes: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()


class Readiness:
    """Whether new requests are wanted here. `reason` None: yes. `config` None: there is no file."""

    def __init__(self) -> None:
        self.reason: str | None = "starting"
        self.config: ConfigState | None = None


class Guests:
    """The requests of one house: whoever closes it waits until the last has settled and left."""

    def __init__(self) -> None:
        self._count = 0
        self._none = anyio.Event()

    def __enter__(self) -> None:
        self._count += 1

    def __exit__(self, *_: object) -> None:
        self._count -= 1
        if not self._count:
            self._none.set()

    def __len__(self) -> int:
        return self._count

    async def gone(self) -> None:
        """Until there are none."""
        while self._count:
            self._none = anyio.Event()
            await self._none.wait()


class Desk(Struct, frozen=True):
    """Everything a handler needs besides the request. `method`, `dialect`: of its endpoint.

    `request_id`: minted for this request; the same in the answer, the log and the ledger.
    """

    house: House
    meters: Meters
    limits: ArrivalLimits
    readiness: Readiness
    guests: Guests
    method: str = ""
    dialect: str = "openai_chat"
    request_id: str = ""


class Houses:
    """The one place where the house changes. `now`: the desk that new requests come to."""

    def __init__(self, first: Desk) -> None:
        self.now = first
        self._left: list[Desk] = []

    def move(self, desk: Desk) -> None:
        """New requests come to this desk; those under way stay where they are."""
        self._left.append(self.now)
        self.now = desk

    async def sweep(self) -> None:
        """Forget left houses without guests, the oldest first, and close the stores that none uses now.

        In this order, since a store is handed on from house to house: what an old house still uses no
        later one gives up.
        """
        while self._left and not len(self._left[0].guests):
            await self._forget_oldest()

    async def gone(self) -> None:
        """Until no house has guests."""
        for desk in (*self._left, self.now):
            await desk.guests.gone()

    async def close_left(self) -> None:
        """Close what only left houses used, whoever is still in them."""
        while self._left:
            await self._forget_oldest()

    async def _forget_oldest(self) -> None:
        left = self._left.pop(0).house.cache
        following = self._left[0] if self._left else self.now
        if left is not None and left is not following.house.cache:
            try:
                await left.aclose()
            except Exception:  # noqa: BLE001 - told, and nothing else is lost
                # A store that cannot be told goodbye: nobody uses it any more.
                _log.exception("a store that was left could not be closed")


async def answer(
    client: AsgiClient, status: int, body: bytes, headers: tuple[tuple[str, str], ...] = ()
) -> None:
    """Send a whole answer."""
    head = (("content-type", "application/json"), ("content-length", str(len(body))), *headers)
    # A later value of the same name replaces ours: /metrics has a content type of its own.
    with client.patient():
        await client.start(status, tuple(dict(head).items()))
        await client.send(body, more=False)


async def answer_json(client: AsgiClient, document: Any, status: int = 200) -> None:
    """Send a value as JSON."""
    await answer(client, status, _encoder.encode(document))


async def refuse(client: AsgiClient, desk: Desk, error: GatewayError) -> None:
    """Answer a failure in the endpoint's dialect."""
    headers = [("x-weighbridge-request-id", desk.request_id)]
    if error.code == "method_not_allowed":
        headers.append(("allow", desk.method))
    if error.code in _UNREAD:
        # The body is still on its way and will not be read.
        headers.append(("connection", "close"))
    body = DIALECTS[desk.dialect].write_error(error, desk.request_id)
    await answer(client, error.row.status, body, tuple(headers))
