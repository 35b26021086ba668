"""The contract of `ports.Transport`, held by every filling against a real upstream in another process."""

import random
import socket
import ssl
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import anyio
import pytest

from gateway.adapters.http import PoolLimits
from gateway.errors import GatewayError, UpstreamError
from gateway.ports import Transport
from gateway.types.call import Deadlines, UpstreamCall
from gateway.types.principal import Secret
from tests.contracts.transport_cases import (
    CANARY,
    FAULTS,
    TLS,
    TRANSPORTS,
    Fault,
    body_of,
    call_to,
    fetch,
    list_models,
    said,
    tls_server,
)
from tests.rig.answers import LEAK_CANARY
from tests.rig.programs import Program
from tests.rig.upstream import Upstream, upstream_process


@pytest.fixture(scope="module")
def process() -> Iterator[Upstream]:
    """One upstream process for the module."""
    with upstream_process() as upstream:
        yield upstream


@pytest.fixture
async def upstream(process: Upstream) -> Upstream:
    """The upstream with empty accounts."""
    await process.reset()
    return process


@pytest.fixture(params=sorted(TRANSPORTS))
def kind(request: pytest.FixtureRequest) -> str:
    """The filling's name."""
    return str(request.param)


@pytest.fixture
async def transport(kind: str) -> AsyncIterator[Transport]:
    """A filling with room for eight connections."""
    made = TRANSPORTS[kind](PoolLimits(connections=8))
    yield made
    await made.aclose()


async def test_carries_a_call(transport: Transport, upstream: Upstream) -> None:
    """Body and secret reach the upstream as they were given, the answer comes back byte for byte."""
    async with transport.open(call_to(upstream)) as reply:
        body = b"".join([chunk async for chunk in reply.chunks()])
        headers = dict(reply.headers)
    call = await upstream.wait(1)
    assert reply.status == 200
    assert headers["x-request-id"] == "up-1"
    assert said(body) == "echo: what do you weigh?"
    assert call.body_length == len(body_of("scripted"))
    assert call.header("authorization") == f"Bearer {CANARY}"
    assert call.header("accept-encoding") == "identity"
    assert call.header("host") == f"127.0.0.1:{upstream.port}"


async def test_same_answer_at_every_split(transport: Transport, upstream: Upstream) -> None:
    """An answer divided anywhere, head or body, is the same answer."""
    for stream in (False, True):
        await upstream.reset()
        await upstream.arm(Program(id="same"))
        status, whole = await fetch(transport, call_to(upstream, stream=stream))
        sent = (await upstream.wait(1)).sent
        assert status == 200
        splits = range(1, sent, 11 if stream else 3)  # each single byte: test_http_answer
        await upstream.arm(*(Program(id="same", split_at=at, in_head=True) for at in splits))
        for _ in splits:
            assert (200, whole) == await fetch(transport, call_to(upstream, stream=stream))
        await upstream.arm(Program(id="same", bytewise=True))
        assert (200, whole) == await fetch(transport, call_to(upstream, stream=stream))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f"{f.program}-{'stream' if f.stream else 'plain'}")
async def test_fault_becomes_its_row(
    transport: Transport, upstream: Upstream, kind: str, fault: Fault
) -> None:
    """Each thing an upstream can do wrong has one code, and its text holds no secret and no upstream word."""
    call = call_to(
        upstream,
        fault.program,
        stream=fault.stream,
        deadlines=fault.deadlines,
        max_answer_bytes=fault.max_answer_bytes,
    )
    expected = fault.expected(kind)
    if not expected:
        assert (await fetch(transport, call))[0] == 200
        return
    with pytest.raises(UpstreamError) as caught:
        await fetch(transport, call)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(call)
    assert expected == caught.value.code
    assert CANARY not in shown
    assert LEAK_CANARY not in shown
    assert len(await upstream.calls()) == 1  # never sent again
    assert (await fetch(transport, call_to(upstream)))[0] == 200


@pytest.mark.parametrize("status", [302, 400, 401, 429, 500, 529])
async def test_any_status_is_an_answer(transport: Transport, upstream: Upstream, status: int) -> None:
    """Statuses are the caller's to judge; a redirect is not followed."""
    model = "fault-redirect" if status == 302 else f"fault-status-{status}"
    found, body = await fetch(transport, call_to(upstream, model))
    assert status == found
    assert LEAK_CANARY.encode() in body
    assert len(await upstream.calls()) == 1


async def test_unreachable_upstreams(transport: Transport) -> None:
    """A closed port, an unknown name and a port that does not speak TLS are three messages of one code."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        closed = sock.getsockname()[1]
    for url in (f"http://127.0.0.1:{closed}/v1", "http://no-such-name.invalid/v1"):
        with pytest.raises(UpstreamError) as caught:
            await fetch(transport, UpstreamCall("POST", url, (), b"{}"))
        assert caught.value.code == "upstream_unreachable"
        assert str(closed) not in str(caught.value)


async def test_connecting_has_a_deadline(transport: Transport) -> None:
    """A host that accepts and then says nothing to a TLS greeting is late, not waited for."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        call = UpstreamCall(
            "POST",
            f"https://127.0.0.1:{silent.getsockname()[1]}/v1",
            (),
            b"{}",
            deadlines=Deadlines(connect=0.1),
        )
        with pytest.raises(UpstreamError) as caught:
            await fetch(transport, call)
        assert caught.value.code == "upstream_timeout"


async def test_waiting_for_a_free_connection_has_a_deadline(kind: str, upstream: Upstream) -> None:
    """When all connections are in use the next caller is told so in time, and the one after is served."""
    transport = TRANSPORTS[kind](PoolLimits(connections=1))
    async with transport.open(call_to(upstream, "fault-hang-at-10")) as reply:
        assert reply.status == 200
        with pytest.raises(UpstreamError) as caught:
            await fetch(transport, call_to(upstream, deadlines=Deadlines(connect=0.05)))
        assert caught.value.code == "upstream_timeout"
    assert (await fetch(transport, call_to(upstream)))[0] == 200
    await transport.aclose()


async def test_first_come_first_served(kind: str, upstream: Upstream) -> None:
    """Callers that wait for a connection get it in the order in which they came."""
    transport = TRANSPORTS[kind](PoolLimits(connections=1))
    async with anyio.create_task_group() as group, transport.open(call_to(upstream, "fault-hang-at-10")):
        for number in range(5):
            group.start_soon(fetch, transport, call_to(upstream, f"m{number}"))
            await anyio.wait_all_tasks_blocked()
    asked = [call.model for call in await upstream.calls()]
    assert asked == ["fault-hang-at-10", "m0", "m1", "m2", "m3", "m4"]
    await transport.aclose()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-a", "1\r\nx-b: 2"),
        ("x-a", "1\n"),
        ("x-a", "nul\0"),
        ("x-a\r\nx-b", "1"),
        ("x a", "1"),
        ("", "1"),
        ("X-Upper", "1"),
        ("host", "elsewhere"),
        ("content-length", "1"),
        ("transfer-encoding", "chunked"),
        ("x-a", "€"),
    ],
)
async def test_header_injection_is_refused(
    transport: Transport, upstream: Upstream, name: str, value: str
) -> None:
    """A header that could end its line, or that frames the message, is not sent, secret or not."""
    for held in (value, Secret(value)):
        call = UpstreamCall("POST", f"{upstream.base_url}/chat/completions", ((name, held),), b"{}")
        with pytest.raises(GatewayError) as caught:
            await fetch(transport, call)
        assert caught.value.code == "header_invalid"
        assert value.strip("1\n") not in str(caught.value) or not value.strip("1\n")
    assert await upstream.calls() == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://h/",
        "http://u:p@h/",
        "http://h/#x",
        "http://h\\@i/",
        "http://h/ x",
        "http://h:99999/",
        "http:///",
    ],
)
async def test_odd_urls_are_refused(transport: Transport, url: str) -> None:
    """A URL that two parsers could read in two ways goes nowhere."""
    with pytest.raises(GatewayError) as caught:
        await fetch(transport, UpstreamCall("POST", url, (), b"{}"))
    assert caught.value.code == "internal_error"


async def test_big_bodies_arrive_whole(transport: Transport, upstream: Upstream) -> None:
    """Twenty megabytes go up as they are, and eight come down."""
    text = "w" * 20_000_000
    await upstream.arm(Program(body_bytes=8_000_000))
    status, body = await fetch(transport, call_to(upstream, text=text))
    call = await upstream.wait(1)
    assert (status, len(body)) == (200, 8_000_000)
    assert call.body_length == len(body_of("scripted", text=text))


async def test_an_answer_nobody_reads_stays_with_the_upstream(
    transport: Transport, upstream: Upstream
) -> None:
    """Back-pressure: a reader that pauses holds the upstream up; nothing is lost when it goes on."""
    await upstream.arm(Program(body_bytes=50_000_000))
    async with transport.open(call_to(upstream)) as reply:
        with pytest.raises(TimeoutError):
            await upstream.wait(1, "ended", seconds=0.3)
        size = 0
        async for chunk in reply.chunks():
            size += len(chunk)
    assert size == 50_000_000
    assert (await upstream.wait(1)).ended == "finished"


@pytest.mark.parametrize("model", ["fault-hang-at-50", "fault-endless-body"])
async def test_leaving_early_closes_at_once(transport: Transport, upstream: Upstream, model: str) -> None:
    """Leaving the context before the answer's end closes the upstream's connection."""
    async with transport.open(call_to(upstream, model)) as reply:
        async for chunk in reply.chunks():
            assert chunk
            break
    assert (await upstream.wait(1, "left")).ended == "left"


async def test_cancelling_the_wait_for_the_head_closes_at_once(
    transport: Transport, upstream: Upstream
) -> None:
    """A caller that is cancelled while the upstream thinks leaves no connection behind."""
    async with anyio.create_task_group() as group:
        group.start_soon(fetch, transport, call_to(upstream, "fault-hang"))
        await upstream.wait(1, "arrived")
        group.cancel_scope.cancel()
    assert (await upstream.wait(1, "left")).ended == "left"


async def test_connections_are_kept_and_their_ends_noticed(
    transport: Transport, upstream: Upstream, kind: str
) -> None:
    """Calls in a row share a connection until the upstream closes it; that close harms no later call."""
    await upstream.arm(*[Program()] * 5, Program(close_after=True), *[Program()] * 4)
    for _ in range(10):
        assert (await fetch(transport, call_to(upstream)))[0] == 200
        await upstream.wait_open(1)
    used = [call.connection for call in await upstream.calls()]
    assert len(set(used)) == (2 if kind == "wire" else 10)  # see `http_httpx2` why it keeps none
    assert used == sorted(used)


async def test_connection_close_is_obeyed(transport: Transport, upstream: Upstream) -> None:
    """An answer that announces the close is the last on its connection."""
    await upstream.arm(Program(keep_alive=False), Program(framing="close"))
    for _ in range(3):
        status, body = await fetch(transport, call_to(upstream))
        assert (status, said(body)) == (200, "echo: what do you weigh?")
    assert len({call.connection for call in await upstream.calls()}) == 3


async def test_a_post_is_never_sent_twice(transport: Transport, upstream: Upstream) -> None:
    """A kept connection that dies under a POST fails it, since the upstream may already be working."""
    assert (await fetch(transport, call_to(upstream)))[0] == 200
    for model in ("fault-reset", "fault-eof"):
        with pytest.raises(UpstreamError) as caught:
            await fetch(transport, call_to(upstream, model))
        assert caught.value.code == "upstream_reset"
        assert (await fetch(transport, call_to(upstream)))[0] == 200
    assert len(await upstream.calls()) == 5


async def test_stray_bytes_reach_nobody(transport: Transport, upstream: Upstream) -> None:
    """Bytes after an answer's end are not the beginning of the next one."""
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
    await upstream.arm(Program(raw=answer + answer.replace(b"{}", b"[]")))
    assert await fetch(transport, call_to(upstream)) == (200, b"{}")
    for _ in range(3):
        assert said((await fetch(transport, call_to(upstream)))[1]) == "echo: what do you weigh?"
    first, *others = [call.connection for call in await upstream.calls()]
    assert first not in others


async def test_idle_connections_are_closed(kind: str, upstream: Upstream) -> None:
    """A connection nobody uses is given up, so the upstream need not."""
    transport = TRANSPORTS[kind](PoolLimits(idle_seconds=0.05))
    assert (await fetch(transport, list_models(upstream)))[0] == 200
    await upstream.wait_open(0)
    await transport.aclose()


async def test_chunks_are_read_once(transport: Transport, upstream: Upstream) -> None:
    """A second look at the chunks is a mistake that shows."""
    async with transport.open(call_to(upstream)) as reply:
        assert [chunk async for chunk in reply.chunks()]
        with pytest.raises(RuntimeError):
            reply.chunks()


async def test_no_slot_is_lost_to_cancellation(kind: str, upstream: Upstream) -> None:
    """Thousands of callers that give up at any moment leave every connection's place free."""
    transport: Transport = TRANSPORTS[kind](PoolLimits(connections=8))
    seed = random.randrange(1 << 32)
    dice = random.Random(seed)
    outcomes: list[str] = []
    held = AsyncExitStack()

    async def one() -> None:
        with anyio.move_on_after(
            dice.choice((0.0, dice.random() * 0.004, dice.random() * 0.02, 5.0))
        ) as scope:
            text = f"canary {dice.randrange(1 << 40)}"
            status, body = await fetch(transport, call_to(upstream, text=text))
            assert (status, said(body)) == (200, f"echo: {text}"), f"seed {seed}"
        outcomes.append("cancelled" if scope.cancelled_caught else "good")

    rounds = 40 if kind == "wire" else 10
    for _ in range(rounds):
        async with anyio.create_task_group() as group:
            for _ in range(50):
                group.start_soon(one)
    assert len(outcomes) == rounds * 50
    assert {"good", "cancelled"} == set(outcomes)
    for _ in range(8):  # eight held at once: each must have a connection of its own
        reply = await held.enter_async_context(transport.open(call_to(upstream, "fault-hang-at-10")))
        assert reply.status == 200
    await held.aclose()
    await transport.aclose()
    await upstream.wait_open(0)


async def test_closing_refuses_later_calls(kind: str, upstream: Upstream) -> None:
    """After `aclose` every connection is closed."""
    transport = TRANSPORTS[kind](PoolLimits())
    assert (await fetch(transport, call_to(upstream)))[0] == 200
    await transport.aclose()
    await upstream.wait_open(0)


@pytest.mark.parametrize("kind", sorted(TRANSPORTS))
@pytest.mark.parametrize(
    ("host", "trusted", "code"),
    [
        ("localhost", True, None),
        ("127.0.0.1", True, "upstream_unreachable"),
        ("localhost", False, "upstream_unreachable"),
    ],
)
async def test_certificates_are_checked(kind: str, host: str, code: str | None, *, trusted: bool) -> None:
    """TLS needs a trusted authority and the name that was asked for."""
    trust = ssl.create_default_context(cafile=str(TLS / "authority.pem")) if trusted else None
    transport = TRANSPORTS[kind](PoolLimits(), trust)
    async with tls_server() as port:
        call = UpstreamCall("POST", f"https://{host}:{port}/v1", (), b"{}")
        if code is None:
            assert await fetch(transport, call) == (200, b"{}")
            assert await fetch(transport, call) == (200, b"{}")
        else:
            with pytest.raises(UpstreamError) as caught:
                await fetch(transport, call)
            assert code == caught.value.code
        await transport.aclose()
