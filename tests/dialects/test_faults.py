"""Statuses and codes of providers become rows of `errors`."""

import json
from typing import Any

import pytest

from gateway.dialects import DIALECTS
from gateway.dialects.faults import BY_CLASS, BY_CODE, BY_STATUS, by_status, read_fault
from gateway.errors import ROWS

OPENAI_QUOTA = {
    "error": {"message": "m", "type": "insufficient_quota", "param": None, "code": "insufficient_quota"}
}
OPENAI_RATE = {"error": {"message": "m", "type": "tokens", "param": None, "code": "rate_limit_exceeded"}}

CASES: list[tuple[int, Any, str]] = [
    (429, OPENAI_RATE, "upstream_rate_limited"),
    (429, OPENAI_QUOTA, "upstream_quota_exhausted"),
    (429, {"error": {"code": "slow_down"}}, "upstream_rate_limited"),
    (401, {"error": {"code": "invalid_api_key"}}, "upstream_refused_credentials"),
    (401, {"detail": "no"}, "upstream_refused_credentials"),
    (403, {"error": {"code": "unsupported_country_region_territory"}}, "upstream_refused_credentials"),
    (403, {"error": {"code": "misalignment_policy_violation"}}, "upstream_rejected_request"),
    (404, {"error": {"code": "model_not_found"}}, "upstream_model_missing"),
    (404, {}, "upstream_model_missing"),
    (400, {"error": {"type": "invalid_request_error", "code": "model_not_found"}}, "upstream_model_missing"),
    (400, {"error": {"type": "invalid_request_error"}}, "upstream_rejected_request"),
    (400, {"error": {"message": "insufficient_quota"}}, "upstream_rejected_request"),
    (400, {"error": {"innererror": {"code": "content_filter"}}}, "upstream_rejected_request"),
    (
        400,
        [{"error": {"status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}}],
        "upstream_refused_credentials",
    ),
    (402, {"error": {"type": "billing_error"}}, "upstream_quota_exhausted"),
    (408, {}, "upstream_timeout"),
    (409, {}, "upstream_error"),
    (413, {"error": {"type": "request_too_large"}}, "upstream_rejected_request"),
    (422, {"detail": [{"loc": ["body"], "msg": "m", "type": "missing"}]}, "upstream_rejected_request"),
    (429, [{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}], "upstream_rate_limited"),
    (500, {"type": "error", "error": {"type": "api_error"}}, "upstream_error"),
    (503, {"error": {"type": "server_error"}}, "upstream_overloaded"),
    (504, {"type": "error", "error": {"type": "timeout_error"}}, "upstream_timeout"),
    (529, {"type": "error", "error": {"type": "overloaded_error"}}, "upstream_overloaded"),
    (302, {}, "upstream_invalid_answer"),
    (418, {}, "upstream_rejected_request"),
    (599, {}, "upstream_error"),
]


@pytest.mark.parametrize(("status", "body", "code"), CASES)
def test_a_refused_call_is_a_row(status: int, body: Any, code: str) -> None:
    """The provider's code decides where it is known, else the status."""
    assert code == read_fault(status, json.dumps(body).encode())


@pytest.mark.parametrize(
    "body", [b"", b"<html>502</html>", b"\xff", b"null", b"[]", b"[" * 5_000, b'{"error":"t"}']
)
def test_a_body_that_says_nothing_leaves_the_status(body: bytes) -> None:
    """No body can make reading it fail."""
    assert read_fault(503, body) == "upstream_overloaded"


def test_every_code_is_a_row() -> None:
    """The tables name rows that exist, all of them the upstream's fault."""
    codes = {*BY_CODE.values(), *BY_CLASS.values(), *BY_STATUS.values()}
    codes |= {by_status(status) for status in range(100, 600)}
    assert {"upstream"} == {ROWS[code].fault for code in codes}


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_reads_faults(name: str) -> None:
    """The function of the table is this one."""
    assert DIALECTS[name].read_fault(429, b"{}") == "upstream_rate_limited"
