"""What to say of LiteLLM's keys that have no meaning here: what does the same, or comes nearest."""

from typing import Final

MEANINGLESS: Final = "has no meaning here"

_RATES: Final = "rate limits are not available yet; a budget is: `budgets:` may stand in this file"
_ORDER: Final = "the candidate where a request costs least goes first"
_FALLBACK: Final = (
    "a model falls back on the other candidates of its name, dearer ones last; give the fallback a row with "
    "this model_name to have it among them"
)
_TOLD: Final = "/metrics speaks Prometheus, and `accounts:` in this file keeps a ledger"
_BOOKS: Final = 'the ledger is a file: `accounts: {store: "sqlite:weighbridge.db"}` may stand in this file'
_TENANTS: Final = "budgets belong to tenants: `keys:` and `budgets:` may stand in this file"
_CLIENTS: Final = "clients send it with each request"
_FITTED: Final = "parameters that a model takes under another name are renamed, the rest is the client's"
_COOLING: Final = "a failing provider is passed over by itself"

# By key, or by section and key where the key alone does not tell.
WORDS: Final[dict[str, str]] = {
    "rpm": _RATES,
    "tpm": _RATES,
    "max_parallel_requests": _RATES,
    "global_max_parallel_requests": _RATES,
    "weight": _ORDER,
    "order": _ORDER,
    "routing_strategy": _ORDER,
    "routing_strategy_args": _ORDER,
    "fallbacks": _FALLBACK,
    "default_fallbacks": _FALLBACK,
    "context_window_fallbacks": f"what does not fit a model is never sent there; {_FALLBACK}",
    "content_policy_fallbacks": _FALLBACK,
    "enable_pre_call_checks": "every request is checked against every candidate before it is sent",
    "allowed_fails": _COOLING,
    "allowed_fails_policy": _COOLING,
    "cooldown_time": _COOLING,
    "callbacks": _TOLD,
    "success_callback": _TOLD,
    "failure_callback": _TOLD,
    "service_callbacks": _TOLD,
    "database_url": _BOOKS,
    "store_model_in_db": "models stand in this file alone",
    "max_budget": _TENANTS,
    "budget_duration": _TENANTS,
    "default_team_settings": _TENANTS,
    "drop_params": _FITTED,
    "modify_params": _FITTED,
    "set_verbose": "`telemetry: {log_level: debug}` may stand in this file",
    "json_logs": "`telemetry: {log_level: debug}` may stand in this file",
    "num_retries": "how many candidates are tried is said for all, under `litellm_settings`",
    "max_retries": "how many candidates are tried is said for all, under `litellm_settings` as num_retries",
    "stream_timeout": "`timeout` holds for streams too",
    "include": "other files are not followed: put their rows here",
    "litellm_params.temperature": _CLIENTS,
    "litellm_params.top_p": _CLIENTS,
    "litellm_params.max_tokens": _CLIENTS,
    "litellm_params.max_completion_tokens": _CLIENTS,
    "litellm_params.seed": _CLIENTS,
    "litellm_params.stop": _CLIENTS,
    "litellm_params.frequency_penalty": _CLIENTS,
    "litellm_params.presence_penalty": _CLIENTS,
    "litellm_params.reasoning_effort": _CLIENTS,
    "input_cost_per_second": "no price is made of time: `gpu_second_usd` in our own `facts` is",
    "guardrails": "requests are weighed and carried, their content is not judged",
}
