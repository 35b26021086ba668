"""LiteLLM's settings beside the rows: the cache, the master key, retries, aliases."""

from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from msgspec import Struct

from gateway.config.litellm.tree import Desk, Section
from gateway.config.mistakes import Place, is_credential

_SECONDS: Final = "a number of seconds"
_TRIES: Final = "a whole number of tries"
_MOST: Final = 10
_KEPT: Final = ("local", "redis", "redis-semantic", "redis-cluster")
_CHAT: Final = frozenset({"completion", "acompletion"})
_SECRETS: Final = ("KEY", "TOKEN", "SECRET", "PASSWORD")
_USED: Final = frozenset(
    {"REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_USERNAME", "REDIS_URL", "LITELLM_MASTER_KEY"}
)


class Rest(Struct, frozen=True):
    """`cache`, `key`: entries in our shape. `tries`: candidates to try. `wait`: seconds for an answer."""

    cache: dict[str, Any]
    key: dict[str, Any] | None
    tries: int | None
    wait: Decimal | None
    aliases: dict[str, tuple[str, Place]]


def environment(section: Section, desk: Desk, used: frozenset[str]) -> None:
    """`environment_variables`: what the file sets. `used`: names that mean something here."""
    for name in section:
        value = section.take(name)
        text = desk.resolved(str(value), section.at(name)) if isinstance(value, str | int | Decimal) else None
        if text is None:
            continue
        if name not in used | _USED:
            desk.ignore(section.at(name))
        elif any(word in name for word in _SECRETS):
            desk.secret(value, section.at(name))
        desk.environment[name] = text


def rest(litellm: Section, general: Section, router: Section, desk: Desk) -> Rest:
    """The settings beside the rows."""
    if litellm.take("api_base") is not None:
        # Ignored it would send keys and prompts to another host than they went to before.
        where = "moves every row there; write it as `api_base` in each row's litellm_params"
        desk.notes.mistake(litellm.at("api_base"), where)
    found = Rest(
        cache=_cache(litellm, desk),
        key=_master(general, desk),
        tries=_tries(litellm, router),
        wait=_wait(litellm, router),
        aliases=_aliases(router.section("model_group_alias")),
    )
    for section in (litellm, general, router):
        section.close()
    return found


def _master(general: Section, desk: Desk) -> dict[str, Any] | None:
    place = general.at("master_key")
    key = desk.secret(general.take("master_key"), place)
    if key is None and desk.environment.get("LITELLM_MASTER_KEY", "").strip():
        key = "env/LITELLM_MASTER_KEY"
    return None if key is None else {"name": "master", "key": key}


def _tries(litellm: Section, router: Section) -> int | None:
    """How many candidates are tried: LiteLLM counts retries, we count tries."""
    found = [section.number("num_retries", _TRIES) for section in (router, litellm)]
    retries = next((number for number in found if number is not None), None)
    return None if retries is None else min(int(retries) + 1, _MOST)


def _wait(litellm: Section, router: Section) -> Decimal | None:
    found = (router.number("timeout", _SECONDS), litellm.number("request_timeout", _SECONDS))
    return next((number for number in found if number is not None), None)


def _aliases(section: Section) -> dict[str, tuple[str, Place]]:
    """Other names of a `model_name`."""
    found: dict[str, tuple[str, Place]] = {}
    for alias in section:
        target = section.take(alias)
        if isinstance(target, dict):
            inner = section.section(alias)
            inner.take("hidden")
            target = inner.text("model")
            inner.close()
        else:
            target = section.text(alias)
        if target is not None:
            found[alias] = (target, section.at(alias))
    return found


def _cache(litellm: Section, desk: Desk) -> dict[str, Any]:
    """LiteLLM keeps answers only when told to, so a file that does not tell has no cache."""
    on = litellm.flag("cache")
    params = litellm.section("cache_params")
    off = {"store": "off"}
    kind = params.text("type") or ("redis" if _redis_known(params, desk) else "local")
    mode, calls = params.text("mode"), params.take("supported_call_types")
    ttl = params.number("ttl", _SECONDS)
    store = _redis(params, desk) if kind.startswith("redis") else "memory"
    if not on:
        return off
    if kind not in _KEPT:
        desk.ignore(params.at("type"), "answers are kept in memory; `redis` is the other store")
    elif kind == "redis-semantic":
        desk.ignore(params.at("type"), "answers are kept by exact content, in the same Redis")
    elif kind == "redis-cluster":
        desk.ignore(params.at("type"), "the node of `host` is taken for a single server")
    params.close()
    if mode == "default_off":
        desk.ignore(params.at("mode"), "a cache cannot be asked for by each request, so it is off")
        return off
    if isinstance(calls, list) and _CHAT.isdisjoint(map(str, calls)):
        desk.ignore(
            params.at("supported_call_types"),
            "only chat is served, and it is not among them: the cache is off",
        )
        return off
    kept = {} if ttl is None else {"ttl": f"{ttl:f}s"}
    return {"store": store, **kept} if store is not None else off


def _redis_known(params: Section, desk: Desk) -> bool:
    return bool({"host", "url", "redis_url"} & set(params)) or bool(
        desk.environment.get("REDIS_HOST") or desk.environment.get("REDIS_URL")
    )


def _redis(params: Section, desk: Desk) -> str | None:
    """The address of the Redis, as a reference where it holds a password; None when it cannot be told."""
    for key in ("url", "redis_url"):
        value = params.text(key)
        if value is not None:
            return value if _plain(value) else desk.secret(value, params.at(key))
    host, port = _of(params, desk, "host"), _of(params, desk, "port") or "6379"
    password, user = _of(params, desk, "password"), _of(params, desk, "username") or ""
    number = params.number("db", "a whole number")
    scheme = "rediss" if params.flag("ssl") else "redis"
    if password and not str(params.take("password") or "os.environ/").startswith("os.environ/"):
        desk.secret(params.take("password"), params.at("password"))
    if host is None:
        if desk.environment.get("REDIS_URL", "").strip():
            return "env/REDIS_URL"
        desk.unset(params.place, "needs a `host`, or the environment variable REDIS_HOST")
        return None
    name = f"[{host}]" if ":" in host else host
    tail = f"{name}:{port}/{int(number or 0)}"
    if not password and not user:
        return f"{scheme}://{tail}"
    return desk.hidden(f"{scheme}://{quote(user, safe='')}:{quote(password or '', safe='')}@{tail}")


def _of(params: Section, desk: Desk, key: str) -> str | None:
    """A parameter of the Redis: of the file, else of the environment."""
    value = params.take(key)
    if value is None:
        return desk.environment.get(f"REDIS_{key.upper()}", "").strip() or None
    return desk.resolved(str(value), params.at(key))


def _plain(url: str) -> bool:
    """Whether an address holds no secret."""
    return "@" not in url and "?" not in url and not url.startswith("os.environ/") and not is_credential(url)
