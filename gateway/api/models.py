"""What can be asked for, as OpenAI lists it."""

from typing import Any
from urllib.parse import unquote

from gateway.api.arrive import Receive, Scope, headers_of, known
from gateway.api.client import AsgiClient, Send
from gateway.api.desk import Desk, answer_json, refuse
from gateway.errors import GatewayError, failure
from gateway.types.principal import Principal

_PATH = "/v1/models"


async def serve_models(scope: Scope, receive: Receive, send: Send, desk: Desk) -> None:
    """Every name this key may ask for; or one, `/v1/models/openai/gpt-4o`, its slash escaped or not.

    A name that is not configured and one that is not allowed look the same from outside: 404.
    """
    client = AsgiClient(receive, send)
    try:
        names = _allowed(desk, known(headers_of(scope), desk.house.keys))
        name = unquote(scope["raw_path"].decode("latin-1").partition(_PATH)[2].strip("/"))
        if not name:
            await answer_json(client, {"object": "list", "data": [_model(name, desk) for name in names]})
            return
        if name not in names:
            raise failure(
                "model_not_found",
                "No model of this name is configured. GET /v1/models lists what can be asked for.",
                param="model",
            )
        await answer_json(client, _model(name, desk))
    except GatewayError as error:
        await refuse(client, desk, error)


def _allowed(desk: Desk, principal: Principal) -> list[str]:
    return [name for name in desk.house.fleet.groups if principal.may_use(name)]


def _model(name: str, desk: Desk) -> dict[str, Any]:
    candidates = desk.house.fleet.groups[name].candidates
    owners = {candidate.provider for candidate in candidates}
    return {
        "id": name,
        "object": "model",
        "created": 0,
        "owned_by": owners.pop() if len(owners) == 1 else "weighbridge",
    }
