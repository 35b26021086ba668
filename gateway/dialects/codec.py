"""What a dialect is: functions between the bytes of one wire format and the hub's values."""

from collections.abc import Callable, Mapping
from typing import Protocol

from msgspec import Struct

from gateway._core import Document, Media
from gateway.dialects.retold import NO_REPLACEMENTS, Replacements
from gateway.errors import GatewayError
from gateway.types.event import Event
from gateway.types.money import usd
from gateway.types.outcome import Usage
from gateway.types.plan import Level
from gateway.types.request import Request

Frame = tuple[str | None, bytes]


class Obstacle(Struct, frozen=True):
    """Something a dialect cannot say. `code`: `part_unsupported` or `parameter_unsupported`.

    `part`: ordinal of the medium in the way, with its `kind`; both None for a parameter.
    """

    code: str
    message: str
    part: int | None = None
    kind: str | None = None


class ParameterRules(Struct, frozen=True):
    """Facts of a model and its provider that the writer of a request needs.

    `max_tokens_field`: what the output bound is called in the OpenAI dialect. `default_max_output_tokens`:
    sent where a bound is required and the client gave none. `drop_sampling`: the model refuses
    temperature and top_p. `stream_options`: the provider knows that member (Mistral does not). `tiers`: the
    queues that its endpoint can be asked for, `tier` the one to ask for. `region`: where to ask that the
    work be done, of a provider that is told so in the body.
    """

    max_tokens_field: str = "max_tokens"
    default_max_output_tokens: int | None = None
    drop_sampling: bool = False
    stream_options: bool = True
    tiers: frozenset[str] = frozenset({"flex", "priority"})
    tier: str | None = None
    region: str | None = None


class WriteContext(Struct, frozen=True):
    """What a writer of answers must know. `relay`: the upstream speaks this dialect too.

    `model_asked`: the client's word, written when the upstream names no model. `include_usage`: the
    client asked for usage in a stream. `created`: Unix seconds, written when the upstream tells none.
    """

    request_id: str
    model_asked: str
    relay: bool
    include_usage: bool
    created: int


class Bill(Struct, frozen=True):
    """What an answer cost. Amounts in nanodollars. `cache`: hit, miss, bypass or joined.

    `usage`: what was settled when the upstream reported none, to be told to a client that asked.
    """

    cost: int
    quoted: int
    saved: int
    model: str
    cache: str
    usage: Usage | None = None

    @property
    def extension(self) -> dict[str, dict[str, str]]:
        """The member that goes into the `usage` object of an answer; dollars are decimal strings."""
        return {
            "weighbridge": {
                "cost_usd": usd(self.cost),
                "quoted_usd": usd(self.quoted),
                "saved_usd": usd(self.saved),
                "model": self.model,
                "cache": self.cache,
            }
        }


class Reader(Protocol):
    """Reads one answer of an upstream. Malformed answers raise `upstream_invalid_answer`."""

    def whole(self, body: bytes) -> list[Event]:
        """A plain answer."""
        ...

    def frame(self, event: str | None, data: bytes) -> list[Event]:
        """One server-sent event; nothing after the one that gave `Ended` or `Failed`."""
        ...


class Writer(Protocol):
    """Writes one answer to a client."""

    def whole(self, events: list[Event], raw: bytes | None) -> bytes:
        """A plain answer. `raw`: the upstream's own body, handed on as it is if both sides speak this."""
        ...

    def frame(self, frames: list[Frame], events: list[Event]) -> bytes:
        """What one read of the upstream gave. The tail of the stream is held back until `finish`.

        A stored answer is replayed as events without frames.
        """
        ...

    def finish(self, bill: Bill | None) -> bytes:
        """The tail: the usage, and the mark that nothing follows."""
        ...

    def error(self, error: GatewayError, request_id: str, cost: int | None = None) -> bytes:
        """The event that ends a stream which fails after it began. `cost`: nanodollars, if settled."""
        ...


class WriteRequest(Protocol):
    """Writes the body of an upstream call.

    `media`: media that replace those of the request, by ordinal. `max_output_tokens`: bound to send
    instead of the client's; None keeps the client's. `parts`: parts that stand in the place of the one that
    holds a medium, by its ordinal: the same with another detail.
    """

    def __call__(
        self,
        request: Request,
        model: str,
        media: Mapping[int, Media],
        max_output_tokens: int | None,
        parameters: ParameterRules,
        *,
        parts: Replacements = NO_REPLACEMENTS,
    ) -> bytes: ...


class Dialect(Struct, frozen=True):
    """One wire format for one operation. `path` is appended to a provider's base URL.

    `obstacles`: what of a request this dialect cannot say. `levels`: of detail that it can. `dropped`: names
    of hints that it cannot say and that may be left out without changing the answer. `read_fault`: code of
    an errors row for a refused call. Bodies that are wrong raise `ClientError` with `param`.
    """

    name: str
    path: str
    read_request: Callable[[Document], Request]
    obstacles: Callable[[Request], tuple[Obstacle, ...]]
    dropped: Callable[[Request], tuple[str, ...]]
    write_request: WriteRequest
    reader: Callable[[], Reader]
    writer: Callable[[WriteContext], Writer]
    read_fault: Callable[[int, bytes], str]
    write_error: Callable[[GatewayError, str], bytes]
    levels: frozenset[Level] = frozenset()
