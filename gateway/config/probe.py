"""Model servers that run on this machine, asked for what they serve: Ollama, vLLM, llama.cpp.

| server | port | asked | tells |
|---|---|---|---|
| Ollama | 11434 | `/api/tags`, `/api/show` | abilities, and the window: as set, else as trained |
| vLLM | 8000 | `/v1/models` | the window; whether it sees, its name alone |
| llama.cpp | 8080 | `/v1/models`, `/props` | the window, and whether it sees |

Loopback alone, and only when nothing is configured; `WEIGHBRIDGE_PROBE=off` asks nobody. A port where nobody
listens answers at once; one that keeps silent is given up. What answers otherwise than these servers do, a
gateway like this one among them, is no server: garbage is nothing found. A call to a server of the user's own
costs no dollars, so that is its stated price; and as it was found and not configured, `auto` takes it only
when nothing else can carry a request: a price of zero would always win.
"""

import http.client
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from gateway.config import families, values
from gateway.config.mistakes import is_credential

VARIABLE: Final = "WEIGHBRIDGE_PROBE"
HOST: Final = "127.0.0.1"
PORTS: Final[Mapping[str, int]] = {"ollama": 11434, "vllm": 8000, "llamacpp": 8080}
# Seconds: for one answer, and for all.
TIMEOUT: Final = 0.3
ALL: Final = 1.0
_MOST_BYTES: Final = 4_194_304
_MOST_MODELS: Final = 64
_WINDOW: Final = re.compile(r"^num_ctx\s+([0-9]{1,9})\s*$", re.MULTILINE)
_FOLDERS: Final = re.compile(r"^(?:[A-Za-z]:|\.{1,2})?[/\\].*[/\\](?=.)|^[/\\]")
_STANDBY: Final = "a server found on this machine that no configuration names"
# ValueError: also what msgspec says of an answer that is not as it should be.
_BROKEN: Final = (OSError, http.client.HTTPException, ValueError, RecursionError)


class Found(Struct, frozen=True):
    """A server: its provider's name, where its API begins, and facts by model name, `provider/model`."""

    name: str
    base_url: str
    facts: dict[str, dict[str, Any]]


def probe(
    environment: Mapping[str, str], ports: Mapping[str, int] = PORTS, *, timeout: float = TIMEOUT
) -> tuple[Found, ...]:
    """The servers that answer, in the order of `ports`. Never raises; takes `ALL` seconds at most.

    `timeout`: seconds for one answer.
    """
    if environment.get(VARIABLE, "").strip().lower() in {"off", "0", "false", "no"}:
        return ()
    found: dict[str, Found] = {}

    def ask(name: str, port: int) -> None:
        # A thread has nobody to raise to, and whatever answers there is not ours to trust.
        try:
            facts = _SERVERS[name](_Asked(name, port, timeout))
        except _BROKEN:
            return
        if facts:
            found[name] = Found(name, f"http://{HOST}:{port}/v1", facts)

    # Threads, since a server that drips its answer byte by byte never meets a timeout; they end with us.
    threads = [threading.Thread(target=ask, args=item, daemon=True) for item in ports.items()]
    for thread in threads:
        thread.start()
    end = time.monotonic() + ALL
    for thread in threads:
        thread.join(max(end - time.monotonic(), 0))
    return tuple(found[name] for name in ports if name in found)


class _Asked:
    """One server, as it is asked."""

    def __init__(self, name: str, port: int, timeout: float) -> None:
        self.name = name
        self._port = port
        self._timeout = timeout

    def get(self, path: str, kind: Any, body: object = None) -> Any:
        """The answer as `kind`. Raises what `_BROKEN` names."""
        connection = http.client.HTTPConnection(HOST, self._port, timeout=self._timeout)
        try:
            method, data = ("GET", None) if body is None else ("POST", json.dumps(body).encode())
            connection.request(method, path, data, {"content-type": "application/json"})
            answer = connection.getresponse()
            data = answer.read(_MOST_BYTES + 1)
        finally:
            connection.close()
        if answer.status != http.client.OK or len(data) > _MOST_BYTES:
            raise ValueError(answer.status)
        return msgspec.json.decode(data, type=kind)


class _Tag(Struct, frozen=True):
    name: str


class _Tags(Struct, frozen=True):
    models: list[_Tag]


class _Shown(Struct, frozen=True):
    capabilities: list[str] = []
    parameters: str = ""
    model_info: dict[str, Any] = {}


class _Card(Struct, frozen=True):
    id: str
    owned_by: str = ""
    max_model_len: int | None = None


class _Cards(Struct, frozen=True):
    data: list[_Card]


class _Generation(Struct, frozen=True):
    n_ctx: int = 0


class _Modalities(Struct, frozen=True):
    vision: bool = False


class _Props(Struct, frozen=True):
    default_generation_settings: _Generation
    modalities: _Modalities = _Modalities()


def _ollama(server: _Asked) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for tag in server.get("/api/tags", _Tags).models[:_MOST_MODELS]:
        shown: _Shown = server.get("/api/show", _Shown, {"model": tag.name})
        if shown.capabilities and "completion" not in shown.capabilities:
            continue
        given = _WINDOW.search(shown.parameters)
        trained = (size for key, size in shown.model_info.items() if key.endswith(".context_length"))
        window = int(given[1]) if given else next(trained, None)
        tools = "tools" in shown.capabilities or not shown.capabilities
        found |= _model(server, tag.name, window, sees="vision" in shown.capabilities, tools=tools)
    return found


def _vllm(server: _Asked) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for card in server.get("/v1/models", _Cards).data[:_MOST_MODELS]:
        if card.owned_by == "vllm":
            sees = families.image_rule(card.id) is not None
            found |= _model(server, card.id, card.max_model_len, sees=sees)
    return found


def _llamacpp(server: _Asked) -> dict[str, dict[str, Any]]:
    cards = [card for card in server.get("/v1/models", _Cards).data if card.owned_by == "llamacpp"]
    if not cards:
        return {}
    props: _Props = server.get("/props", _Props)
    window, sees = props.default_generation_settings.n_ctx, props.modalities.vision
    found: dict[str, dict[str, Any]] = {}
    for card in cards[:_MOST_MODELS]:
        found |= _model(server, card.id, window, sees=sees)
    return found


_SERVERS: Final[dict[str, Callable[[_Asked], dict[str, dict[str, Any]]]]] = {
    "ollama": _ollama,
    "vllm": _vllm,
    "llamacpp": _llamacpp,
}


def _model(
    server: _Asked, upstream: str, window: object, *, sees: bool, tools: bool = True
) -> dict[str, dict[str, Any]]:
    """The facts of one model under its name here, or nothing where its name cannot be one."""
    # llama.cpp may tell a path: a name is no place for where files lie.
    name = f"{server.name}/{_FOLDERS.sub('', upstream)}"
    if not values.matches(values.MODEL_NAME, name) or is_credential(name.partition("/")[2]):
        return {}
    facts: dict[str, Any] = {
        "upstream_model": upstream,
        "input": ["text"],
        "features": [*(["tools"] if tools else []), "schema", "streaming", "system"],
        "price": {"input": "0", "output": "0"},
        "source": "told by the server on this machine; a call there costs no dollars",
        "standby": _STANDBY,
    }
    if sees:
        facts |= families.sight(name)
    if isinstance(window, int) and not isinstance(window, bool) and 0 < window < 10**9:
        facts["context_tokens"] = window
    return {name: facts}
