"""A TCP proxy that gets between two honest parties: delay, cut, reset, swallow. For upstreams and Redis.

async with fault_proxy("127.0.0.1", redis_port) as proxy:
    proxy.cut_replies = 1          # the next request reaches the server, its reply does not come back
"""

import contextlib
import socket
import struct
from collections.abc import AsyncIterator

import anyio
from anyio.abc import SocketAttribute, SocketStream


class FaultProxy:
    """Change the attributes while it runs; they hold for what comes next.

    `delay`: seconds before each block of a reply. `blackhole`: nothing passes either way any more.
    `refuse`: new connections are reset at once. `cut_replies`: so many next replies are swallowed and
    their connections reset, after the request went through. `cut_after`: reset once so many reply bytes
    of a connection have passed.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self.port = 0
        self.delay = 0.0
        self.blackhole = False
        self.refuse = False
        self.cut_replies = 0
        self.cut_after: int | None = None
        self.connections = 0
        self.open = 0

    async def handle(self, client: SocketStream) -> None:
        """Carry one connection."""
        self.connections += 1
        self.open += 1
        try:
            if self.refuse:
                _reset(client)
                return
            async with (
                client,
                await anyio.connect_tcp(*self._target) as server,
                anyio.create_task_group() as group,
            ):
                group.start_soon(self._requests, client, server, group.cancel_scope)
                group.start_soon(self._replies, client, server, group.cancel_scope)
        except OSError:
            _reset(client)
        finally:
            self.open -= 1
            with anyio.CancelScope(shield=True):
                await client.aclose()

    async def _requests(self, client: SocketStream, server: SocketStream, scope: anyio.CancelScope) -> None:
        with contextlib.suppress(anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
            while True:
                data = await client.receive()
                if not self.blackhole:
                    await server.send(data)
        scope.cancel()

    async def _replies(self, client: SocketStream, server: SocketStream, scope: anyio.CancelScope) -> None:
        passed = 0
        with contextlib.suppress(anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
            while True:
                data = await server.receive()
                if self.delay:
                    await anyio.sleep(self.delay)
                if self.blackhole:
                    continue
                if self.cut_replies > 0:
                    self.cut_replies -= 1
                    _reset(client)
                    break
                if self.cut_after is not None and passed + len(data) >= self.cut_after:
                    await client.send(data[: self.cut_after - passed])
                    _reset(client)
                    break
                passed += len(data)
                await client.send(data)
        scope.cancel()


def _reset(stream: SocketStream) -> None:
    """Make the coming close a TCP reset."""
    with contextlib.suppress(OSError, anyio.ClosedResourceError):
        sock = stream.extra(SocketAttribute.raw_socket)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextlib.asynccontextmanager
async def fault_proxy(host: str, port: int) -> AsyncIterator[FaultProxy]:
    """A proxy in front of host:port, in this process; `proxy.port` is where to connect."""
    proxy = FaultProxy(host, port)
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        proxy.port = listener.extra(SocketAttribute.local_port)
        async with anyio.create_task_group() as group:
            group.start_soon(listener.serve, proxy.handle)
            yield proxy
            group.cancel_scope.cancel()
