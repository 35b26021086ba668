"""References to secrets, resolved. A message names the reference, never the value."""

import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from gateway.types.principal import Secret

MOST_BYTES: Final = 65_536
# What an HTTP header carries without doubt: visible ASCII, no space at either end.
_VISIBLE: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?")


class Vault:
    """Reads environment variables and files. `folder`: where relative `file/PATH` begin."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._environment = environment
        self._folder = folder

    def resolve(self, reference: str) -> Secret | str:
        """The secret, or what is wrong with it in words that can be shown."""
        kind, _, name = reference.partition("/")
        return self._file(name) if kind == "file" else self.variable(name)

    def variable(self, name: str) -> Secret | str:
        """An environment variable as a secret."""
        value = self._environment.get(name, "").strip()
        if not value:
            return f"the environment variable {name} is not set"
        if not is_visible(value):
            return f"the environment variable {name} holds characters that no key has"
        return Secret(value)

    def _file(self, name: str) -> Secret | str:
        try:
            path = self._folder / name
            # A pipe or a device would block the start, or never end.
            if not stat.S_ISREG(path.stat().st_mode):
                return "the file of this secret is not a plain file"
            with path.open("rb") as opened:
                data = opened.read(MOST_BYTES + 1)
        except (OSError, ValueError):
            return "the file of this secret is not there, or may not be read"
        value = data.decode("utf-8", "replace").strip()
        if not value or len(data) > MOST_BYTES or not is_visible(value):
            return "the file of this secret must hold one line of visible characters"
        return Secret(value)


def is_reference(text: str) -> bool:
    """Whether a text is meant as a reference to a secret."""
    return text.startswith(("env/", "os.environ/", "file/"))


def is_visible(text: str) -> bool:
    """Whether a text can be sent in an HTTP header."""
    return _VISIBLE.fullmatch(text) is not None
