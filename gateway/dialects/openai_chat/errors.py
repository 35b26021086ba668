"""An error in OpenAI's shape."""

from typing import Any

from gateway.dialects.frames import encode
from gateway.errors import GatewayError
from gateway.types.money import usd


def error_object(error: GatewayError, request_id: str, cost: int | None = None) -> dict[str, Any]:
    """The body as a value; `param`, `part` and `kind` are null where they do not apply."""
    body: dict[str, Any] = {
        "message": error.message,
        "type": error.row.type,
        "param": error.param,
        "code": error.code,
        "part": error.part,
        "kind": error.kind,
        "request_id": request_id,
    }
    if error.details is not None:
        body["details"] = error.details
    if cost is not None:
        body["weighbridge"] = {"cost_usd": usd(cost)}
    return {"error": body}


def write_error(error: GatewayError, request_id: str) -> bytes:
    """The body of a refused request."""
    return encode(error_object(error, request_id))
