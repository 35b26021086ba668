"""What a request is served with: its endpoint's dialect, the house, and what has been minted for it."""

from typing import Any

import anyio
import msgspec
from msgspec import Struct

from gateway.api.arrive import ArrivalLimits
from gateway.api.client import AsgiClient
from gateway.dialects import DIALECTS
from gateway.errors import GatewayError
from gateway.exchange import House
from gateway.ports import Meters

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


class Readiness:
    """Whether new requests are wanted here. `reason` None: yes."""

    def __init__(self) -> None:
        self.reason: str | None = "starting"


class Guests:
    """The exchanges under way: whoever closes the house waits until the last one has settled and left."""

    def __init__(self) -> None:
        self._count = 0
        self._none = anyio.Event()

    def __enter__(self) -> None:
        self._count += 1

    def __exit__(self, *_: object) -> None:
        self._count -= 1
        if not self._count:
            self._none.set()

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
