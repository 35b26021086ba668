"""THE table of endpoints, and the Litestar application that serves it.

Routes are thin ASGI routes: a Litestar handler costs 40 us more a request than an `@asgi` one, and our
bodies are read by `arrive` under caps of our own.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

import anyio
from litestar import Litestar, Request, Response
from litestar.handlers import ASGIRouteHandler
from msgspec import Struct, structs

from gateway.api.arrive import Receive, Scope
from gateway.api.client import AsgiClient, Send
from gateway.api.desk import Desk, Houses, refuse
from gateway.api.models import serve_models
from gateway.api.probes import serve_liveness, serve_metrics, serve_readiness
from gateway.api.quote import serve_quote
from gateway.api.serve import serve_exchange
from gateway.dialects import DIALECTS
from gateway.errors import failure

Serve = Callable[[Scope, Receive, Send, Desk], Awaitable[None]]

_log = logging.getLogger("weighbridge.api")


class Endpoint(Struct, frozen=True):
    """One path. `dialect`: what its errors and bodies are written in. `below`: serves what is under it.

    A mount and not a path parameter: Litestar 2.25 fails on the parameters of an ASGI route.
    """

    path: str
    method: str
    serve: Serve
    dialect: str = "openai_chat"
    below: bool = False


ENDPOINTS: Final = (
    Endpoint("/v1/chat/completions", "POST", serve_exchange),
    Endpoint("/v1/messages", "POST", serve_exchange, "anthropic_messages"),
    Endpoint("/v1/quote", "POST", serve_quote),
    Endpoint("/v1/models", "GET", serve_models, below=True),
    Endpoint("/metrics", "GET", serve_metrics),
    Endpoint("/livez", "GET", serve_liveness),
    Endpoint("/health/liveness", "GET", serve_liveness),
    Endpoint("/health/liveliness", "GET", serve_liveness),
    Endpoint("/readyz", "GET", serve_readiness),
    Endpoint("/health/readiness", "GET", serve_readiness),
)


def application(
    houses: Houses, lifespan: Sequence[Callable[[Litestar], AbstractAsyncContextManager[None]]] = ()
) -> Litestar:
    """The ASGI application over the house of the moment."""
    return Litestar(
        route_handlers=[_route(endpoint, houses) for endpoint in ENDPOINTS],
        exception_handlers={404: _elsewhere(houses)},
        lifespan=list(lifespan),
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
    )


def _route(endpoint: Endpoint, houses: Houses) -> ASGIRouteHandler:
    method, dialect = endpoint.method, endpoint.dialect

    async def handle(scope: Any, receive: Any, send: Any) -> None:
        # Once, and counted at once: from here to its end the request knows no other house.
        desk = houses.now
        with desk.guests:
            mine = structs.replace(desk, method=method, dialect=dialect, request_id=desk.house.mint())
            if scope["method"] != method:
                error = failure("method_not_allowed", f"This endpoint takes {method}.")
                await refuse(AsgiClient(receive, send), mine, error)
                return
            await _guarded(endpoint.serve, scope, receive, send, mine)

    return ASGIRouteHandler(endpoint.path, is_mount=endpoint.below, copy_scope=False)(handle)


def _elsewhere(houses: Houses) -> Callable[[Request[Any, Any, Any], Exception], Response[bytes]]:
    """What Litestar answers where no endpoint is."""

    def handle(_: Request[Any, Any, Any], __: Exception) -> Response[bytes]:
        served = ", ".join(f"{endpoint.method} {endpoint.path}" for endpoint in ENDPOINTS)
        error = failure("route_not_found", f"Nothing is served at this path; there is {served}.")
        request_id = houses.now.house.mint()
        body = DIALECTS["openai_chat"].write_error(error, request_id)
        headers = {"x-weighbridge-request-id": request_id}
        return Response(body, status_code=error.row.status, media_type="application/json", headers=headers)

    return handle


async def _guarded(serve: Serve, scope: Scope, receive: Receive, send: Send, desk: Desk) -> None:
    """The last net: a bug is one 500 in the endpoint's dialect, with its id in the log and no text."""
    head: list[str] = []

    async def noting(message: dict[str, Any]) -> None:
        head.append(message["type"])
        await send(message)

    try:
        await serve(scope, receive, noting, desk)
    except anyio.get_cancelled_exc_class():
        # Only the server's end cancels here. The task ends with this line, so nothing is swallowed; raised,
        # it would be one more traceback in the log and a bare 500.
        if not head:
            with anyio.move_on_after(1.0, shield=True):
                await refuse(
                    AsgiClient(receive, send),
                    desk,
                    failure("draining", "The gateway is shutting down; ask again."),
                )
    except Exception:
        # Whatever it is, the caller is owed an answer and the operator a line.
        _log.exception("internal error", extra={"weighbridge_fields": {"id": desk.request_id}})
        if head:
            raise
        error = failure("internal_error", "The gateway made a mistake; its log has it under the request id.")
        await refuse(AsgiClient(receive, send), desk, error)
