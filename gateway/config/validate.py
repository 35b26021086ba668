"""Plain values against the schema, entry by entry, so that one bad entry hides no other mistake."""

import re
from collections.abc import Collection
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.config import schema, values
from gateway.config.mistakes import Notes, Place, did_you_mean, is_credential, one_of
from gateway.config.text import Source

# Without the wrong items; then without the wrong members; then without those that this made wrong.
_ROUNDS: Final = 3

SectionT = TypeVar("SectionT", bound=schema.Section)

_NAMES: Final = {
    values.MODEL_NAME: "must be a model name: letters, digits and . _ : / @ + -, at most 128",
    values.PROVIDER_NAME: "must be a provider name: lower-case letters, digits, - and _, at most 32",
    values.LABEL: "must be a name: letters, digits and . _ -, at most 64",
}

_TYPES: Final = {
    "missing": "is missing",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must hold keys and values",
    "model_type": "must hold keys and values",
    "model_attributes_type": "must hold keys and values",
    "none_required": "is not available yet: leave it out, or write null",
}

_BOUNDS: Final = {
    "greater_than_equal": ("must be at least", "ge"),
    "less_than_equal": ("must be at most", "le"),
    "too_short": ("must have this many entries at least:", "min_length"),
    "too_long": ("must have this many entries at most:", "max_length"),
}


class Validation:
    """The sections of one file as the schema sees them.

    Of an entry with a mistake the members without one remain, so that what they refer to is looked at too;
    `Section.lost` tells which are gone. `uncertain`: sections of which some names are not known.
    """

    def __init__(self, source: Source, notes: Notes) -> None:
        self.uncertain: set[str] = set()
        self._value = source.value
        self._notes = notes
        self._keys()

    def section(self, name: str, model: type[SectionT]) -> SectionT:
        """A section of its own; its defaults when it has a mistake."""
        found = self._entry(model, self._value.get(name), (name,))
        return model() if found is None else found

    def named(self, name: str, model: type[SectionT], pattern: str) -> dict[str, SectionT]:
        """A section of named entries, in the order of the file."""
        section = self._value.get(name)
        if section is not None and not isinstance(section, dict):
            self._notes.mistake((name,), "must hold names, each with its own keys")
            self.uncertain.add(name)
        entries: dict[str, SectionT] = {}
        for key in self.names(name):
            if not values.matches(pattern, key):
                self._notes.mistake((name, key), _NAMES[pattern])
                self.uncertain.add(name)
                continue
            if is_credential(key):
                self._notes.mistake((name, key), values.NO_NAME)
                self.uncertain.add(name)
                continue
            entry = self._entry(model, section[key], (name, key)) if isinstance(section, dict) else None
            if entry is not None:
                entries[key] = entry
        return entries

    def listed(self, name: str, model: type[SectionT]) -> dict[int, SectionT]:
        """A section that is a list: its entries by their index."""
        section = self._value.get(name)
        if section is None:
            return {}
        if not isinstance(section, list):
            self._notes.mistake((name,), "must be a list: each entry begins with `- `")
            self.uncertain.add(name)
            return {}
        entries = {index: self._entry(model, value, (name, index)) for index, value in enumerate(section)}
        if any(entry is None or entry.lost("name", "tenant") for entry in entries.values()):
            self.uncertain.add(name)
        return {index: entry for index, entry in entries.items() if entry is not None}

    def names(self, name: str) -> list[str]:
        """The names of a section, those of broken entries too."""
        section = self._value.get(name)
        return list(section) if isinstance(section, dict) else []

    def _keys(self) -> None:
        for key in self._value:
            if key not in schema.File.model_fields:
                self._notes.mistake((key,), _unknown(schema.File, (key,)))

    def _entry(self, model: type[SectionT], value: Any, place: Place) -> SectionT | None:
        try:
            # A key with nothing after it (`openai:`) means the defaults.
            return model.model_validate({} if value is None else value)
        except ValidationError as error:
            for detail in error.errors(include_url=False, include_input=True):
                inner = tuple(step for step in detail["loc"] if step != "[key]")
                self._notes.mistake((*place, *inner), _said(model, place, inner, detail))
            return _remains(model, value, error) if isinstance(value, dict) else None


def _remains(model: type[SectionT], value: dict[str, Any], error: ValidationError) -> SectionT | None:
    """What is left of an entry without the places that are wrong; None when nothing can be made of it."""
    lost = _places(error)
    for _ in range(_ROUNDS):
        try:
            return model.model_validate(_pruned(model, value, lost)).without(lost)
        except ValidationError as again:
            # A list may be too short now, or a mistake lie deeper: then the whole member goes.
            lost = {place[:1] for place in lost | _places(again)}
    return None


def _places(error: ValidationError) -> set[Place]:
    """The members that are wrong, and of a member that holds others the one within it."""
    return {detail["loc"][:2] for detail in error.errors(include_url=False, include_input=False)}


def _pruned(model: type[BaseModel], value: dict[str, Any], lost: Collection[Place]) -> dict[str, Any]:
    """A value without these places, of one step or two; a stand-in for a member that must be there."""
    left: dict[str, Any] = {}
    for name, member in value.items():
        if (name,) in lost:
            continue
        if isinstance(member, list):
            left[name] = [item for index, item in enumerate(member) if (name, index) not in lost]
        elif isinstance(member, dict):
            left[name] = {key: item for key, item in member.items() if (name, key) not in lost}
        else:
            left[name] = member
    needed = {name: field for name, field in model.model_fields.items() if field.is_required()}
    # Nobody looks at it: the member is told as lost.
    return {name: field.examples[0] for name, field in needed.items() if field.examples} | left


def _said(model: type[BaseModel], place: Place, inner: Place, detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(model, inner, place)
    if kind == "literal_error":
        return _choice(str(context.get("expected", "")), detail["input"])
    if kind == "string_pattern_mismatch":
        return _NAMES.get(str(context.get("pattern")), "is not written as it should be")
    if kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        return f"{words} {context[bound]}"
    return detail["msg"] if kind == "config" else _TYPES.get(kind, "is not what belongs here")


def _choice(expected: str, given: object) -> str:
    """`expected` as pydantic lists it: 'a', 'b' or 'c'."""
    near = did_you_mean(given, re.findall("'([^']*)'", expected)) if isinstance(given, str) else ""
    return f"must be {expected}" + (f": {near}" if near else "")


def _unknown(model: type[BaseModel], inner: Place, place: Place = ()) -> str:
    """What to say of a key that the schema does not have."""
    full = (*place, *inner)
    spelled = {
        ".".join("*" if index == hidden else str(step) for index, step in enumerate(full))
        for hidden in (-1, 1)
    }
    for name in spelled:
        if name in schema.NOT_YET:
            return schema.NOT_YET[name]
    known = _fields(model, inner[:-1])
    hint = did_you_mean(str(inner[-1]), known) or (
        f"known here: {one_of(known)}" if known else "nothing can be set here yet"
    )
    return f"is not a key we know: {hint}"


def _fields(model: type[BaseModel], inner: Place) -> frozenset[str]:
    """The keys of the section that `inner` leads to."""
    for step in inner:
        field = model.model_fields.get(str(step))
        kinds = () if field is None else (field.annotation, *get_args(field.annotation))
        nested = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if nested:
            model = nested[0]
    return frozenset(model.model_fields)
