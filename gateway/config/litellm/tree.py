"""Sections of the file, read key by key. What nobody takes has no meaning here, and is told."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from gateway.config.litellm.words import MEANINGLESS, WORDS
from gateway.config.mistakes import Notes, Place
from gateway.config.secrets import is_visible

_PREFIX: Final = "os.environ/"
_OURS: Final = ("env/", "file/")
# What people write where a client insists on a key and the server on none.
_PLACEHOLDERS: Final = frozenset(
    {"none", "null", "empty", "fake", "fake-key", "dummy", "dummy-key", "no-key", "not-needed",
     "no-key-needed", "na", "n/a", "anything", "ollama", "lm-studio", "sk-no-key-required"}
)  # fmt: skip
_YES: Final = frozenset({"yes", "on", "true"})
_NO: Final = frozenset({"no", "off", "false"})
_MERGE: Final = "<<"


class Desk:
    """What the readers of one file share: notes, the environment, and what was passed over.

    The file may set environment variables, and secrets in it count as some: `environment` grows.
    """

    def __init__(self, notes: Notes, environment: Mapping[str, str], *, need_secrets: bool) -> None:
        self.notes = notes
        self.environment = dict(environment)
        self.unset = notes.mistake if need_secrets else notes.warning
        self._ignored: dict[Place, tuple[Place, str, int]] = {}
        self._literals: dict[str, str] = {}

    def ignore(self, place: Place, words: str | None = None) -> None:
        """A key without a meaning here. The same key of other rows is counted, not told again."""
        key = tuple("[]" if isinstance(step, int) else step for step in place)
        first, said, count = self._ignored.get(key, (place, words or _words(place), 0))
        self._ignored[key] = (first, said, count + 1)

    def tell(self) -> None:
        """One warning for each key that was ignored."""
        for place, said, count in self._ignored.values():
            more = f" (nor in {count - 1} more place{'s' if count > 2 else ''})" if count > 1 else ""  # noqa: PLR2004 - a plural
            self.notes.warning(place, f"{MEANINGLESS}{more}{': ' + said if said else ''}")

    def resolved(self, value: str, place: Place) -> str | None:
        """A value, or what its `os.environ/NAME` leads to; None when it leads nowhere."""
        if not value.startswith(_PREFIX):
            return value
        name = value.removeprefix(_PREFIX)
        found = self.environment.get(name, "").strip()
        if not found:
            self.unset(place, f"the environment variable {name} is not set")
        return found or None

    def secret(self, value: object, place: Place, *, placeholder: bool = False) -> str | None:
        """A reference to a secret. One that stands in the file becomes a variable that only we see.

        `placeholder`: words such as `fake-key` may stand for no key at all.
        """
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self.notes.mistake(place, "must be text")
            return None
        if value.startswith((_PREFIX, *_OURS)):
            return value
        if placeholder and value.lower() in _PLACEHOLDERS:
            self.notes.warning(place, "is taken for a placeholder: no key is sent")
            return None
        if not is_visible(value):
            self.notes.mistake(place, "holds characters that no key has")
            return None
        self.notes.warning(
            place,
            "a secret stands in the file, for whoever reads it: set an environment variable and write "
            "os.environ/NAME",
        )
        return self.hidden(value)

    def hidden(self, value: str) -> str:
        """A reference to a secret that only we see."""
        name = self._literals.setdefault(value, f"WEIGHBRIDGE_IN_FILE_{len(self._literals) + 1}")
        self.environment[name] = value
        return f"env/{name}"


class Section:
    """Keys and values of one mapping. Empty, with a mistake, where no mapping stands."""

    def __init__(self, value: object, place: Place, desk: Desk) -> None:
        self.place = place
        self._desk = desk
        self._taken: set[str] = set()
        if value is not None and not isinstance(value, dict):
            desk.notes.mistake(place, "must hold keys and values")
        self._values: dict[str, Any] = _merged(value) if isinstance(value, dict) else {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def at(self, key: str) -> Place:
        """The place of a key."""
        return (*self.place, key)

    def take(self, key: str) -> Any:
        """The value of a key, None when there is none."""
        self._taken.add(key)
        return self._values.get(key)

    def section(self, key: str) -> "Section":
        """A section within."""
        return Section(self.take(key), self.at(key), self._desk)

    def text(self, key: str) -> str | None:
        """A text that is not empty."""
        value = self.take(key)
        if value is None or isinstance(value, str):
            return value or None
        self._desk.notes.mistake(self.at(key), "must be text")
        return None

    def known(self, key: str) -> str | None:
        """A text, from the environment where it says so."""
        value = self.text(key)
        return None if value is None else self._desk.resolved(value, self.at(key))

    def number(self, key: str, what: str) -> Decimal | None:
        """A number that is not negative, also one written as text. `what`: what it counts."""
        value = self.take(key)
        if value is None:
            return None
        try:
            found = None if isinstance(value, bool) else Decimal(value)
        except (InvalidOperation, TypeError, ValueError):
            found = None
        if found is None or not found.is_finite() or found < 0:
            self._desk.notes.mistake(self.at(key), f"must be {what}")
            return None
        return found

    def flag(self, key: str) -> bool | None:
        """True or false, also as YAML 1.1 spells them, which is what LiteLLM reads."""
        value = self.take(key)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in _YES | _NO:
            return value.lower() in _YES
        self._desk.notes.mistake(self.at(key), "must be true or false")
        return None

    def ignore(self, key: str, words: str | None = None) -> None:
        """Pass over a key, if it is there, with words of its own."""
        if self.take(key) is not None:
            self._desk.ignore(self.at(key), words)

    def close(self) -> None:
        """Everything that nobody took has no meaning here."""
        for key, value in self._values.items():
            if key not in self._taken and value is not None:
                self._desk.ignore(self.at(key))


def _merged(value: dict[str, Any]) -> dict[str, Any]:
    """With the mappings that YAML 1.1 merges in by `<<`, which is what LiteLLM reads."""
    given = value.get(_MERGE)
    below = [item for item in (given if isinstance(given, list) else [given]) if isinstance(item, dict)]
    if not below:
        return value
    merged: dict[str, Any] = {}
    for item in reversed(below):
        merged |= _merged(item)
    return merged | {key: child for key, child in value.items() if key != _MERGE}


def _words(place: Place) -> str:
    name = str(place[-1])
    section = str(place[-2]) if len(place) > 1 else ""
    return WORDS.get(f"{section}.{name}", WORDS.get(name, ""))
