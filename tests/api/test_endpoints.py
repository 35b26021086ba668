"""Which house a request is in, from its first byte on."""

from datetime import date
from typing import Any

import anyio

from gateway.adapters.prometheus import PrometheusMeters
from gateway.api.desk import Houses, Readiness
from gateway.api.endpoints import application
from gateway.app.build import open_desk, open_services
from gateway.catalog import load as load_catalog
from gateway.config import discover

SCOPE: dict[str, Any] = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "method": "POST",
    "scheme": "http",
    "path": "/v1/chat/completions",
    "raw_path": b"/v1/chat/completions",
    "query_string": b"",
    "root_path": "",
    "headers": [(b"content-length", b"2")],
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 2),
}


async def test_a_request_is_a_guest_before_its_body_has_come() -> None:
    """What its house uses is not closed while the body is on its way; it stays in that house to its end."""
    settings = discover(environment={}, catalog=load_catalog(on=date(2026, 11, 21)))
    services = open_services(settings, PrometheusMeters("0"))
    old, new = (open_desk(settings, services, None, Readiness()) for _ in range(2))
    houses = Houses(old)
    served: Any = application(houses)
    asked, sent = anyio.Event(), anyio.Event()
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        asked.set()
        await sent.wait()
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            group.start_soon(served, SCOPE, receive, send)
            await asked.wait()
            houses.move(new)
            during = (len(old.guests), len(new.guests))
            sent.set()
    await services.transport.aclose()
    assert ((1, 0), (0, 0)) == (during, (len(old.guests), len(new.guests)))
    assert said[0]["status"] == 400
