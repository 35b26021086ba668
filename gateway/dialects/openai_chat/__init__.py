"""OpenAI's chat completions, as OpenAI, Azure, vLLM, llama.cpp, Mistral and many others speak them."""

from typing import Final

from gateway.dialects.codec import Dialect
from gateway.dialects.faults import read_fault
from gateway.dialects.openai_chat.errors import write_error
from gateway.dialects.openai_chat.obstacles import dropped, obstacles
from gateway.dialects.openai_chat.reader import AnswerReader
from gateway.dialects.openai_chat.request import read_request
from gateway.dialects.openai_chat.write import write_request
from gateway.dialects.openai_chat.writer import AnswerWriter

OPENAI_CHAT: Final = Dialect(
    name="openai_chat",
    path="/chat/completions",
    read_request=read_request,
    obstacles=obstacles,
    dropped=dropped,
    write_request=write_request,
    reader=AnswerReader,
    writer=AnswerWriter,
    read_fault=read_fault,
    write_error=write_error,
    levels=frozenset({"low", "high", "original"}),
)
