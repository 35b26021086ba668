"""Another configuration while requests run: `weighbridge serve` and the file it watches."""

import copy
import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.books import ledger
from tests.e2e.conftest import KEYS
from tests.e2e.test_money import price
from tests.rig.gateway import Gateway, running_gateway
from tests.rig.programs import Program
from tests.rig.raw import RawClient, RawReply, fetch, request_bytes
from tests.rig.upstream import Upstream

MODEL = "openai/gpt-4o"
WORDS = "one two three four five"
APPLIED = "configuration reloaded"
UNCHANGED = "configuration unchanged"
REFUSED = "configuration refused"
ALICE = {"name": "alice", "key": "env/ALICE_KEY", "tenant": "alice"}
BOB = {"name": "bob", "key": "env/BOB_KEY", "tenant": "bob"}


def usual(upstream: Upstream) -> dict[str, Any]:
    """Alice alone has a key."""
    return {
        "providers": {"openai": {"api_key": "env/OPENAI_API_KEY", "base_url": upstream.base_url}},
        "models": [{"name": "spare", "candidates": [MODEL]}],
        "keys": [ALICE],
        "accounts": {"store": "sqlite:ledger.db"},
    }


@pytest.fixture
def config(upstream: Upstream) -> dict[str, Any]:
    """The configuration that a test begins with."""
    return usual(upstream)


@pytest.fixture(scope="module")
def shared(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that outlives its tests, as it does its configurations."""
    with running_gateway(usual(upstream), tmp_path_factory.mktemp("gateway"), KEYS) as running:
        yield running


@pytest.fixture
def own(shared: Gateway, config: dict[str, Any]) -> Iterator[Gateway]:
    """A gateway whose file a test may change; afterwards it is as before."""
    yield shared
    edit(shared, config, '"result":')


@pytest.fixture(scope="module")
def pair(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with two workers."""
    config = {**usual(upstream), "server": {"workers": 2}}
    with running_gateway(config, tmp_path_factory.mktemp("pair"), KEYS) as running:
        for _ in range(2):
            running.child.wait_line("configuration loaded", 60.0)
        yield running


def write(gateway: Gateway, config: dict[str, Any]) -> None:
    """Save the file, as an editor does."""
    (gateway.folder / "weighbridge.yaml").write_text(json.dumps(config))


def hang_up(gateway: Gateway, until: str) -> dict[str, Any]:
    """Send SIGHUP, wait for the log to tell of it, and return that line."""
    gateway.child.process.send_signal(signal.SIGHUP)
    line: dict[str, Any] = json.loads(gateway.child.wait_line(until))
    return line


def edit(gateway: Gateway, config: dict[str, Any], until: str = APPLIED, **sections: Any) -> dict[str, Any]:
    """Save the file with these sections changed and have it read at once; the line the log has of it."""
    write(gateway, {**config, **sections})
    return hang_up(gateway, until)


def question(text: str, model: str = MODEL, **members: Any) -> bytes:
    """A body that asks this."""
    body = {"model": model, "messages": [{"role": "user", "content": text}], **members}
    return json.dumps(body).encode()


def auth(who: str) -> tuple[tuple[str, str], ...]:
    """The header of someone's key."""
    return (("authorization", f"Bearer {KEYS[who]}"),)


async def ask(gateway: Gateway, text: str, who: str = "ALICE_KEY", **members: Any) -> RawReply:
    """One answer, whole."""
    return await fetch(gateway.port, "POST", "/v1/chat/completions", question(text, **members), auth(who))


async def ready(gateway: Gateway) -> dict[str, Any]:
    """What readiness says; it is always ready here."""
    reply = await fetch(gateway.port, "GET", "/readyz")
    assert reply.status == 200
    document: dict[str, Any] = reply.json()
    assert document["status"] == "ready"
    return document


async def metric(gateway: Gateway, sample: str) -> float:
    """The value of one series."""
    text = (await fetch(gateway.port, "GET", "/metrics")).body.decode()
    found = re.search(rf"^{re.escape(sample)} (\S+)$", text, re.MULTILINE)
    assert found is not None
    return float(found[1])


async def test_keys_come_and_go_with_the_file(own: Gateway, config: dict[str, Any]) -> None:
    """A key that is added to the file works, and one that is removed works no more, without a restart."""
    before = await metric(own, 'weighbridge_config_reloads_total{result="applied"}')
    told = [(await ask(own, "Who?", who)).status for who in ("ALICE_KEY", "BOB_KEY")]
    write(own, {**config, "keys": [BOB]})
    line = json.loads(own.child.wait_line(APPLIED))
    told += [(await ask(own, "Who?", who)).status for who in ("ALICE_KEY", "BOB_KEY")]
    assert [200, 401, 401, 200] == told
    assert ("keys", "weighbridge.yaml") == (line["changed"], line["file"])
    assert await metric(own, 'weighbridge_config_reloads_total{result="applied"}') == before + 1


async def test_a_signal_reads_the_file_at_once(own: Gateway, config: dict[str, Any]) -> None:
    """SIGHUP is answered whether or not there is a change, and a change is taken with it."""
    hang_up(own, UNCHANGED)
    edit(own, config, keys=[BOB])
    assert (await ask(own, "Who?", "BOB_KEY")).status == 200
    assert own.child.process.poll() is None


async def test_a_stream_ends_in_the_house_it_began_in(
    own: Gateway, upstream: Upstream, config: dict[str, Any]
) -> None:
    """Its key, its model and its provider may be gone: it is served to its end, and settled in the ledger."""
    before = len(ledger(own))
    await upstream.arm(Program(text=WORDS, hold_after_events=3))
    body = question("Count", "spare", stream=True)
    async with await RawClient.connect(own.port) as raw:
        await raw.send(request_bytes("POST", "/v1/chat/completions", body, auth("ALICE_KEY")))
        await raw.read_until(b"two")
        edit(own, config, keys=[BOB], models=[], cache={"store": "off"}, providers={})
        told = [(await ask(own, "Who?", who)).status for who in ("ALICE_KEY", "BOB_KEY")]
        assert [401, 404] == told
        # The new house has had its own visitor; the one in the old house is still counted.
        assert await metric(own, "weighbridge_inflight_requests") == 1
        await upstream.release()
        rest = await raw.read_until(b"data: [DONE]")
    assert rest.endswith(b"data: [DONE]")
    own.child.wait_line('"end":"finished"')
    call = await upstream.wait(1)
    expected = price(MODEL, call.prompt_tokens, call.completion_tokens)
    assert {"finished"} == {end for _, end, _ in ledger(own)[before:]}
    assert expected == sum(amount for *_, amount in ledger(own)[before:])
    assert await metric(own, "weighbridge_inflight_requests") == 0


async def test_a_request_is_served_by_what_it_found(own: Gateway, config: dict[str, Any]) -> None:
    """A model that goes while a request for it is still being sent answers that request, and no later one."""
    body = question("Count", "spare")
    sent = request_bytes("POST", "/v1/chat/completions", body, auth("ALICE_KEY"))
    async with await RawClient.connect(own.port) as raw:
        await raw.send(sent[:-10])
        # Answered in order of arrival on one loop: once this is answered, the head above is read.
        await ready(own)
        edit(own, config, models=[])
        await raw.send(sent[-10:])
        first = await raw.read_reply()
    assert [200, 404] == [first.status, (await ask(own, "Count", model="spare")).status]


async def test_a_bad_edit_changes_nothing_and_is_told(own: Gateway, config: dict[str, Any]) -> None:
    """The old configuration serves on; log, readiness and metric tell of it until it is mended."""
    before = await ready(own)
    secret = "sk-pasted-where-it-does-not-belong-0001"
    bad = {**config, "keys": [BOB, {**ALICE, "key": secret}], "limits": {"media": -1}}
    line = edit(own, bad, REFUSED)
    during = await ready(own)
    assert [200, 401] == [(await ask(own, "Who?", who)).status for who in ("ALICE_KEY", "BOB_KEY")]
    assert await metric(own, "weighbridge_config_stale") == 1
    hang_up(own, REFUSED)
    again = await ready(own)
    edit(own, config, keys=[ALICE, BOB])
    after = await ready(own)
    assert ({"state", "loaded"}, "current") == (set(before["config"]), before["config"]["state"])
    assert ("stale", before["config"]["loaded"]) == (during["config"]["state"], during["config"]["loaded"])
    assert ["weighbridge.yaml:1: keys[1].key", "weighbridge.yaml:1: limits.media"] == during["config"][
        "mistakes"
    ]
    assert during == again
    assert "current" == after["config"]["state"]
    assert after["config"]["loaded"] > during["config"]["since"] > before["config"]["loaded"]
    assert (await ask(own, "Who?", "BOB_KEY")).status == 200
    assert await metric(own, "weighbridge_config_stale") == 0
    assert 2 == line["mistakes"]
    assert line["at_2"] == "weighbridge.yaml:1: limits.media: must be at least 0"
    for said in (own.child.output().partition(REFUSED)[2], json.dumps(during)):
        assert secret not in said
        assert str(own.folder) not in said


@pytest.mark.parametrize("how", ["gone", "empty", "not YAML"])
async def test_a_file_that_is_lost_changes_nothing(own: Gateway, config: dict[str, Any], how: str) -> None:
    """A file that is away, cut to nothing or torn leaves the old configuration; back again, all is well."""
    file = own.folder / "weighbridge.yaml"
    kept = file.read_bytes()
    if how == "gone":
        file.unlink()
    else:
        file.write_bytes(b"" if how == "empty" else kept[:-30])
    own.child.wait_line(REFUSED)
    assert "stale" == (await ready(own))["config"]["state"]
    assert [200, 401] == [(await ask(own, "Who?", who)).status for who in ("ALICE_KEY", "BOB_KEY")]
    file.write_bytes(kept)
    own.child.wait_line(UNCHANGED)
    assert {"state", "loaded"} == set((await ready(own))["config"])


async def test_answers_are_kept_while_nothing_else_may_answer(
    own: Gateway, upstream: Upstream, config: dict[str, Any]
) -> None:
    """A new key costs no stored answer; another rule or another address makes every answer a new question."""

    async def cache() -> str | None:
        return (await ask(own, "Kept?")).header("x-weighbridge-cache")

    told = [await cache(), await cache()]
    edit(own, config, keys=[ALICE, BOB])
    told.append(await cache())
    edit(own, config, policies={"default": {"prepare": []}})
    told.append(await cache())
    moved = copy.deepcopy(config["providers"])
    moved["openai"]["base_url"] = upstream.base_url.replace("127.0.0.1", "localhost")
    edit(own, config, providers=moved)
    told.append(await cache())
    # And back: what was stored under these rules is there again.
    edit(own, config)
    told.append(await cache())
    assert ["miss", "hit", "hit", "miss", "miss", "hit"] == told


async def test_what_is_spent_stays_spent(upstream: Upstream, config: dict[str, Any], tmp_path: Path) -> None:
    """A budget counts what was spent before a reload; more budget lets more through."""
    # At most 0.16 dollars of output each, and the first one takes 0.1: beside that, 0.2 hold no other.
    dear: dict[str, Any] = {"max_tokens": 16_000}
    poor, rich = {**ALICE, "budget_usd": 0.2}, {**ALICE, "budget_usd": 1}
    config = {**config, "keys": [poor], "accounts": {"store": "memory"}}
    with running_gateway(config, tmp_path, KEYS) as own:
        await upstream.arm(Program(usage={"completion_tokens": 10_000}))
        first = await ask(own, "Budget?", **dear)
        edit(own, config, keys=[poor, BOB])
        second = await ask(own, "Budget again?", **dear)
        edit(own, config, keys=[rich])
        third = await ask(own, "Budget again?", **dear)
    assert [200, "budget_exceeded", 200] == [first.status, second.json()["error"]["code"], third.status]


async def test_a_secret_in_a_file_is_rotated(own: Gateway, config: dict[str, Any]) -> None:
    """A key that stands in a file of its own is taken anew when that file changes."""
    secret = own.folder / "alice.key"
    secret.write_text(KEYS["ALICE_KEY"])
    edit(own, config, keys=[{**ALICE, "key": "file/alice.key"}, {**BOB, "key": "env/OPENAI_API_KEY"}])
    before = [(await ask(own, "Who?", who)).status for who in ("ALICE_KEY", "BOB_KEY")]
    secret.write_text(KEYS["BOB_KEY"])
    own.child.wait_line(APPLIED)
    after = [(await ask(own, "Who?", who)).status for who in ("ALICE_KEY", "BOB_KEY")]
    assert ([200, 401], [401, 200]) == (before, after)


async def test_what_waits_for_a_restart_is_told(own: Gateway, config: dict[str, Any]) -> None:
    """Another port and another ledger wait, and say so; the rest of the same edit is in force."""
    edit(own, config, keys=[BOB], server={"port": 9, "body_timeout": "9s"}, accounts={"store": "memory"})
    line = json.loads(own.child.wait_line("wait for a restart"))
    assert "accounts.store, server.port" == line["restart"]
    assert ["accounts.store", "server.port"] == (await ready(own))["config"]["restart"]
    before = len(ledger(own))
    assert (await ask(own, "Which ledger?", "BOB_KEY")).status == 200
    assert len(ledger(own)) > before
    edit(own, config)
    assert "restart" not in (await ready(own))["config"]


async def test_a_gateway_that_others_reach_never_loses_its_keys(
    config: dict[str, Any], tmp_path: Path
) -> None:
    """An edit that would open it to everyone is a mistake, unless it says that this is meant."""
    config = {**config, "server": {"host": "0.0.0.0"}}
    with running_gateway(config, tmp_path, KEYS) as own:
        line = edit(own, config, REFUSED, keys=[])
        stranger = await fetch(own.port, "POST", "/v1/chat/completions", question("Who?"))
        meant = edit(own, config, keys=[], server={"host": "127.0.0.1", "open": True})
        guest = await fetch(own.port, "POST", "/v1/chat/completions", question("Who?"))
    assert "no key is asked for" in line["at_1"]
    assert "keys, server" == meant["changed"]
    assert [401, 200] == [stranger.status, guest.status]


async def test_workers_reload_and_are_not_replaced(pair: Gateway, config: dict[str, Any]) -> None:
    """SIGHUP to the one that was started reaches every worker, and each goes on with what it has."""
    await ready(pair)
    workers = workers_of(pair)
    hang_up(pair, UNCHANGED)
    write(pair, {**config, "server": {"workers": 2}, "keys": [ALICE, BOB]})
    for _ in workers:
        pair.child.wait_line(APPLIED)
    told = {(await ask(pair, "Who?", "BOB_KEY")).status for _ in range(8)}
    assert ({200}, workers, 2) == (told, workers_of(pair), len(workers))


async def test_a_worker_that_dies_beside_a_bad_file_takes_no_other_along(
    pair: Gateway, config: dict[str, Any]
) -> None:
    """The others serve what the file said before; a new one comes when the file is mended."""
    kept = (pair.folder / "weighbridge.yaml").read_bytes()
    write(pair, {**config, "limits": {"media": -1}})
    for _ in range(2):
        pair.child.wait_line(REFUSED)
    os.kill(workers_of(pair)[0], signal.SIGKILL)
    waits = pair.child.wait_line("waits for the configuration to be mended")
    assert (await ask(pair, "Who?")).status == 200
    assert str(pair.folder) not in waits
    (pair.folder / "weighbridge.yaml").write_bytes(kept)
    pair.child.wait_line("configuration loaded", 60.0)
    assert (await ask(pair, "Who?")).status == 200
    assert "stopping the parent" not in pair.child.output()


def workers_of(gateway: Gateway) -> list[int]:
    """Process ids of the workers."""
    supervisor = gateway.child.process.pid
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_without_a_file_sighup_ends_the_process(tmp_path: Path, workers: str) -> None:
    """Nothing is there to reload, and a closed terminal must not leave a gateway with keys behind."""
    with running_gateway(None, tmp_path, KEYS, "--workers", workers) as own:
        own.child.process.send_signal(signal.SIGHUP)
        own.child.process.wait(20)
        assert own.child.process.returncode is not None


async def test_a_file_that_lost_its_keys_is_refused(own: Gateway, config: dict[str, Any]) -> None:
    """A deleted line must not open the gateway to whoever reaches it, on this machine or behind a proxy."""
    told = edit(own, config, REFUSED, keys=[])
    assert "server.open" in json.dumps(told)
    assert (await fetch(own.port, "GET", "/v1/models")).status == 401
