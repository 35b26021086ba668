"""What a provider is: a frozen row. How it is spoken to is its dialect's business."""

from typing import Literal, TypeAlias

from msgspec import Struct, structs

from gateway.catalog import ModelFacts
from gateway.dialects import ParameterRules

Auth: TypeAlias = Literal["bearer", "x-api-key", "none"]


class Provider(Struct, frozen=True):
    """One provider. `base_url`: the dialect's path is appended to it; of an embedded engine a scheme.

    `auth`: the header a key goes into. `api_key_env`: environment names a key is looked for under, in
    order. `headers`: sent with every call, lower-case names. `parameters`: rules its models share.
    """

    name: str
    dialect: str
    base_url: str
    auth: Auth = "bearer"
    api_key_env: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    parameters: ParameterRules = ParameterRules()

    @property
    def embedded(self) -> bool:
        """Whether an engine in this process answers, not a server."""
        return self.base_url.endswith(":")

    def url(self, model: str, path: str) -> str:
        """Where a call goes: `https://host/v1/chat/completions`, `local://read/chat/completions`."""
        if self.embedded:
            return f"{self.base_url}//{model}{path}"
        return self.base_url.rstrip("/") + path


def parameter_rules(provider: Provider, facts: ModelFacts | None) -> ParameterRules:
    """The provider's rules with what the catalog knows of the model."""
    if facts is None:
        return provider.parameters
    return structs.replace(
        provider.parameters,
        max_tokens_field=facts.max_tokens_field,
        default_max_output_tokens=facts.max_output_tokens,
        drop_sampling=facts.drop_sampling or provider.parameters.drop_sampling,
    )
