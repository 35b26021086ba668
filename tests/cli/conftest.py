"""A command line in a folder of its own, with an environment that holds nothing of this machine's."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.providers import PROVIDERS

MARK = "never-to-be-shown"
VARIABLES = [name for row in PROVIDERS.values() for name in row.api_key_env] + ["WEIGHBRIDGE_CONFIG"]

Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty."""
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WEIGHBRIDGE_PROBE", "off")
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    """Runs `weighbridge` with these arguments; keywords are environment variables."""

    def invoke(*arguments: str, **environment: str) -> Result:
        result = CliRunner().invoke(main, arguments, env=environment)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert MARK not in result.output
        return result

    return invoke
