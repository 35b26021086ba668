"""OpenAI."""

from gateway.dialects import ParameterRules
from gateway.providers.row import Provider

OPENAI = Provider(
    name="openai",
    dialect="openai_chat",
    base_url="https://api.openai.com/v1",
    api_key_env=("OPENAI_API_KEY",),
    parameters=ParameterRules(tiers=frozenset({"default", "flex", "priority"})),
    counter="openai_responses",
)
