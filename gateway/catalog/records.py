"""Where the catalog's records come from: the shipped files, and overlays of the operator."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias

Raw: TypeAlias = Mapping[str, Any]


def of_package(mistakes: list[str]) -> list[tuple[str, Raw]]:
    """The files of the package, by name."""
    folder = resources.files("gateway.catalog") / "data"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return [(file.name, _toml(file.name, file.read_text("utf-8"), mistakes)) for file in files]


def of_operator(overlays: Sequence[Path | Raw], mistakes: list[str]) -> list[tuple[str, Raw]]:
    """Files and documents that are laid over the shipped ones, in their order."""
    found: list[tuple[str, Raw]] = []
    for number, overlay in enumerate(overlays):
        if isinstance(overlay, Path):
            try:
                text = overlay.read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                mistakes.append(f"{overlay.name}: cannot be read as UTF-8 text")
                continue
            found.append((overlay.name, _toml(overlay.name, text, mistakes)))
        else:
            found.append((f"overlay {number}", overlay))
    return found


def _toml(place: str, text: str, mistakes: list[str]) -> Raw:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        mistakes.append(f"{place}: {error}")
        return {}


def gather(
    into: dict[str, list[tuple[str, Raw]]], document: Raw, section: str, file: str, mistakes: list[str]
) -> None:
    """Put a section's records under their names; a file's records replace those of earlier files."""
    records, defaults = document.get(section, ()), document.get("defaults", {})
    if not isinstance(records, (list, tuple)) or not isinstance(defaults, Mapping):
        mistakes.append(f"{file}: {section}: tables are needed: `[[{section}]]`, under one `[defaults]`")
        return
    seen: set[str] = set()
    for number, record in enumerate(records):
        name = record.get("name") if isinstance(record, Mapping) else None
        if not isinstance(name, str):
            mistakes.append(f"{file}: {section}[{number}]: `name` is missing")
            continue
        if name not in seen:
            into[name] = []
            seen.add(name)
        whole = _under(defaults, record) if defaults and section == "model" else record
        into[name].append((f"{file}: {section}[{number}] {name}", whole))


def _under(defaults: Raw, record: Raw) -> Raw:
    """A record over its file's defaults; of `limits` each single figure can be overridden."""
    merged = {**defaults, **record}
    usual, own = defaults.get("limits"), record.get("limits")
    if isinstance(usual, Mapping) and isinstance(own, Mapping):
        merged["limits"] = {**usual, **own} | {
            kind: {**usual[kind], **own[kind]}
            for kind in usual.keys() & own.keys()
            if isinstance(usual[kind], Mapping) and isinstance(own[kind], Mapping)
        }
    return merged
