"""What is known of an attempt while it runs: the one mutable owner that settle reads at any moment."""

from gateway.types.event import (
    Ended,
    Event,
    Failed,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)
from gateway.types.outcome import End, Outcome, Usage


class Progress:
    """Notes events as they pass. `outcome` may be asked for at any time, also after a cut."""

    def __init__(self) -> None:
        self.sent = False
        self.started = False
        self.refused = False
        self.ended = False
        self.usage: Usage | None = None
        self.error: str | None = None
        self.finish_reasons: list[str] = []
        self._text: list[str] = []

    def note(self, events: list[Event]) -> None:
        """Take in the next events of the answer."""
        for event in events:
            match event:
                case TextDelta(text=text) | RefusalDelta(text=text) | ReasoningDelta(text=text):
                    self._text.append(text)
                case ToolCallDelta(arguments=arguments, name=name):
                    self._text.append((name or "") + arguments)
                case UsageReported(usage=usage):
                    self.usage = usage
                case Finished(reason=reason):
                    self.finish_reasons.append(reason)
                case Ended():
                    self.ended = True
                case Failed(code=code):
                    self.error = code
                case _:
                    pass

    @property
    def text(self) -> str:
        """Everything the model has visibly written so far; predicts usage when none is reported."""
        return "".join(self._text)

    def outcome(self, end: End, tokens_seen: int = 0) -> Outcome:
        """The attempt as it stands, given how it ended."""
        return Outcome(
            end=end,
            sent=self.sent,
            started=self.started,
            refused=self.refused,
            complete=self.ended and self.error is None,
            usage=self.usage,
            output_characters=len(self.text),
            output_tokens_seen=tokens_seen,
            error=self.error,
            finish_reasons=tuple(self.finish_reasons),
        )
