"""A world for configurations: an environment, the shipped rows, the facts of one day."""

from datetime import date
from pathlib import Path

import pytest

from gateway.catalog import Catalog
from gateway.catalog import load as load_catalog
from gateway.config import Settings, load

# Every secret here holds this word, so that a test can look for it in any output.
MARK = "never-to-be-shown"

ENVIRONMENT = {
    "OPENAI_API_KEY": f"sk-openai-{MARK}-0001",
    "ANTHROPIC_API_KEY": f"sk-anthropic-{MARK}-0002",
    "TEAM_KEY": f"wb-team-{MARK}-0003",
    "OTHER_KEY": f"wb-other-{MARK}-0004",
    "REDIS_URL": f"redis://user:{MARK}@cache:6379/1",
}


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The facts of the day this was written."""
    return load_catalog(on=date(2026, 11, 21))


class Loader:
    """Loads a text as if it stood in `weighbridge.yaml`."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self.folder = folder
        self.catalog = catalog

    def __call__(
        self, text: str | bytes, environment: dict[str, str] | None = None, *, need_secrets: bool = True
    ) -> Settings:
        path = self.folder / "weighbridge.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load(
            path,
            environment=ENVIRONMENT if environment is None else environment,
            catalog=self.catalog,
            need_secrets=need_secrets,
        )


@pytest.fixture(scope="session")
def settle(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Loader:
    """A text to settings."""
    return Loader(tmp_path_factory.mktemp("config"), catalog)
