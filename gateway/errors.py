"""Everything that can go wrong, first by whose fault it is, then one row a kind.

    GatewayError
    ├── ClientError     the caller's: a body, a part, a key, a name that cannot be served
    ├── UpstreamError   a provider's: unreachable, late, refusing, incomplete
    └── OwnError        ours: a missing engine, no capacity, a bug

A row fixes the stable `code`, the HTTP status, the OpenAI error type and whether another deployment may
be tried. A message says what was wrong, which part, and what would work. It never holds upstream text,
a secret, a path of the machine, or what the client sent.
"""

from typing import Any, Literal, TypeAlias

from msgspec import Struct

Fault: TypeAlias = Literal["client", "upstream", "own"]


class Row(Struct, frozen=True):
    """One kind of failure. `retryable`: another deployment may answer; `retry_after`: so may this one."""

    code: str
    fault: Fault
    status: int
    type: str
    retryable: bool = False


def _client(status: int, *codes: str, type: str = "invalid_request_error") -> list[Row]:  # noqa: A002
    return [Row(code, "client", status, type) for code in codes]


def _upstream(status: int, *codes: str, retryable: bool = True) -> list[Row]:
    return [Row(code, "upstream", status, "api_error", retryable) for code in codes]


def _own(status: int, *codes: str, retryable: bool = False) -> list[Row]:
    return [Row(code, "own", status, "api_error", retryable) for code in codes]


ROWS: dict[str, Row] = {
    row.code: row
    for row in [
        # The body as JSON.
        *_client(
            400,
            "body_invalid_json",
            "body_invalid_utf8",
            "body_duplicate_key",
            "body_too_deep",
            "body_too_many_values",
            "body_not_an_object",
            "body_incomplete",
            "form_invalid",
            "header_invalid",
        ),
        *_client(413, "body_too_large"),
        *_client(415, "content_type_unsupported", "content_encoding_unsupported"),
        *_client(408, "body_timeout"),
        # The body as a request.
        *_client(
            400, "field_missing", "field_invalid", "field_unsupported", "part_unknown", "policy_unknown"
        ),
        # Its media.
        *_client(
            400,
            "media_invalid_base64",
            "media_invalid_data_url",
            "media_corrupt",
            "media_type_mismatch",
            "media_too_many",
            "media_url_unsupported",
            "media_file_id_unsupported",
            "image_too_large",
            "image_too_many_frames",
        ),
        *_client(413, "media_too_large"),
        *_client(415, "media_unsupported"),
        # Who asks, and for what.
        *_client(401, "api_key_missing", "api_key_invalid", type="authentication_error"),
        *_client(403, "model_not_allowed", type="permission_error"),
        *_client(404, "model_not_found", "route_not_found", type="not_found_error"),
        *_client(405, "method_not_allowed"),
        *_client(422, "no_suitable_model"),
        *_client(429, "budget_exceeded", type="insufficient_quota"),
        *_client(508, "request_loop"),
        # Providers.
        *_upstream(
            502, "upstream_unreachable", "upstream_reset", "upstream_invalid_answer", "upstream_incomplete"
        ),
        *_upstream(502, "upstream_refused_credentials", "upstream_error", "stream_event_too_large"),
        *_upstream(502, "upstream_model_missing"),
        *_upstream(503, "upstream_overloaded", "upstream_rate_limited", "upstream_quota_exhausted"),
        *_upstream(504, "upstream_timeout"),
        *_upstream(400, "upstream_rejected_request", retryable=False),
        # Ourselves.
        *_own(503, "engine_missing", "engine_failed", retryable=True),
        *_own(504, "engine_timeout", retryable=True),
        *_own(503, "overloaded", "draining", "ledger_unavailable"),
        *_own(500, "internal_error"),
    ]
}


class GatewayError(Exception):
    """A failure with its row. `part`: ordinal of the medium, with its `kind`; `param`: place in the body.

    `retry_after`: seconds the upstream asked for. `details`: figures for the body, already safe to show.
    `unsent`: not a byte of the request had left. `refused`: it was answered with an error status.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        part: int | None = None,
        kind: str | None = None,
        param: str | None = None,
        retry_after: float | None = None,
        details: dict[str, Any] | None = None,
        unsent: bool = False,
        refused: bool = False,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.row = ROWS[code]
        self.message = message
        self.part = part
        self.kind = kind
        self.param = param
        self.retry_after = retry_after
        self.details = details
        self.unsent = unsent
        self.refused = refused

    @property
    def code(self) -> str:
        """The stable code of the row."""
        return self.row.code


class ClientError(GatewayError):
    """The caller's fault; nothing was sent."""


class UpstreamError(GatewayError):
    """A provider's fault."""


class OwnError(GatewayError):
    """Our fault."""


_CLASSES: dict[Fault, type[GatewayError]] = {
    "client": ClientError,
    "upstream": UpstreamError,
    "own": OwnError,
}


def failure(code: str, message: str, **context: Any) -> GatewayError:
    """The exception for a row, in the class of whose fault it is. Keywords as in `GatewayError`."""
    return _CLASSES[ROWS[code].fault](code, message, **context)
