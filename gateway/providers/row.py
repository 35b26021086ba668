"""What a provider is: a frozen row. How it is spoken to is its dialect's business."""

from typing import Literal, TypeAlias

from msgspec import Struct, structs

from gateway.catalog import ModelFacts
from gateway.dialects import Obstacle, ParameterRules
from gateway.dialects.parts import media_parts
from gateway.types.money import Modality
from gateway.types.request import Request
from gateway.types.terms import USUAL, Terms

Auth: TypeAlias = Literal["bearer", "x-api-key", "none"]


class Provider(Struct, frozen=True):
    """One provider. `base_url`: the dialect's path is appended to it; of an embedded engine a scheme.

    `auth`: the header a key goes into. `api_key_env`: environment names a key is looked for under, in
    order. `headers`: sent with every call, lower-case names. `parameters`: rules its models share.
    `carries`: modalities that its endpoint takes whatever its models do; None: what they do. `region`: where
    it works, by the catalog's word; `region_in_body`: it has to be told so with every call. `counter`: the
    name of its own free counter in `dialects.counting`, None where none is known.
    """

    name: str
    dialect: str
    base_url: str
    auth: Auth = "bearer"
    api_key_env: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    parameters: ParameterRules = ParameterRules()
    carries: frozenset[Modality] | None = None
    region: str | None = None
    region_in_body: bool = False
    counter: str | None = None

    @property
    def embedded(self) -> bool:
        """Whether an engine in this process answers, not a server."""
        return self.base_url.endswith(":")

    def url(self, model: str, path: str) -> str:
        """Where a call goes: `https://host/v1/chat/completions`, `local://read/chat/completions`."""
        if self.embedded:
            return f"{self.base_url}//{model}{path}"
        return self.base_url.rstrip("/") + path


def not_carried(provider: Provider, request: Request) -> tuple[Obstacle, ...]:
    """Media that a provider's models take and the endpoint that is spoken to does not."""
    if provider.carries is None:
        return ()
    found = []
    for part in media_parts(request):
        kind = request.document.media[part.media].kind
        if kind not in provider.carries:
            words = f"Part {part.media} ({kind}) cannot be sent: the endpoint of {provider.name} takes "
            words += " and ".join(sorted(provider.carries)) + "."
            found.append(Obstacle("part_unsupported", words, part.media, kind))
    return tuple(found)


def parameter_rules(provider: Provider, facts: ModelFacts | None, terms: Terms = USUAL) -> ParameterRules:
    """The provider's rules with what the catalog knows of the model, and what is bought of it.

    Where nobody names a queue and a dearer one is sold, the usual one is asked for by name: an account's own
    settings may say another, at a price that no quote could know.
    """
    tier = terms.tier
    if tier is None and facts is not None and "priority" in facts.selling.tiers:
        tier = "default"
    rules = structs.replace(
        provider.parameters,
        tier=tier if tier in provider.parameters.tiers else None,
        region=terms.region if provider.region_in_body else None,
    )
    if facts is None:
        return rules
    return structs.replace(
        rules,
        max_tokens_field=facts.max_tokens_field,
        default_max_output_tokens=facts.max_output_tokens,
        drop_sampling=facts.drop_sampling or rules.drop_sampling,
    )
