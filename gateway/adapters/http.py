"""The HTTP client: two fillings of `ports.Transport`, and which one is the default.

`WireTransport` is asyncio and httptools with a pool of our own: `http_wire` (the exchange) over `http_pool`
(slots), `http_connection` (a socket and its clock), `http_answer` (bytes to an answer, no IO) and
`http_message` (URLs, heads, framing). `Httpx2Transport` is the same port over the httpx2 package.

Chosen by measurement: `python -m tests.benchmarks.transport`, CPython 3.11, uvloop, 1 KB up and down, the
upstream (Python too) on the other of two cores that others were using as well, median of five rounds. Read
the CPU, ms a call; the machine was too busy for rates to mean more than their order.

| client | c1 | c64 | 100-event stream, c16 | calls/s at c64 |
|---|---|---|---|---|
| `WireTransport` | 0.107 | 0.080 | 0.143 | 5,859 |
| httpx2 2.16.2 `AsyncClient` | 1.505 | 1.687 | 3.957 | 341 |
| httpx 0.28.1 `AsyncClient` | 1.664 | 3.631 | 6.208 | 167 |
| `Httpx2Transport` (one call a connection, see there) | 2.323 | 1.552 | 5.393 | 315 |

A twentieth of the next one's CPU, and it refuses what the parser below httpx2 lets pass. So it is the
default; httpx2 does what it cannot: proxies.
"""

from typing import TYPE_CHECKING

from gateway.adapters.http_pool import PoolLimits
from gateway.adapters.http_wire import WireReply, WireTransport
from gateway.types.principal import Secret

if TYPE_CHECKING:
    from gateway.adapters.http_httpx2 import Httpx2Transport

__all__ = ["PoolLimits", "WireReply", "WireTransport", "default_transport"]


def default_transport(
    limits: PoolLimits | None = None, proxy: Secret | None = None
) -> "WireTransport | Httpx2Transport":
    """The transport for production: `WireTransport`, unless the calls must go through a proxy."""
    if proxy is None:
        return WireTransport(limits)
    from gateway.adapters.http_httpx2 import Httpx2Transport  # noqa: PLC0415 - it takes 0.1 s to import

    return Httpx2Transport(limits, proxy=proxy)
