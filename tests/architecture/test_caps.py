"""The house stays livable: small files, small functions, a map that tells the truth."""

import ast
import re
from pathlib import Path

import pytest

import gateway

ROOT = Path(__file__).resolve().parents[2]
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
SOURCES = sorted(
    path
    for folder in ("gateway", "tests", "rust")
    for pattern in ("*.py", "*.pyi", "*.rs")
    for path in (ROOT / folder).rglob(pattern)
    if "target" not in path.parts
)
PYTHON = [path for path in SOURCES if path.suffix == ".py"]


def name_of(path: Path) -> str:
    """A file's name as the report shows it."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_file_that_outgrows_400_lines_wants_another_room(path: Path) -> None:
    """No source file is longer than the cap."""
    assert len(path.read_text().splitlines()) <= MAX_FILE_LINES


@pytest.mark.parametrize("path", PYTHON, ids=name_of)
def test_a_function_that_outgrows_50_lines_wants_another_function(path: Path) -> None:
    """No Python function is longer than the cap, from its `def` to its last line."""
    tree = ast.parse(path.read_text())
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    long = {
        f"{node.name}:{node.lineno}": lines
        for node in functions
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION_LINES
    }
    assert long == {}


def test_the_map_names_every_room() -> None:
    """The docstring of the package lists each room that exists, and no room that does not."""
    package = ROOT / "gateway"
    rooms = {
        f"{path.name}/" if path.is_dir() else path.name
        for path in package.iterdir()
        if (path.is_dir() and (path / "__init__.py").exists())
        or (path.suffix == ".py" and path.name != "__init__.py")
    }
    named = {
        name
        for row in (gateway.__doc__ or "").splitlines()
        if row.startswith("| `")
        for name in re.findall(r"`([a-z_]+(?:/|\.py))`", row.split("|")[1])
    }
    assert named == rooms


def test_no_function_is_silent_about_what_it_swallows() -> None:
    """No handler in the package catches everything and passes."""
    silent = [
        f"{name_of(path)}:{node.lineno}"
        for path in PYTHON
        if path.is_relative_to(ROOT / "gateway")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
        )
        and all(isinstance(statement, ast.Pass) for statement in node.body)
    ]
    assert silent == []
