"""What is wrong with a configuration: everything at once, each with its place."""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from msgspec import Struct

Place: TypeAlias = tuple[str | int, ...]

# A key is shown only when it looks like a name: a credential pasted in the wrong place stays hidden.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./:@+-]{0,63}")
# What keys of providers look like, and long runs of letters and digits.
_CREDENTIAL = re.compile(
    r"(?:(?:sk|pk|rk|xai)-|gsk_|ghp_|aiza|bearer|eyj)(?=\S*[0-9])\S{16,}|(?=\S*[0-9])[a-z0-9]{32,}",
    re.IGNORECASE,
)


class Mistake(Struct, frozen=True):
    """One mistake, or one warning. `line` starts at 1; None when no line is to blame."""

    file: str
    line: int | None
    path: str
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return ": ".join(word for word in (place, self.path, self.message) if word)


class ConfigError(Exception):
    """A configuration that cannot be used. `mistakes`: all that was found, in the order of the file."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


class Notes:
    """Collects mistakes and warnings while a file is read; knows the line of every place in it."""

    def __init__(self, file: str, lines: Mapping[Place, int]) -> None:
        self._file = file
        self._lines = lines
        self._origins: dict[Place, Place] = {}
        self._mistakes: list[Mistake] = []
        self._warnings: list[Mistake] = []

    def written(self, place: Place, origin: Place) -> None:
        """What stands at `place` after a file was rewritten, its author wrote at `origin`."""
        self._origins.setdefault(place, origin)

    def mistake(self, place: Place, message: str) -> None:
        """Something that must be put right."""
        self._mistakes.append(self._at(place, message))

    def warning(self, place: Place, message: str) -> None:
        """Something that works, but hardly as it was meant."""
        self._warnings.append(self._at(place, message))

    @property
    def warnings(self) -> tuple[Mistake, ...]:
        """In the order of the file."""
        return tuple(sorted(self._warnings, key=_by_line))

    def check(self) -> None:
        """Raise `ConfigError` with all mistakes, if there are any."""
        if self._mistakes:
            raise ConfigError(sorted(self._mistakes, key=_by_line))

    def _at(self, place: Place, message: str) -> Mistake:
        ends = range(len(place), 0, -1)
        place = next((self._origins[place[:end]] for end in ends if place[:end] in self._origins), place)
        found = next((place[:end] for end in range(len(place), -1, -1) if place[:end] in self._lines), None)
        line = None if found is None else self._lines[found]
        return Mistake(self._file, line, dotted(place), message)


def dotted(place: Place) -> str:
    """A place as people write it: `models[0].candidates[1]`."""
    text = ""
    for step in place:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            name = step if _NAME.fullmatch(step) and not is_credential(step) else "?"
            text += f".{name}" if text else name
    return text


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean ...?` with the nearest known name, or nothing; never the word itself."""
    near = difflib.get_close_matches(word[:128], _shown(known), n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else ""


def one_of(known: Iterable[str], most: int = 12) -> str:
    """The known names as a list for a message, cut when long."""
    names = _shown(known)
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")


def is_credential(text: str) -> bool:
    """Whether a text looks like a key that was pasted where a name belongs."""
    return _CREDENTIAL.match(text) is not None


def _shown(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if not is_credential(name))


def _by_line(mistake: Mistake) -> int:
    return mistake.line or 0
