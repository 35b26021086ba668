"""Whose fault a refused call was, by what machines say: HTTP status and the provider's code.

A provider's code wins over its status where it is known; words of messages are never looked at.
"""

from typing import Any, Final

import msgspec

_RATE: Final = "upstream_rate_limited"
_QUOTA: Final = "upstream_quota_exhausted"
_BUSY: Final = "upstream_overloaded"
_KEYS: Final = "upstream_refused_credentials"
_MODEL: Final = "upstream_model_missing"
_BODY: Final = "upstream_rejected_request"
_LATE: Final = "upstream_timeout"
_ERROR: Final = "upstream_error"

BY_CODE: Final[dict[str, str]] = {
    # OpenAI and those who speak like it.
    "rate_limit_exceeded": _RATE,
    "insufficient_quota": _QUOTA,
    "billing_hard_limit_reached": _QUOTA,
    "billing_not_active": _QUOTA,
    "invalid_api_key": _KEYS,
    "account_deactivated": _KEYS,
    "model_not_found": _MODEL,
    "DeploymentNotFound": _MODEL,
    "context_length_exceeded": _BODY,
    "content_filter": _BODY,
    "content_policy_violation": _BODY,
    "misalignment_policy_violation": _BODY,
    "insufficient_system_resource": _BUSY,
    # Anthropic.
    "rate_limit_error": _RATE,
    "billing_error": _QUOTA,
    "authentication_error": _KEYS,
    "permission_error": _KEYS,
    "not_found_error": _MODEL,
    "request_too_large": _BODY,
    "timeout_error": _LATE,
    "overloaded_error": _BUSY,
    # Google.
    "RESOURCE_EXHAUSTED": _RATE,
    "UNAUTHENTICATED": _KEYS,
    "PERMISSION_DENIED": _KEYS,
    "API_KEY_INVALID": _KEYS,
    "NOT_FOUND": _MODEL,
    "UNAVAILABLE": _BUSY,
    "DEADLINE_EXCEEDED": _LATE,
}

# These classes name too much to say more than the status does; used where there is no telling status.
BY_CLASS: Final[dict[str, str]] = {
    "invalid_request_error": _BODY,
    "INVALID_ARGUMENT": _BODY,
    "FAILED_PRECONDITION": _BODY,
    "server_error": _ERROR,
    "api_error": _ERROR,
    "INTERNAL": _ERROR,
}

BY_STATUS: Final[dict[int, str]] = {
    401: _KEYS,
    402: _QUOTA,
    403: _KEYS,
    404: _MODEL,
    408: _LATE,
    409: _ERROR,
    410: _MODEL,
    425: _BUSY,
    429: _RATE,
    498: _BUSY,
    499: _LATE,
    503: _BUSY,
    504: _LATE,
    524: _LATE,
    529: _BUSY,
}

_FIRST_CLIENT: Final = 400
_FIRST_SERVER: Final = 500


def by_status(status: int) -> str:
    """The code for a status alone."""
    if status in BY_STATUS:
        return BY_STATUS[status]
    if status >= _FIRST_SERVER:
        return _ERROR
    if status >= _FIRST_CLIENT:
        return _BODY
    # A redirect is never followed, and a success is no fault: the answer is not what was agreed.
    return "upstream_invalid_answer"


def read_fault(status: int, body: bytes) -> str:
    """The code of an errors row for a refused call."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return by_status(status)
    for word in _words(value):
        if word in BY_CODE:
            return BY_CODE[word]
    return by_status(status)


def read_failure(value: Any) -> str:
    """The code of an errors row for an error told inside a 200."""
    words = _words(value)
    for word in words:
        if word in BY_CODE:
            return BY_CODE[word]
    for word in words:
        if word in BY_CLASS:
            return BY_CLASS[word]
        if word.isascii() and word.isdigit() and int(word[:9]) >= _FIRST_CLIENT:
            return by_status(int(word[:9]))
    return _ERROR


def _words(value: Any) -> list[str]:
    """The provider's codes, most telling first, wherever the known shapes of errors keep them."""
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, dict):
        return []
    error = value.get("error")
    found: list[Any] = []
    if isinstance(error, dict):
        details = error.get("details")
        if isinstance(details, list):
            found += [item.get("reason") for item in details if isinstance(item, dict)]
        inner = error.get("innererror")
        if isinstance(inner, dict):
            found.append(inner.get("code"))
        found += [error.get("code"), error.get("type"), error.get("status")]
    found += [value.get("code"), value.get("type")]
    return [str(item) for item in found if isinstance(item, (str, int)) and not isinstance(item, bool)]
