"""`/v1/embeddings`: texts that become vectors. Nothing is written, so the texts are all there is to pay."""

from gateway._core import Document
from gateway.dialects.fields import Body, invalid
from gateway.types.request import Message, Request, TextPart


def read_embedding(document: Document) -> Request:
    """A text, or a list of texts; token numbers are not weighed."""
    top = Body(document).members()
    given = top.need("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise invalid("input", "must be a text or a list of texts")
    return Request(
        operation="embedding",
        dialect="openai_chat",
        model=top.name("model"),
        messages=(Message("user", tuple(TextPart(text) for text in texts)),),
        document=document,
        rest=top.rest(),
    )
