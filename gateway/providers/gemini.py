"""Google Gemini, through its OpenAI-compatible endpoint."""

from gateway.providers.row import Provider

GEMINI = Provider(
    name="gemini",
    dialect="openai_chat",
    base_url="https://generativelanguage.googleapis.com/v1beta/openai",
    api_key_env=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    carries=frozenset({"text", "image", "audio"}),
)
