"""Probes and metrics. Readiness never asks an upstream: a provider's outage is not ours."""

from typing import Any

from gateway.api.arrive import Receive, Scope, headers_of
from gateway.api.client import AsgiClient, Send
from gateway.api.desk import Desk, answer, answer_json


async def serve_liveness(_scope: Scope, receive: Receive, send: Send, _desk: Desk) -> None:
    """The process answers."""
    await answer_json(AsgiClient(receive, send), {"status": "alive"})


async def serve_readiness(_scope: Scope, receive: Receive, send: Send, desk: Desk) -> None:
    """New requests are wanted here; 503 with the reason while starting or draining.

    A file with a mistake is told and is no reason: the old configuration serves, and an edit that every
    replica sees must not take them all out of service.
    """
    readiness = desk.readiness
    ready = readiness.reason is None
    status: dict[str, Any] = (
        {"status": "ready"} if ready else {"status": "not ready", "reason": readiness.reason}
    )
    if readiness.config is not None:
        status["config"] = readiness.config
    await answer_json(AsgiClient(receive, send), status, 200 if ready else 503)


async def serve_metrics(scope: Scope, receive: Receive, send: Send, desk: Desk) -> None:
    """The Prometheus exposition."""
    accept = headers_of(scope).get("accept", "")
    body, kind = desk.meters.render(accept)
    await answer(AsgiClient(receive, send), 200, body, (("content-type", kind),))
