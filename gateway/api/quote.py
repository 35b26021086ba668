"""`POST /v1/quote`: the plan for the body of a chat completion. Nothing is sent upstream."""

from typing import Any

from gateway.api.arrive import Gone, Receive, Scope, arrive
from gateway.api.client import AsgiClient, Send
from gateway.api.desk import Desk, answer_json, refuse
from gateway.errors import GatewayError
from gateway.exchange import Visit
from gateway.exchange.report import quote


async def serve_quote(scope: Scope, receive: Receive, send: Send, desk: Desk) -> None:
    """Weigh and route the body; answer with what was seen and every candidate's quote and verdict."""
    house = desk.house
    client = AsgiClient(receive, send)
    visit = Visit(desk.request_id, house.clock.monotonic(), "quote")
    try:
        arrival = await arrive(scope, receive, desk.dialect, desk.limits, keys=house.keys, at=visit.at)
        document: dict[str, Any] = await quote(arrival, house, visit)
        await answer_json(client, document)
    except GatewayError as error:
        await refuse(client, desk, error)
    except Gone:
        return
