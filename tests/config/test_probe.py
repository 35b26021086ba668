"""Servers found on this machine, asked over real sockets; the servers are scripted."""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from gateway.catalog import Catalog
from gateway.config import discover, load_settings
from gateway.config.probe import PORTS, VARIABLE, Found, probe
from gateway.providers import PROVIDERS

OLLAMA = {
    "/api/tags": {"models": [{"name": "llama3.2:latest"}, {"name": "seer:7b"}, {"name": "embedder:latest"}]},
    "/api/show llama3.2:latest": {
        "capabilities": ["completion", "tools"],
        "model_info": {"general.architecture": "llama", "llama.context_length": 131072},
    },
    "/api/show seer:7b": {
        "capabilities": ["completion", "vision"],
        "parameters": 'stop "a"\nnum_ctx    8192\n',
        "model_info": {"x.context_length": 32768},
    },
    "/api/show embedder:latest": {"capabilities": ["embedding"]},
}
VLLM = {
    "/v1/models": {
        "object": "list",
        "data": [
            {"id": "Qwen/Qwen2.5-VL-7B-Instruct", "owned_by": "vllm", "max_model_len": 32768},
            {"id": "org/text", "owned_by": "vllm"},
        ],
    }
}
LLAMACPP = {
    "/v1/models": {"data": [{"id": "/home/me/models/tiny.gguf", "owned_by": "llamacpp"}]},
    "/props": {
        "default_generation_settings": {"n_ctx": 4096, "temperature": 0.8},
        "modalities": {"vision": True, "audio": False},
    },
}


class Scripted(ThreadingHTTPServer):
    """Answers by path, and by the model a body names; remembers what it was asked."""

    daemon_threads = True

    def __init__(self, answers: Mapping[str, Any] | bytes) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.asked: list[str] = []


class Handler(BaseHTTPRequestHandler):
    """One request of a scripted server."""

    server: Scripted

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def answer(self) -> None:
        """The scripted answer: JSON, or bytes as they are on the wire."""
        data = self.rfile.read(int(self.headers.get("content-length") or 0))
        key = f"{self.path} {json.loads(data)['model']}" if data else self.path
        self.server.asked.append(key)
        if isinstance(self.server.answers, bytes):
            self.wfile.write(self.server.answers)
            self.close_connection = True
            return
        known = key in self.server.answers
        body = json.dumps(self.server.answers[key] if known else {"error": "no such path"}).encode()
        self.send_response(200 if known else 404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = answer  # noqa: N815 - named by the standard library
    do_POST = answer  # noqa: N815


@contextmanager
def serving(answers: Mapping[str, Any] | bytes) -> Iterator[Scripted]:
    """A scripted server on a free port."""
    with Scripted(answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def closed_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def found_at(name: str, answers: Mapping[str, Any] | bytes) -> tuple[Found, ...]:
    """What the probe for one kind of server makes of these answers."""
    with serving(answers) as server:
        return probe({}, {name: server.server_port})


def test_ollama() -> None:
    """Its models with their abilities and windows; a model that only embeds is none."""
    with serving(OLLAMA) as server:
        (found,) = probe({}, {"ollama": server.server_port})
    assert f"http://127.0.0.1:{server.server_port}/v1" == found.base_url
    assert {"ollama/llama3.2:latest", "ollama/seer:7b"} == set(found.facts)
    text, seer = found.facts["ollama/llama3.2:latest"], found.facts["ollama/seer:7b"]
    assert (["text"], 131072) == (text["input"], text["context_tokens"])
    assert (["text", "image"], 8192) == (seer["input"], seer["context_tokens"])
    assert (True, False) == ("tools" in text["features"], "tools" in seer["features"])


def test_vllm() -> None:
    """Its models with their windows; whether one sees, its family's name tells."""
    (found,) = found_at("vllm", VLLM)
    seer, text = found.facts["vllm/Qwen/Qwen2.5-VL-7B-Instruct"], found.facts["vllm/org/text"]
    assert (["text", "image"], "qwen2-vl", 32768) == (
        seer["input"],
        seer["image_rule"],
        seer["context_tokens"],
    )
    assert ["text"] == text["input"]
    assert "context_tokens" not in text


def test_llamacpp() -> None:
    """Its model with its window; a path on this machine is no name."""
    (found,) = found_at("llamacpp", LLAMACPP)
    (name,) = found.facts
    facts = found.facts[name]
    assert name == "llamacpp/tiny.gguf"
    assert (["text", "image"], 4096) == (facts["input"], facts["context_tokens"])
    assert facts["upstream_model"] == "/home/me/models/tiny.gguf"


def test_what_is_found_answers(catalog: Catalog) -> None:
    """Found models have their names, no key, a stated price of zero, and in `auto` the last place."""
    servers = [*found_at("ollama", OLLAMA), *found_at("vllm", VLLM), *found_at("llamacpp", LLAMACPP)]
    settings = discover(environment={}, catalog=catalog, servers=servers)
    assert {"ollama", "vllm", "llamacpp"} <= set(settings.providers)
    assert settings.providers["ollama"].row.auth == "none"
    assert {"ollama/seer:7b", "vllm/org/text", "llamacpp/tiny.gguf"} <= set(settings.groups)
    known = catalog.merged(settings.facts)
    for name in settings.facts:
        facts = known.get(name)
        assert facts is not None
        assert {"0"} == {rate.rate_usd for rate in facts.rates}
        assert "costs no dollars" in facts.source
        assert facts.standby
    assert set(settings.facts) <= {item.name for item in settings.groups["auto"].candidates}


def test_a_shipped_provider_keeps_its_name(catalog: Catalog) -> None:
    """A server that is called like a provider we know does not take its place."""
    server = Found("openai", "http://127.0.0.1:1/v1", {"openai/gpt-4o": {"input": ["text"]}})
    settings = discover(environment={}, catalog=catalog, servers=[server])
    assert settings == discover(environment={}, catalog=catalog)


def test_nobody_listens() -> None:
    """A port where nobody listens is nothing found."""
    assert () == probe({}, dict.fromkeys(PORTS, closed_port()))


@pytest.mark.parametrize("word", ["off", "OFF", "0", "false"])
def test_turned_off(word: str) -> None:
    """Nobody is asked when the operator says so."""
    with serving(OLLAMA) as server:
        assert () == probe({VARIABLE: word}, {"ollama": server.server_port})
    assert [] == server.asked


def test_nobody_is_asked_beside_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers are looked for only where nothing is configured."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WEIGHBRIDGE_CONFIG", raising=False)
    monkeypatch.delenv(VARIABLE, raising=False)
    with serving(OLLAMA) as server:
        for name, port in {**dict.fromkeys(PORTS, closed_port()), "ollama": server.server_port}.items():
            monkeypatch.setitem(PORTS, name, port)
        assert "ollama/seer:7b" in load_settings().groups
        asked = len(server.asked)
        (tmp_path / "weighbridge.yaml").touch()
        assert "ollama/seer:7b" not in load_settings().groups
        assert asked == len(server.asked)


def test_another_gateway_is_no_server() -> None:
    """A gateway like this one, on any of these ports, is not taken for a model server."""
    models = {"data": [{"id": "openai/gpt-4o", "object": "model", "owned_by": "openai"}]}
    for name in PORTS:
        assert () == found_at(name, {"/v1/models": models})


def test_silence_is_given_up() -> None:
    """A port that takes connections and says nothing ends the wait, not the start."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert () == probe({}, {"ollama": silent.getsockname()[1]}, timeout=0.01)


def test_a_drip_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that never ends its head, and never falls silent, holds up nobody."""
    monkeypatch.setattr("gateway.config.probe.ALL", 0.05)
    ended = threading.Event()

    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not ended.wait(0.005):
                connection.sendall(b"x: y\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,))
        thread.start()
        try:
            assert () == probe({}, {"vllm": listening.getsockname()[1]}, timeout=5)
        finally:
            ended.set()
            thread.join()


@pytest.mark.parametrize(
    "answer", [b"", b"\x00\xff", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}"]
)
@pytest.mark.parametrize("name", PORTS)
def test_what_is_no_answer(name: str, answer: bytes) -> None:
    """Another protocol, or an answer cut short, is nothing found."""
    assert () == found_at(name, answer)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
SHAPES: list[tuple[str, Mapping[str, Any]]] = [("ollama", OLLAMA), ("vllm", VLLM), ("llamacpp", LLAMACPP)]


@pytest.fixture(scope="module")
def scripted() -> Iterator[Callable[[Mapping[str, Any]], int]]:
    """A server whose script can be changed; gives its port."""
    with serving({}) as server:

        def become(answers: Mapping[str, Any]) -> int:
            server.answers = answers
            return int(server.server_port)

        yield become


@tuned(max_examples=60, deadline=None)
@given(st.data())
def test_garbage_is_nothing_found(
    scripted: Callable[[Mapping[str, Any]], int], catalog: Catalog, draw: st.DataObject
) -> None:
    """Whatever an answer holds: what is found of it can be used, or nothing is; nothing is raised."""
    name, answers = draw.draw(st.sampled_from(SHAPES))
    path = draw.draw(st.sampled_from(sorted(answers)))
    changed = {**answers, path: spoiled(answers[path], draw)}
    servers = probe({}, {name: scripted(changed)})
    settings = discover(environment={}, catalog=catalog, servers=servers)
    assert set(settings.facts) <= set(settings.groups)
    assert set(PROVIDERS) <= set(settings.providers)


def spoiled(value: Any, draw: st.DataObject) -> Any:
    """The value with one place, drawn by chance, replaced by anything."""
    if isinstance(value, dict) and value and draw.draw(st.integers(0, 4)):
        key = draw.draw(st.sampled_from(sorted(value)))
        return {**value, key: spoiled(value[key], draw)}
    if isinstance(value, list) and value and draw.draw(st.integers(0, 4)):
        index = draw.draw(st.integers(0, len(value) - 1))
        return [*value[:index], spoiled(value[index], draw), *value[index + 1 :]]
    return draw.draw(JSON)
