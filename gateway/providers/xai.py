"""xAI."""

from gateway.providers.row import Provider

XAI = Provider(
    name="xai",
    dialect="openai_chat",
    base_url="https://api.x.ai/v1",
    api_key_env=("XAI_API_KEY",),
)
