"""A quote in GitHub's Markdown: the same words as the table, for an issue or a review.

Names in tables are written as code, where neither Markdown nor HTML, mentions or links mean anything; every
other text has its signs escaped. GitHub Flavored Markdown 0.29: 2.4 (escapes), 4.10 (tables), 6.3 (code).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gateway.cli import doubts
from gateway.cli.columns import Column
from gateway.cli.table import BEST, DOUBTED, PREPARED, kinds, layouts, parts, preparations, weighed
from gateway.cli.whatif import Key
from gateway.cli.words import NOTHING, Document, headline, reasons, remarks, whys

# What means something to Markdown or HTML wherever it stands. An underscore within a word does not, nor does
# a `$` before a digit, which opens no formula.
_SIGNS: Final = re.compile(r"[\\`*\[\]<>|~&]|(?<![^\W_])_|_(?![^\W_])|\$(?!\d)")
# What GitHub makes links of by itself: addresses, people, issues.
_LINKS: Final = re.compile(r"\S*(?:@|://|www\.|#\d|GH-\d)\S*", re.IGNORECASE)
_FENCE: Final = re.compile(r"`+")
_CODE: Final = frozenset({"MODEL", "FILE", "TYPE"})


def markdown(document: Document, *, key: Key | None = None) -> str:
    """A `/v1/quote` document as Markdown, amounts in full. `file`, `key`: see `table.render`."""
    rows = weighed(document)
    blocks = [[" ".join(map(_told, headline(document, key)))]]
    if document["parts"]:
        blocks.append(_table(parts(document["parts"])))
    if rows:
        columns = next(layouts(rows, kinds(document)))
        best = (f"{_code(name)}: {_told(why)}" for name, why in whys(rows))
        prepared = ((letter, text) for text, letter in preparations(rows, kinds(document)).items())
        blocks += [
            _table(columns),
            _list(BEST, (f"{place}. {said}" for place, said in enumerate(best, 1))),
            _list(PREPARED, _signed(prepared)),
            _list(DOUBTED, _signed(doubts.legend(rows))),
            [_told(" ".join(remarks(rows, {column.head for column in columns})))],
        ]
    blocks.append(list(_signed(reasons(document))))
    return "\n\n".join("\n".join(block) for block in blocks if any(block)) + "\n"


def _told(text: str) -> str:
    """A sentence: whatever would become a link as code, everything else escaped."""
    said, at = [], 0
    for found in _LINKS.finditer(text):
        said += [_escaped(text[at : found.start()]), _code(found[0])]
        at = found.end()
    return "".join([*said, _escaped(text[at:])])


def _escaped(text: str) -> str:
    return _SIGNS.sub(r"\\\g<0>", text)


def _code(text: str) -> str:
    """Text as it is, between more backticks than it has in a row."""
    if not text.strip():
        return _escaped(text)
    fence = "`" * (max((len(run) for run in _FENCE.findall(text)), default=0) + 1)
    space = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{fence}{space}{text}{space}{fence}"


def _table(columns: Sequence[Column]) -> list[str]:
    heads = [column.head for column in columns]
    # Money has its decimal points below each other in a terminal; here its ends.
    rules = ["---:" if column.right or "$" in "".join(column.cells) else "---" for column in columns]
    cells = [[_cell(column, cell) for cell in column.cells] for column in columns]
    return [f"| {' | '.join(row)} |" for row in (heads, rules, *zip(*cells, strict=True))]


def _cell(column: Column, text: str) -> str:
    text = text.strip()
    # A pipe ends a cell even in code, and readers differ over one that follows a backslash there.
    plain = column.head not in _CODE or text == NOTHING or "|" in text
    return _escaped(text) if plain else _code(text)


def _signed(entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    return (f"- **{_escaped(sign)}** {_told(text)}" for sign, text in entries)


def _list(title: str, entries: Iterable[str]) -> list[str]:
    lines = list(entries)
    return [title, "", *lines] if lines else []
