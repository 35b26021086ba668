"""YAML into plain values, with the line of every one of them.

Only the core of YAML 1.2 is understood, so that a value is what it looks like: `true` and `false` are
the booleans (`off`, `no` and `yes` are text), numbers are decimal, `1:30` is text. Numbers with a point
become `Decimal`. Duplicate keys, tags and repeated documents are mistakes; anchors work.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import yaml
from msgspec import Struct

from gateway.config.mistakes import ConfigError, Mistake, Notes, Place

MOST_BYTES: Final = 1_048_576
MOST_VALUES: Final = 20_000
MOST_DEPTH: Final = 32
MOST_DIGITS: Final = 30

# How PyYAML names a mistake -> how we do. Its own words may quote the file, so they are never shown.
_DEEP: Final = "too deep"
_SAID: Final[tuple[tuple[str, str], ...]] = (
    (_DEEP, f"nested deeper than {MOST_DEPTH} levels"),
    ("found character '\\t'", "a tab: YAML indents with spaces"),
    (
        "mapping values are not allowed",
        "a `:` where none may stand: check the indentation, or quote the value",
    ),
    ("could not find expected ':'", "a key without its `:`"),
    ("found undefined alias", "an alias (`*name`) that no anchor (`&name`) defines"),
    ("found duplicate anchor", "an anchor (`&name`) that is defined twice"),
    ("but found another document", "a second document (`---`): one file holds one configuration"),
    ("found unexpected end of stream", "a quote that is never closed"),
    ("expected <block end>", "the indentation does not fit the lines above"),
    ("expected ',' or", "a `[` or `{` that is never closed, or a missing comma"),
    ("found unknown escape character", "an escape that YAML does not know: use single quotes"),
    ("found character", "a character that cannot start a value: quote it"),
    ("found undefined tag handle", "a tag (`!name`): tags are not used here"),
)


class Source(Struct, frozen=True):
    """A file as read: plain values, and the line (from 1) of every place in it."""

    file: str
    value: dict[str, Any]
    lines: dict[Place, int]


class _Loader(yaml.SafeLoader):
    """Resolves plain scalars by the core schema of YAML 1.2."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML reads it from the class

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Bounded in depth: the scanner's work grows with its square."""
        if self._depth > MOST_DEPTH:
            raise yaml.MarkedYAMLError(problem=_DEEP, problem_mark=self._mark())
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def _mark(self) -> yaml.Mark:
        mark: yaml.Mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # PyYAML's stub
        return mark


def _resolve(tag: str, pattern: str, first: str) -> None:
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{tag}", re.compile(f"(?:{pattern})\\Z"), list(first) or [""]
    )


_resolve("bool", "true|True|TRUE|false|False|FALSE", "tTfF")
_resolve("int", "[-+]?[0-9]+", "-+0123456789")
_resolve("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789")
_resolve("null", "~|null|Null|NULL", "~nN")
_resolve("null", "", "")


def read(data: bytes, file: str) -> tuple[Source, Notes]:
    """Plain values and lines of a file's bytes, and notes that hold the mistakes of form so far.

    Raises `ConfigError` where nothing can be read beyond the mistake.
    """
    lines: dict[Place, int] = {(): 1}
    notes = Notes(file, lines)
    node = _compose(_decode(data, file), file)
    value: Any = {}
    if node is not None:
        value = _Reader(lines, notes).value(node, (), 0)
    if value is None:
        value = {}
    if not isinstance(value, dict):
        notes.mistake((), "the file must hold keys such as `providers:` and `models:`")
        value = {}
        notes.check()
    return Source(file, value, lines), notes


def _decode(data: bytes, file: str) -> str:
    if len(data) > MOST_BYTES:
        raise ConfigError(
            [Mistake(file, None, "", f"larger than {MOST_BYTES // 1024} KiB: not a configuration")]
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError([Mistake(file, line, "", "is not UTF-8 text")]) from None
    odd = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if odd is not None:
        line = text.count("\n", 0, odd.start()) + 1
        raise ConfigError(
            [Mistake(file, line, "", "a control character: only printable text may stand here")]
        )
    return text


def _compose(text: str, file: str) -> yaml.Node | None:
    loader = _Loader(text)
    try:
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise ConfigError([_said(error, file)]) from None
    except (yaml.YAMLError, ValueError):
        # ValueError: PyYAML's own slips on odd escapes and versions.
        raise ConfigError([Mistake(file, None, "", "is not valid YAML")]) from None
    finally:
        loader.dispose()


def _said(error: yaml.MarkedYAMLError, file: str) -> Mistake:
    problem = error.problem or ""
    message = next((ours for theirs, ours in _SAID if theirs in problem), "is not valid YAML here")
    # A quote that is never closed is to blame where it opens, not at the end of the file.
    opened = "end of stream" in problem or "expected ',' or" in problem
    mark = (error.context_mark if opened else None) or error.problem_mark or error.context_mark
    return Mistake(file, None if mark is None else mark.line + 1, "", message)


class _Reader:
    """Walks the nodes once: values, lines, and mistakes of form."""

    def __init__(self, lines: dict[Place, int], notes: Notes) -> None:
        self._lines = lines
        self._notes = notes
        self._values = 0

    def value(self, node: yaml.Node, place: Place, depth: int) -> Any:
        self._values += 1
        self._lines.setdefault(place, node.start_mark.line + 1)
        if self._values > MOST_VALUES or depth > MOST_DEPTH:
            # Anchors can make much of little: stop here, whatever else is wrong.
            self._notes.mistake(place, f"more than {MOST_VALUES} values or {MOST_DEPTH} levels: too much")
            self._notes.check()
        if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
            return {
                key: self.value(child, (*place, key), depth + 1) for key, child in self._members(node, place)
            }
        if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
            return [self.value(child, (*place, index), depth + 1) for index, child in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, place)
        self._notes.mistake(place, "a tag (`!name`): tags are not used here")
        return None

    def _members(self, node: yaml.MappingNode, place: Place) -> Iterator[tuple[str, yaml.Node]]:
        seen: dict[str, int] = {}
        for key_node, child in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag.endswith(
                (":null", ":bool", ":float")
            ):
                self._lines[(*place, "?")] = line
                self._notes.mistake((*place, "?"), "a key must be text")
                continue
            key = key_node.value
            if key in seen:
                self._lines[(*place, key)] = line
                self._notes.mistake((*place, key), f"stands here a second time, first in line {seen[key]}")
                continue
            seen[key] = line
            self._lines[(*place, key)] = line
            yield key, child

    def _scalar(self, node: yaml.ScalarNode, place: Place) -> Any:
        text = node.value
        match node.tag.removeprefix("tag:yaml.org,2002:"):
            case "str":
                return text
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int" | "float" if len(text) > MOST_DIGITS:
                self._notes.mistake(place, f"a number of more than {MOST_DIGITS} characters")
            case "int":
                return int(text)
            case "float" if abs(Decimal(text).adjusted()) > MOST_DIGITS:
                self._notes.mistake(place, "a number too large or too small")
            case "float":
                return Decimal(text)
            case _:
                self._notes.mistake(place, "a tag (`!name`): tags are not used here")
        return None
