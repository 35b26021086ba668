"""Anthropic."""

from gateway.dialects import ParameterRules
from gateway.providers.row import Provider

ANTHROPIC = Provider(
    name="anthropic",
    dialect="anthropic_messages",
    base_url="https://api.anthropic.com/v1",
    auth="x-api-key",
    api_key_env=("ANTHROPIC_API_KEY",),
    parameters=ParameterRules(tiers=frozenset({"default"})),
    region_in_body=True,
    counter="anthropic_messages",
    headers=(("anthropic-version", "2023-06-01"),),
)
