"""`POST /v1/quote`: what a body would cost and who would take it. Nothing is sent upstream.

JSON of any shape that `dialects.quoted` knows, or the form of a transcription as its endpoint takes it.
"""

from typing import Any

from msgspec import structs

from gateway.api.arrive import Gone, Receive, Scope, arrive
from gateway.api.client import AsgiClient, Send
from gateway.api.desk import Desk, answer_json, refuse
from gateway.api.forms import MULTIPART, as_json
from gateway.errors import GatewayError
from gateway.exchange import Visit
from gateway.exchange.report import quote
from gateway.media.threads import in_thread


async def serve_quote(scope: Scope, receive: Receive, send: Send, desk: Desk) -> None:
    """Weigh and route the body; answer with what was seen and every candidate's quote and verdict."""
    house = desk.house
    client = AsgiClient(receive, send)
    visit = Visit(desk.request_id, house.clock.monotonic(), "quote")
    try:
        arrival = await arrive(
            scope, receive, desk.dialect, desk.limits, keys=house.keys, at=visit.at, forms=True
        )
        kind = arrival.headers.get("content-type", "")
        if kind.lower().startswith(MULTIPART):
            body = await in_thread(house.workers, as_json, arrival.body, kind)
            arrival = structs.replace(arrival, body=body)
        document: dict[str, Any] = await quote(arrival, house, visit)
        await answer_json(client, document)
    except GatewayError as error:
        await refuse(client, desk, error)
    except Gone:
        return
