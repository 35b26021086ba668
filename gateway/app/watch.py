"""Whether a configuration has other content than before: its file, and the secrets' files it names.

Asked again and again rather than told: what the kernel tells of files is not told of network mounts, and
of Kubernetes it tells about a link and not about the file. `stat` follows links, so a swapped
`..data` is another inode. A file is looked into only when its stamp is another one, and only once that
stamp has stood still for a look: an editor may be half-way through.
"""

import re
import stat
from pathlib import Path
from typing import Final, TypeAlias

from gateway import _core

# (mtime in ns, ctime in ns, inode, size); ctime tells of a mended permission. None: it is not there.
Stamp: TypeAlias = tuple[int, int, int, int] | None

_MOST_BYTES: Final = 1_048_576
_MOST_SECRETS: Final = 256
# A reference as it stands in YAML or JSON. One with a space or a quote in its path is not watched; SIGHUP
# reads that one too.
_SECRET: Final = re.compile(rb"(?<![\w./-])file/([^\s'\"\[\]{},#]+)")


class Watch:
    """Asks the disk; every method blocks for as long as that takes. Keeps digests and no content."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._secrets: tuple[Path, ...] = ()
        self._seen: tuple[Stamp, ...] | None = None
        self._still = False
        self._digest = ""

    def changed(self) -> bool:
        """Whether there is other content than when `mark` or a `changed` that was true last looked."""
        stamps = self._stamps()
        if stamps != self._seen:
            self._seen, self._still = stamps, True
            return False
        if not self._still:
            return False
        self._still = False
        before = self._digest
        self._look()
        return self._digest != before

    def mark(self) -> None:
        """What is there now is what will be read: only later changes count."""
        self._seen, self._still = self._stamps(), False
        self._look()

    def _look(self) -> None:
        content = _content(self._path)
        names = {name.decode(errors="surrogateescape") for name in _SECRET.findall(content)}
        secrets = tuple(self._path.parent / name for name in sorted(names)[:_MOST_SECRETS])
        if secrets != self._secrets:
            self._secrets, self._seen = secrets, None
        self._digest = _core.digest(content, *(_content(path) for path in secrets))

    def _stamps(self) -> tuple[Stamp, ...]:
        return tuple(_stamp(path) for path in (self._path, *self._secrets))


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size


def _content(path: Path) -> bytes:
    """The bytes, none where they cannot be read: why is for the loader to say."""
    try:
        # A pipe or a device would block for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            return b""
        with path.open("rb") as opened:
            return opened.read(_MOST_BYTES)
    except (OSError, ValueError):
        return b""
