"""Writing a Messages answer to a client.

Relaying, the upstream's events pass as they came; `message_delta`, which tells usage, and `message_stop`
are held for the tail. Otherwise events are built from those of the hub.
"""

from typing import Any, Final

from gateway.dialects.anthropic_messages.answer import Blocks, Delta, Move, Open, gather
from gateway.dialects.anthropic_messages.errors import error_object
from gateway.dialects.anthropic_messages.usage import write_usage
from gateway.dialects.codec import Bill, Frame, WriteContext
from gateway.dialects.frames import decode_object, encode, relay, sse_json
from gateway.errors import GatewayError
from gateway.types.event import Event, Started

_NO_USAGE: Final = {"input_tokens": 0, "output_tokens": 0}


class AnswerWriter:
    """Writes one answer."""

    def __init__(self, context: WriteContext) -> None:
        self._context = context
        self._blocks = Blocks(context)
        self._begun = False
        # The upstream's own `message_delta`, when relaying.
        self._held: dict[str, Any] | None = None

    def whole(self, events: list[Event], raw: bytes | None) -> bytes:
        """A plain answer."""
        if raw is not None and self._context.relay:
            return raw
        return encode(gather(events, self._context))

    def frame(self, frames: list[Frame], events: list[Event]) -> bytes:
        """What one read gave, without the tail."""
        if not (frames and self._context.relay):
            return b"".join(self._write(event) for event in events)
        for event in events:
            self._blocks.take(event)
        return b"".join(self._relay(frame) for frame in frames)

    def finish(self, bill: Bill | None) -> bytes:
        """The last block's end, the reason, the usage, and the mark that nothing follows."""
        usage = self._blocks.usage
        if usage is None and bill is not None and bill.usage is not None:
            usage = write_usage(bill.usage)
        if usage is None:
            usage = dict(_NO_USAGE)
        if bill is not None:
            usage = {**usage, **bill.extension}
        delta = self._held
        closing = b""
        if delta is None:
            closing = self._open() + self._moves(self._blocks.close())
            delta = {"type": "message_delta", "delta": self._blocks.tail()}
        written = sse_json({**delta, "usage": usage}, "message_delta")
        return closing + written + sse_json({"type": "message_stop"}, "message_stop")

    def error(self, error: GatewayError, request_id: str, cost: int | None = None) -> bytes:
        """The error event; no `message_stop`, since the answer is not whole."""
        return sse_json(error_object(error, request_id, cost), "error")

    def _relay(self, frame: Frame) -> bytes:
        name, data = frame
        if name is None:
            name = decode_object(data).get("type")
        match name:
            case "message_delta":
                self._held = decode_object(data)
                return b""
            case "message_stop" | "error":
                # The provider's words about an error stay inside; `error` tells the client.
                return b""
            case _:
                return relay(frame)

    def _write(self, event: Event) -> bytes:
        if isinstance(event, Started):
            self._blocks.take(event)
            return self._open()
        moves = self._blocks.take(event)
        return self._open() + self._moves(moves) if moves else b""

    def _open(self) -> bytes:
        """`message_start`, once. What the input cost is told in the tail, when it is known."""
        if self._begun:
            return b""
        self._begun = True
        head = self._blocks.head(dict(_NO_USAGE))
        return sse_json({"type": "message_start", "message": head}, "message_start")

    def _moves(self, moves: list[Move]) -> bytes:
        return b"".join(_write_move(move) for move in moves)


def _write_move(move: Move) -> bytes:
    if isinstance(move, Open):
        value = {"type": "content_block_start", "index": move.index, "content_block": move.block}
        return sse_json(value, "content_block_start")
    if isinstance(move, Delta):
        value = {"type": "content_block_delta", "index": move.index, "delta": move.delta}
        return sse_json(value, "content_block_delta")
    return sse_json({"type": "content_block_stop", "index": move.index}, "content_block_stop")
