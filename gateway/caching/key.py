"""The key of a question: two questions share an answer only when nothing that could change it differs.

The key is the BLAKE3 digest of length-prefixed fields:

| field | why |
|---|---|
| version | a new canonical form never reads the old one's answers |
| tenant | who asks is a hard partition; it is never configured away |
| operation, dialect | an answer keeps fields of the dialect it was asked in |
| model | the name the client asked for |
| target | what stands behind that name for this caller: the policy in force |
| epoch | digest of configuration and catalog: another config may choose another model |
| skeleton | the client's own JSON with sorted object keys, media taken out, `NOT_SEMANTIC` dropped |
| media | (JSON pointer, digest of the decoded bytes, declared type) of each medium, sorted |

Order of object keys, white space and string escapes do not matter; order of arrays does. Numbers keep
the client's spelling: `1` and `1.0` are two questions, which costs a hit and never a wrong answer.
Everything that is not named in `NOT_SEMANTIC` is part of the key, unknown fields too.
"""

from typing import Any, Final

import msgspec

from gateway import _core
from gateway.types.request import Request

_VERSION: Final = b"weighbridge key 1"

# Top-level members that cannot change what the answer says. Nothing else may be left out.
NOT_SEMANTIC: Final[dict[str, str]] = {
    "stream": "how the answer travels; stored events are replayed either way",
    "stream_options": "whether usage is shown in a stream",
    "user": "a label of the end user for the provider's abuse detection; the tenant is the partition",
    "safety_identifier": "the same label under its newer name",
    "metadata": "labels kept beside the request",
    "prompt_cache_key": "a hint which of the provider's own caches to use",
}


def cache_key(tenant: str, request: Request, target: str, epoch: str) -> str:
    """Hex digest of all that can change the answer.

    `target`: name of the policy in force. `epoch`: digest of configuration and catalog.
    """
    document = request.document
    media = sorted((medium.path, medium.digest, medium.declared or "") for medium in document.media)
    return _core.digest(
        _VERSION,
        tenant.encode(),
        request.operation.encode(),
        request.dialect.encode(),
        request.model.encode(),
        target.encode(),
        epoch.encode(),
        canonical(document),
        _encoder.encode(media),
    )


def canonical(document: _core.Document) -> bytes:
    """The semantic members as JSON with sorted keys, each medium an empty string (see `media` above)."""
    body = _decoder.decode(document.skeleton)
    for name in NOT_SEMANTIC:
        body.pop(name, None)
    return _encoder.encode(_without_media(body, document) if document.media else body)


def _without_media(value: Any, document: _core.Document) -> Any:
    """The value with placeholders emptied. Recursion is bounded by the scanner's depth cap."""
    if isinstance(value, str):
        return value if document.media_index(value) is None else ""
    if isinstance(value, dict):
        return {name: _without_media(member, document) for name, member in value.items()}
    if isinstance(value, list):
        return [_without_media(item, document) for item in value]
    return value


def _as_written(number: str) -> msgspec.Raw:
    # A float would fold numbers that only differ past 17 digits; the spelling never does.
    return msgspec.Raw(number.encode())


_decoder = msgspec.json.Decoder(dict[str, Any], float_hook=_as_written)
_encoder = msgspec.json.Encoder(order="sorted")
