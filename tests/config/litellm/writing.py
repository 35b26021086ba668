"""LiteLLM files as tests write them, and what settings come to."""

from typing import Any

import yaml

from gateway.config import Settings


def row(name: str, model: str, info: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
    """One row of a `model_list`."""
    told = {} if info is None else {"model_info": info}
    return {"model_name": name, "litellm_params": {"model": model, **params}, **told}


def document(*rows: dict[str, Any], **sections: Any) -> str:
    """A file of these rows."""
    return yaml.safe_dump({"model_list": list(rows), **sections}, sort_keys=False)


def told(settings: Settings) -> list[str]:
    """The warnings, each as its place and its words."""
    return [f"{warning.path}: {warning.message}" for warning in settings.warnings]


def candidates(settings: Settings, name: str) -> list[str]:
    """What may answer under a name."""
    return [item.name for item in settings.groups[name].candidates]
