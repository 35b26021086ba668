"""Anthropic's Messages."""

from typing import Final

from gateway.dialects.anthropic_messages.errors import write_error
from gateway.dialects.anthropic_messages.obstacles import dropped, obstacles
from gateway.dialects.anthropic_messages.reader import AnswerReader
from gateway.dialects.anthropic_messages.request import read_request
from gateway.dialects.anthropic_messages.write import write_request
from gateway.dialects.anthropic_messages.writer import AnswerWriter
from gateway.dialects.codec import Dialect
from gateway.dialects.faults import read_fault

ANTHROPIC_MESSAGES: Final = Dialect(
    name="anthropic_messages",
    path="/messages",
    read_request=read_request,
    obstacles=obstacles,
    dropped=dropped,
    write_request=write_request,
    reader=AnswerReader,
    writer=AnswerWriter,
    read_fault=read_fault,
    write_error=write_error,
)
