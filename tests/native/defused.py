"""The way of a hostile body through the gateway, up to the medium that would leave."""

import anyio

from gateway import _core
from gateway.dialects import DIALECTS
from gateway.errors import GatewayError
from gateway.media.prepare import prepare, refused
from gateway.media.shelf import Shelf
from gateway.media.weigh import weigh
from gateway.routing import Surroundings, route
from gateway.types.plan import Group
from tests.catalog.samples import CATALOG
from tests.native.bombs import CARRIED, CLEANED, Bomb
from tests.routing.samples import group

# One that draws every big picture anew, and, for documents, one that has a limit of pages.
GROUP: Group = group("openai/gpt-4o")
DOCUMENTS: Group = group("anthropic/claude-haiku-4-5")


def defused(body: bytes) -> GatewayError | list[bytes]:
    """The one error that refuses a body, or the media that leave for the first attempt."""
    try:
        return anyio.run(_way, body)
    except GatewayError as error:
        return error


async def _way(body: bytes) -> list[bytes]:
    limits = _core.Limits()
    try:
        request = DIALECTS["openai_chat"].read_request(_core.scan(body, limits))
    except _core.Refusal as refusal:
        raise refused(refusal) from None
    load = weigh(request, frozenset({"o200k_base"}))
    documents = any(fact.modality == "document" for fact in load.media)
    plan = route(load, DOCUMENTS if documents else GROUP, CATALOG, Surroundings())
    media = request.document.media
    changed = await prepare(
        media, plan.attempts[0].steps, limits, anyio.CapacityLimiter(1), Shelf(0), tenant="t"
    )
    return [changed.get(index, medium).data() for index, medium in enumerate(media)]


def outcome(bomb: Bomb, found: GatewayError | list[bytes]) -> str:
    """In one word: the row's code, or whether what leaves is still what came."""
    if isinstance(found, GatewayError):
        return found.code
    came = [medium.data() for medium in _core.scan(bomb.make(), _core.Limits()).media]
    return CARRIED if found == came else CLEANED
