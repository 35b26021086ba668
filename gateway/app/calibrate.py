"""A model's rules beside its provider's own counter: probes drawn here, over the path's transport."""

from decimal import Decimal

import msgspec
from msgspec import Struct

from gateway.catalog import ModelFacts
from gateway.config.settings import ProviderSettings
from gateway.dialects import DIALECTS
from gateway.dialects.counting import Asked, Counter
from gateway.errors import GatewayError, failure
from gateway.media.probes import BASE, Probe, foretold, probes
from gateway.ports import Transport, UpstreamReply
from gateway.types.call import UpstreamCall
from gateway.types.principal import Secret
from gateway.upstream.dispatch import ERROR_BODY_BYTES, upstream_fault

FRAMING = 4
"""Tokens that a message or a medium may be framed in, which is in nobody's rule."""

_REFUSED = frozenset({"upstream_rejected_request"})


class Finding(Struct, frozen=True):
    """One probe: tokens as foretold, and as the provider counts them; None when it refused the probe."""

    probe: str
    low: int
    expected: int
    high: int
    theirs: int | None

    @property
    def within(self) -> bool:
        """Whether the rule holds, give or take the framing."""
        return self.theirs is not None and self.low - FRAMING <= self.theirs <= self.high + FRAMING

    @property
    def ratio(self) -> Decimal | None:
        """Theirs over what was expected."""
        if self.theirs is None or not self.expected:
            return None
        return (Decimal(self.theirs) / self.expected).quantize(Decimal("0.001"))


async def calibrate(
    facts: ModelFacts, provider: ProviderSettings, counter: Counter, transport: Transport
) -> tuple[Finding, ...]:
    """Ask the provider's free counter for every probe, one after the other.

    Raises GatewayError when the counter cannot be asked; that it refuses one probe is a finding.
    """

    async def count(asked: Asked) -> int:
        return await _counted(counter, _call(facts, provider, counter, asked), provider, transport)

    base = await count(BASE)
    findings = []
    for probe in probes(facts):
        try:
            whole = await count(probe.asked)
        except GatewayError as error:
            if error.code not in _REFUSED:
                raise
            findings.append(_finding(facts, probe, None))
            continue
        findings.append(_finding(facts, probe, whole if probe.modality == "text" else whole - base))
    return tuple(findings)


def _finding(facts: ModelFacts, probe: Probe, theirs: int | None) -> Finding:
    amount = foretold(facts, probe)
    return Finding(probe.name, int(amount.low), int(amount.expected), int(amount.high), theirs)


def _call(facts: ModelFacts, provider: ProviderSettings, counter: Counter, asked: Asked) -> UpstreamCall:
    return UpstreamCall(
        method="POST",
        url=counter.url(provider.row.base_url, facts.upstream_model),
        headers=(
            ("content-type", "application/json"),
            ("accept", "application/json"),
            *provider.row.headers,
            *provider.headers,
            *_credentials(counter, provider),
        ),
        body=msgspec.json.encode(counter.write(facts.upstream_model, asked)),
        deadlines=provider.deadlines,
    )


async def _counted(
    counter: Counter, call: UpstreamCall, provider: ProviderSettings, transport: Transport
) -> int:
    async with transport.open(call) as reply:
        body = await _read(reply)
        if not 200 <= reply.status < 300:  # noqa: PLR2004
            code = DIALECTS[provider.row.dialect].read_fault(reply.status, body)
            raise upstream_fault(reply.status, code, reply.headers)
    counted = counter.read(body)
    if counted is None:
        raise failure("upstream_invalid_answer", "The provider's counter answered without a number.")
    return counted


async def _read(reply: UpstreamReply) -> bytes:
    """An answer is one number: more than an error's worth is none."""
    pieces: list[bytes] = []
    size = 0
    async for chunk in reply.chunks():
        pieces.append(chunk)
        size += len(chunk)
        if size > ERROR_BODY_BYTES:
            break
    return b"".join(pieces)


def _credentials(counter: Counter, provider: ProviderSettings) -> tuple[tuple[str, str | Secret], ...]:
    if provider.api_key is None:
        return ()
    header = counter.key or (provider.row.auth if provider.row.auth == "x-api-key" else None)
    if header is not None:
        return ((header, provider.api_key),)
    return (("authorization", Secret(f"Bearer {provider.api_key.reveal()}")),)
