"""Names of models: what is told of a policy's floor and of the figures it needs."""

import pytest

from gateway.config import ConfigError
from tests.config.conftest import Loader


def test_a_floor_that_nothing_reaches_is_told(settle: Loader) -> None:
    """The shipped catalog measures nothing: a floor without `quality` in the facts lets nobody answer."""
    text = """
providers: {{openai: {{api_key: env/OPENAI_API_KEY}}}}
policies: {{good: {{quality_floor: 0.8}}}}
models:
  - {{name: best, candidates: [openai/gpt-4o], policy: good}}
  - {{name: openai/gpt-4o, facts: {{{facts}}}}}
"""
    (told,) = settle(text.format(facts="standby: spare")).warnings
    assert told.path == "policies.good.quality_floor"
    measured = settle(text.format(facts='quality: {overall: 0.85, source: "our own 200 questions, 2026-11"}'))
    assert () == measured.warnings
    assert measured.policies["good"].quality_floor == 0.8


@pytest.mark.parametrize(
    ("quality", "said"),
    [
        ("{overall: 0.9}", "quality"),
        ("{overall: 1.5, source: ours}", "quality"),
        ("{taste: 0.5, source: ours}", "quality"),
    ],
)
def test_a_quality_without_its_source_is_refused(settle: Loader, quality: str, said: str) -> None:
    """A figure says where it is from, lies between 0 and 1, and is about a modality."""
    with pytest.raises(ConfigError) as caught:
        settle(f"models: [{{name: local/read, facts: {{quality: {quality}}}}}]")
    assert said in str(caught.value)
