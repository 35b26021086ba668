"""Providers: what is told of a region."""

from tests.config.conftest import Loader


def test_a_region_that_no_model_knows_is_told(settle: Loader) -> None:
    """A region where nothing is sold rejects every model of its provider: `check` says so."""
    entry = "api_key: env/OPENAI_API_KEY, region"
    assert () == settle(f"providers: {{openai: {{{entry}: eu}}}}").warnings
    (told,) = settle(f"providers: {{openai: {{{entry}: mars}}}}").warnings
    assert told.path == "providers.openai.region"
    assert "they are in eu, us" in told.message
