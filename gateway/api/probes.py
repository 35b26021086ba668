"""Probes and metrics. Readiness never asks an upstream: a provider's outage is not ours."""

from gateway.api.arrive import Receive, Scope, headers_of
from gateway.api.client import AsgiClient, Send
from gateway.api.desk import Desk, answer, answer_json


async def serve_liveness(_scope: Scope, receive: Receive, send: Send, _desk: Desk) -> None:
    """The process answers."""
    await answer_json(AsgiClient(receive, send), {"status": "alive"})


async def serve_readiness(_scope: Scope, receive: Receive, send: Send, desk: Desk) -> None:
    """New requests are wanted here; 503 with the reason while starting or draining."""
    reason = desk.readiness.reason
    status = {"status": "ready"} if reason is None else {"status": "not ready", "reason": reason}
    await answer_json(AsgiClient(receive, send), status, 200 if reason is None else 503)


async def serve_metrics(scope: Scope, receive: Receive, send: Send, desk: Desk) -> None:
    """The Prometheus exposition."""
    accept = headers_of(scope).get("accept", "")
    body, kind = desk.meters.render(accept)
    await answer(AsgiClient(receive, send), 200, body, (("content-type", kind),))
