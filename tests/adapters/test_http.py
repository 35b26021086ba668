"""Which transport production gets."""

from gateway.adapters.http import WireTransport, default_transport
from gateway.adapters.http_httpx2 import Httpx2Transport
from gateway.types.principal import Secret


async def test_the_default_is_our_own_unless_there_is_a_proxy() -> None:
    """Proxies are httpx2's business; everything else is ours."""
    plain, proxied = default_transport(), default_transport(proxy=Secret("http://127.0.0.1:9"))
    assert isinstance(plain, WireTransport)
    assert isinstance(proxied, Httpx2Transport)
    await plain.aclose()
    await proxied.aclose()
