"""A request's quantities at a model."""

import pytest
from msgspec import structs

from gateway.catalog.demand import output_limit
from tests.catalog.samples import carried, facts


@pytest.mark.parametrize(
    ("own", "asked", "expected"),
    [(16_384, None, 16_384), (16_384, 100, 100), (16_384, 10**6, 16_384), (None, 10**6, 10**6)],
)
def test_what_can_be_bought_bounds_the_output(own: int | None, asked: int | None, expected: int) -> None:
    """What was asked for, within what the model is known to write; an unknown limit bounds nothing."""
    model = structs.replace(facts("openai/gpt-4o"), max_output_tokens=own)
    assert expected == output_limit(model, carried(max_output_tokens=asked))
