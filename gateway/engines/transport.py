"""The Transport for URLs of the scheme `local:`: which engine answers, and whether it can."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from gateway import engines
from gateway.engines.llama import LlamaEngine, LlamaSettings
from gateway.engines.pool import ReadSettings
from gateway.engines.read import ReadEngine
from gateway.errors import failure
from gateway.ports import Transport, UpstreamReply
from gateway.types.call import UpstreamCall

SCHEME = "local"


class _Named(Struct, frozen=True):
    model: str


_named = msgspec.json.Decoder(_Named)


class EngineTransport:
    """Answers `local://ENGINE/chat/completions`; `local:/chat/completions` names it in the body's `model`.

    Fills `ports.Transport`. Starts nothing until an engine is first called. `http` carries calls to
    the processes that speak HTTP; it is the caller's to close.
    """

    def __init__(
        self, http: Transport, *, read: ReadSettings | None = None, llama: LlamaSettings | None = None
    ) -> None:
        self._engines: dict[str, ReadEngine | LlamaEngine] = {
            "read": ReadEngine(read),
            "smollm2": LlamaEngine(http, llama),
        }
        self._missing = {row.name.removeprefix("local/"): row.missing for row in engines.available()}

    @asynccontextmanager
    async def open(self, call: UpstreamCall) -> AsyncIterator[UpstreamReply]:
        """Answer a call. Raises engine_missing when its packages are not installed, upstream_model_missing
        for an engine we do not have, and what the engine raises.
        """
        name = urlsplit(call.url).netloc or _model(call.body)
        engine = self._engines.get(name)
        if engine is None:
            raise failure("upstream_model_missing", "There is no such embedded engine.")
        if missing := self._missing[name]:
            packages = ", ".join(missing)
            raise failure(
                "engine_missing", f"local/{name} needs {packages}; install weighbridge[local] to have it."
            )
        async with engine.open(call) as reply:
            yield reply

    async def aclose(self) -> None:
        """End every process of every engine."""
        for engine in self._engines.values():
            await engine.aclose()


def _model(body: bytes) -> str:
    try:
        return _named.decode(body).model
    except msgspec.MsgspecError as error:
        raise failure("upstream_model_missing", "The call names no embedded engine.") from error
