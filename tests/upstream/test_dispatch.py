"""What an attempt is known to have done, whatever became of it: it decides what is charged."""

from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from gateway.adapters.http import PoolLimits, WireTransport
from gateway.dialects import DIALECTS
from gateway.errors import GatewayError
from gateway.types.call import Deadlines, UpstreamCall
from gateway.upstream.dispatch import dispatch_whole
from gateway.upstream.progress import Progress
from tests.rig.programs import Program
from tests.rig.upstream import Upstream, upstream_process

CHAT = DIALECTS["openai_chat"]
BODY = b'{"model":"m","messages":[{"role":"user","content":"Count"}]}'


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    """A provider under our control."""
    with upstream_process() as running:
        yield running


def call(upstream: Upstream, connect: float = 5.0) -> UpstreamCall:
    """A plain question."""
    headers = (("content-type", "application/json"),)
    url = f"{upstream.base_url}/chat/completions"
    return UpstreamCall("POST", url, headers, BODY, Deadlines(connect=connect))


async def failed(question: UpstreamCall, transport: WireTransport) -> tuple[str, Progress]:
    """The code of the failure, and what is known of the attempt."""
    progress = Progress()
    with pytest.raises(GatewayError) as caught:
        await dispatch_whole(question, CHAT, transport, progress)
    return caught.value.code, progress


async def test_a_call_that_found_no_connection_was_not_sent(upstream: Upstream) -> None:
    """Waiting in vain for a free slot is a timeout of which no byte has left."""
    await upstream.reset()
    transport = WireTransport(PoolLimits(connections=1))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(transport.aclose)
        await stack.enter_async_context(transport.open(call(upstream)))
        code, progress = await failed(call(upstream, connect=0.05), transport)
    assert ("upstream_timeout", False) == (code, progress.sent)


async def test_a_call_that_was_cut_off_was_sent(upstream: Upstream) -> None:
    """A reset without an answer: the provider may have worked, and may bill."""
    await upstream.reset()
    await upstream.arm(Program(cut_at=0, in_head=True))
    transport = WireTransport()
    code, progress = await failed(call(upstream), transport)
    await transport.aclose()
    assert ("upstream_reset", True, False) == (code, progress.sent, progress.refused)


@pytest.mark.parametrize(
    "program",
    [Program(status=504), Program(status=302), Program(status=429, cut_at=5), Program(status=500, gzip=True)],
    ids=["504", "302", "429 with a cut body", "500 with a compressed body"],
)
async def test_an_error_status_is_a_refusal(upstream: Upstream, program: Program) -> None:
    """Whatever its row says, and whatever became of its body."""
    await upstream.reset()
    await upstream.arm(program)
    transport = WireTransport()
    _, progress = await failed(call(upstream), transport)
    await transport.aclose()
    assert progress.outcome("failed").refused


async def test_an_error_in_a_plain_200_began_no_answer(upstream: Upstream) -> None:
    """Another candidate may still answer: nothing of this one is with the client."""
    await upstream.reset()
    await upstream.arm(Program(body='{"error": {"message": "no", "type": "server_error"}}'))
    transport = WireTransport()
    _, progress = await failed(call(upstream), transport)
    await transport.aclose()
    assert not progress.started
