"""Google Gemini, through its OpenAI-compatible endpoint."""

from gateway.dialects import ParameterRules
from gateway.providers.row import Provider

GEMINI = Provider(
    name="gemini",
    dialect="openai_chat",
    base_url="https://generativelanguage.googleapis.com/v1beta/openai",
    api_key_env=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    # Its tiers are documented for GenerateContent and Interactions alone.
    parameters=ParameterRules(tiers=frozenset()),
    counter="gemini",
    carries=frozenset({"text", "image", "audio"}),
)
