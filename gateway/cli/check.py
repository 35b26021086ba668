"""`weighbridge check`: is the configuration right, and what does it come to?"""

import json
from pathlib import Path

import click

from gateway.cli import configuration
from gateway.config import Settings, json_schema

_MOST = 8


@click.command(epilog="Example: weighbridge check --config weighbridge.yaml")
@configuration.option
@click.option("--schema", is_flag=True, help="Print the JSON Schema of the file, for editors, and end.")
def check(path: Path | None, *, schema: bool) -> None:
    """Check the configuration and tell what it comes to.

    Prints all mistakes at once, each with its line and place, and ends with exit code 2. Sends nothing.
    """
    if schema:
        click.echo(json.dumps(json_schema(), indent=2))
        return
    found = configuration.settings(path)
    click.echo(summary(found), nl=False)
    configuration.warn(found)


def summary(settings: Settings) -> str:
    """What the settings come to, without any secret."""
    head = f"{settings.source}: good" if settings.source else "no file: what the environment offers"
    rows = {
        "providers": _providers(settings),
        "answers": answers(settings),
        "keys": _keys(settings),
        "cache": _cache(settings),
        "accounts": settings.accounts.path or settings.accounts.store,
        "listens": f"{settings.server.host} port {settings.server.port}",
    }
    return "\n".join([head, *(f"  {name:<10} {text}" for name, text in rows.items())]) + "\n"


def answers(settings: Settings) -> str:
    """The names that answer: the operator's own, then how many by provider/model."""
    own = [name for name in settings.groups if "/" not in name]
    direct = len(settings.groups) - len(own)
    words = [*own[:_MOST], *(["..."] if len(own) > _MOST else [])]
    if direct:
        words.append(f"{direct} more as provider/model" if own else f"{direct} as provider/model")
    return ", ".join(words) or "nothing: no provider has a key"


def _providers(settings: Settings) -> str:
    used = [name for name, provider in settings.providers.items() if provider.credentials == "present"]
    return ", ".join(used) or "none has a key"


def _keys(settings: Settings) -> str:
    if not settings.keys:
        return "none: whoever reaches the gateway may use it"
    tenants = {key.principal.tenant for key in settings.keys}
    return f"{len(settings.keys)}, of {len(tenants)} tenant{'s' if len(tenants) > 1 else ''}"


def _cache(settings: Settings) -> str:
    cache = settings.cache
    if cache.store == "off":
        return "off"
    size = f", at most {cache.max_bytes / 2**20:g} MiB" if cache.store == "memory" else ""
    return f"{cache.address}, kept {cache.ttl:g} s{size}"
