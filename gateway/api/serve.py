"""An exchange, served: arrive, watch the client, run the path, answer every failure."""

from collections.abc import Mapping

from gateway.api.arrive import Gone, Receive, Scope, arrive
from gateway.api.client import AsgiClient, Send
from gateway.api.desk import Desk, refuse
from gateway.errors import GatewayError, failure
from gateway.exchange import Visit, exchange

# A request that has passed through this many gateways of ours is going in circles.
MAX_HOPS = 3
HOP_HEADER = "x-weighbridge-hops"


async def serve_exchange(scope: Scope, receive: Receive, send: Send, desk: Desk) -> None:
    """Serve one request of a model endpoint, to its last byte or its client's leaving."""
    client = AsgiClient(receive, send)
    visit = Visit(desk.request_id, desk.house.clock.monotonic())
    try:
        arrival = await arrive(scope, receive, desk.dialect, desk.limits, keys=desk.house.keys, at=visit.at)
        visit.hops = hops(arrival.headers)
    except GatewayError as error:
        await refuse(client, desk, error)
        return
    except Gone:
        return
    with client.watched():
        await exchange(arrival, client, desk.house, visit)


def hops(headers: Mapping[str, str]) -> int:
    """Gateways of ours this request came through. Raises `request_loop`."""
    value = headers.get(HOP_HEADER, "0")
    count = int(value) if value.isascii() and value.isdigit() and len(value) < MAX_HOPS else MAX_HOPS
    if count >= MAX_HOPS:
        raise failure(
            "request_loop",
            "This request has been through the gateway before; a provider's base_url points back at it.",
        )
    return count
