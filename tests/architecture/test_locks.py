"""What is installed is what was locked, from wherever the machine's own index points."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted(ROOT.glob("requirements*.lock"))


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_a_version_and_a_hash(path: Path) -> None:
    """Each requirement is pinned by == and carries at least one sha256."""
    requirements = re.split(r"\n(?=\S)", path.read_text().strip())
    assert [r.split()[0] for r in requirements if "==" not in r or "--hash=sha256:" not in r] == []


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_no_lock_names_an_index(path: Path) -> None:
    """Locks hold no address of a package index."""
    assert re.findall(r"https?://|--index-url|--extra-index-url|--find-links", path.read_text()) == []
