"""An error in Anthropic's shape."""

from typing import Any, Final

from gateway.dialects.frames import encode
from gateway.errors import GatewayError
from gateway.types.money import usd

_TYPES: Final[dict[int, str]] = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_FIRST_SERVER: Final = 500


def error_object(error: GatewayError, request_id: str, cost: int | None = None) -> dict[str, Any]:
    """The body as a value. `type` is Anthropic's class of the status, `code` is ours and stable."""
    default = "api_error" if error.row.status >= _FIRST_SERVER else "invalid_request_error"
    inner: dict[str, Any] = {
        "type": _TYPES.get(error.row.status, default),
        "message": error.message,
        "code": error.code,
        "param": error.param,
        "part": error.part,
        "kind": error.kind,
    }
    if error.details is not None:
        inner["details"] = error.details
    if cost is not None:
        inner["weighbridge"] = {"cost_usd": usd(cost)}
    return {"type": "error", "error": inner, "request_id": request_id}


def write_error(error: GatewayError, request_id: str) -> bytes:
    """The body of a refused request."""
    return encode(error_object(error, request_id))
