"""The command as a whole."""

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize("command", [(), ("serve",), ("quote",), ("check",)], ids=" ".join)
def test_help_has_examples(run: Run, command: tuple[str, ...]) -> None:
    """Each command explains itself and shows how it is used."""
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Example" in result.output
    assert "weighbridge " in result.output


def test_only_what_exists(run: Run) -> None:
    """A command that does nothing yet is not offered."""
    assert run("catalog").exit_code == 2
    assert run("ledger").exit_code == 2
