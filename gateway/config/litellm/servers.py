"""LiteLLM's provider prefixes, and the entries of `providers` that rows come to.

Keys and addresses belong to rows there and to providers here: rows that share them share a provider, and
a second key for `openai` becomes `openai-2`. A server with an address of its own is named after its host.
"""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

from gateway.config import values
from gateway.config.mistakes import Notes, Place
from gateway.providers import Provider

_LONGEST: Final = 32


class Kind(Struct, frozen=True):
    """What a prefix means. `row`: the shipped provider it is. `base`: its usual address, ending in `ending`.

    `bases`, `keys`: environment names for both. `own`: a server that whoever uses it runs, so a call costs
    no dollars unless they say so. `label`: its name when it runs on this machine.
    """

    row: str | None = None
    base: str | None = None
    bases: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    ending: str = ""
    own: bool = False
    label: str | None = None
    movable: bool = True


_OLLAMA: Final = Kind(
    base="http://localhost:11434", bases=("OLLAMA_API_BASE",), ending="/v1", own=True, label="ollama"
)
_VLLM: Final = Kind(bases=("HOSTED_VLLM_API_BASE",), keys=("HOSTED_VLLM_API_KEY",), own=True, label="vllm")
_ANY: Final = Kind()


def _hosted(base: str, *keys: str) -> Kind:
    # LiteLLM's pattern: DEEPSEEK_API_BASE beside DEEPSEEK_API_KEY.
    return Kind(base=base, keys=keys, bases=tuple(key.replace("_API_KEY", "_API_BASE") for key in keys))


KINDS: Final[dict[str, Kind]] = {
    "openai": Kind(row="openai", bases=("OPENAI_BASE_URL", "OPENAI_API_BASE")),
    "anthropic": Kind(row="anthropic", bases=("ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"), ending="/v1"),
    # With an address of one's own LiteLLM speaks Google's native API there, we OpenAI's.
    "gemini": Kind(row="gemini", movable=False),
    "mistral": Kind(row="mistral", bases=("MISTRAL_API_BASE",)),
    "xai": Kind(row="xai", bases=("XAI_API_BASE",)),
    "hosted_vllm": _VLLM,
    "vllm": _VLLM,
    "ollama": _OLLAMA,
    "ollama_chat": _OLLAMA,
    "lm_studio": Kind(bases=("LM_STUDIO_API_BASE",), own=True, label="lm-studio"),
    "llamafile": Kind(
        base="http://127.0.0.1:8080/v1", bases=("LLAMAFILE_API_BASE",), own=True, label="llamafile"
    ),
    "openai_like": _ANY,
    "custom_openai": _ANY,
    "aiohttp_openai": _ANY,
    "litellm_proxy": Kind(bases=("LITELLM_PROXY_API_BASE",), keys=("LITELLM_PROXY_API_KEY",)),
    "groq": _hosted("https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    "deepseek": _hosted("https://api.deepseek.com/v1", "DEEPSEEK_API_KEY"),
    "together_ai": _hosted(
        "https://api.together.xyz/v1", "TOGETHERAI_API_KEY", "TOGETHER_AI_API_KEY", "TOGETHER_API_KEY"
    ),
    "fireworks_ai": _hosted(
        "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY"
    ),
    "openrouter": _hosted("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    "cerebras": _hosted("https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"),
    "nvidia_nim": _hosted("https://integrate.api.nvidia.com/v1", "NVIDIA_NIM_API_KEY"),
    "sambanova": _hosted("https://api.sambanova.ai/v1", "SAMBANOVA_API_KEY"),
    "deepinfra": _hosted("https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY"),
}


class Server(Struct, frozen=True):
    """Where a row is served: `base` None is the kind's shipped address, `key` a reference to a secret."""

    prefix: str
    kind: Kind
    base: str | None = None
    key: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


class Servers:
    """Gives each server of a file its provider.

    `usual`: the environment variable that holds a shipped provider's key. `own`: providers that the file
    names in our words.
    """

    def __init__(
        self, rows: Mapping[str, Provider], usual: Mapping[str, str], own: frozenset[str], notes: Notes
    ) -> None:
        self._rows = rows
        self._usual = usual
        self._own = own
        self._notes = notes
        self._names: dict[Server, str] = {}
        self._waits: dict[str, float] = {}
        self.entries: dict[str, dict[str, Any]] = {}

    def name(self, server: Server, place: Place, wait: float | None = None) -> str:
        """The provider of a server; `place`: its row's `litellm_params`. `wait`: seconds for an answer."""
        server = self._plain(server)
        row = server.kind.row
        if row in self._own and server == Server(server.prefix, server.kind):
            return row
        name = self._names.get(server)
        if name is None:
            name = self._free(server)
            self._names[server] = name
            self.entries[name] = self._entry(name, server)
            for key, origin in (
                ("api_key", "api_key"),
                ("base_url", "api_base"),
                ("headers", "extra_headers"),
            ):
                self._notes.written(("providers", name, key), (*place, origin))
            self._notes.written(("providers", name), place)
        if wait is not None:
            self._wait(name, wait, place)
        return name

    def _plain(self, server: Server) -> Server:
        """Without an address and a key that are the usual ones, and prefixes of one kind made equal."""
        row = server.kind.row
        usual = self._rows[row].base_url if row else server.kind.base
        base = server.base
        if base is not None and server.kind.ending and not base.rstrip("/").endswith(server.kind.ending):
            base = base.rstrip("/") + server.kind.ending
        if base is not None and usual is not None and base.rstrip("/") == usual:
            base = None
        if row is None and base is None and usual is not None:
            base = usual + ("" if usual.endswith(server.kind.ending) else server.kind.ending)
        prefix = next(key for key, kind in KINDS.items() if kind == server.kind)
        variable = self._usual.get(row or "")
        usual_key = base is None and server.key in {f"os.environ/{variable}", f"env/{variable}"}
        return Server(prefix, server.kind, base, None if usual_key else server.key, server.headers)

    def _entry(self, name: str, server: Server) -> dict[str, Any]:
        row = server.kind.row
        entry: dict[str, Any] = {}
        if row is None:
            entry |= {"dialect": "openai", "base_url": server.base}
        elif name != row:
            entry |= {"like": row} | ({"base_url": server.base} if server.base else {})
        if server.key is not None:
            entry["api_key"] = server.key
        if server.headers:
            entry["headers"] = dict(server.headers)
        return entry

    def _wait(self, name: str, wait: float, place: Place) -> None:
        """How long to wait is the provider's here: the longest of its rows."""
        before = self._waits.get(name)
        if before is not None and before != wait:
            self._notes.warning(
                (*place, "timeout"), f"differs from other rows of {name}: the longest holds for all"
            )
        longest = max(wait, before or 0)
        self._waits[name] = longest
        text = f"{longest:.6f}".rstrip("0").rstrip(".") + "s"
        # LiteLLM's time holds for the whole answer; one that does not stream has its head at its end.
        self.entries[name]["timeout"] = {"first_byte": text, "total": text}
        self._notes.written(("providers", name, "timeout"), (*place, "timeout"))

    def _free(self, server: Server) -> str:
        """A name that no other server has."""
        wanted, port = self._wanted(server)
        taken = {*self._own, *self.entries, *(set(self._rows) - {server.kind.row})}
        if server.base is not None and server.kind.row:
            taken.add(server.kind.row)
        numbered = (f"{wanted[: _LONGEST - 4]}-{number}" for number in range(2, 1000))
        ported = [f"{wanted[: _LONGEST - 6]}-{port}"] if port else []
        return next(name for name in (wanted, *ported, *numbered) if name not in taken)

    @staticmethod
    def _wanted(server: Server) -> tuple[str, int | None]:
        hosted = server.kind.row or (server.prefix if server.kind.base and not server.kind.own else None)
        if hosted and (server.base is None or server.base == server.kind.base):
            return hosted, None
        host, port = _address(server.base or "")
        if server.kind.label and is_here(host):
            return server.kind.label, port
        slug = re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-")[:_LONGEST].strip("-")
        return (slug if values.matches(values.PROVIDER_NAME, slug) else "server"), port


def is_here(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host in {"localhost", "host.docker.internal"}
    return address.is_loopback or address.is_unspecified


def _address(base: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(base)
        port = parts.port
    except ValueError:
        return "", None
    return parts.hostname or "", port
