"""Texts that become vectors."""

from typing import Any

import pytest

from gateway.errors import GatewayError
from tests.dialects.quoted.test_shape import read


def test_texts_are_parts() -> None:
    """Each text is weighed; nothing of a chat stands round them."""
    request = read({"model": "m", "input": ["one", "two"], "dimensions": 64})
    assert ("embedding", ["one", "two"]) == (
        request.operation,
        [part.text for part in request.messages[0].parts],
    )


@pytest.mark.parametrize("given", [[], [1, 2], 5, {"text": "x"}])
def test_token_numbers_are_not_weighed(given: Any) -> None:
    """What is no text is refused with its place."""
    with pytest.raises(GatewayError) as refusal:
        read({"model": "m", "input": given}, "embedding")
    assert "input" == refusal.value.param
