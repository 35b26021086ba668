"""Mistral; it knows no `stream_options`, and sends usage on the last chunk."""

from gateway.dialects import ParameterRules
from gateway.providers.row import Provider

MISTRAL = Provider(
    name="mistral",
    dialect="openai_chat",
    base_url="https://api.mistral.ai/v1",
    api_key_env=("MISTRAL_API_KEY",),
    counter="openai_responses",
    parameters=ParameterRules(stream_options=False),
)
