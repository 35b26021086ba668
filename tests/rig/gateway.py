"""The gateway in a process of its own, as an operator starts it: a config file and `weighbridge serve`."""

import contextlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from tests.rig.process import Child, running

READY = "Weighbridge listens on"


class Gateway(Struct, frozen=True):
    """A running gateway. `folder` holds its config and, if configured, its ledger."""

    port: int
    folder: Path
    child: Child

    @property
    def origin(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """What a client's base_url is set to."""
        return f"{self.origin}/v1"


def command(*arguments: str) -> list[str]:
    """The installed command, as a user calls it."""
    return [str(Path(sys.executable).with_name("weighbridge")), *arguments]


@contextlib.contextmanager
def running_gateway(
    config: Mapping[str, Any] | None, folder: Path, env: Mapping[str, str] | None = None, *more: str
) -> Iterator[Gateway]:
    """A gateway with this configuration (None: none, as a newcomer starts it) on a free port."""
    arguments = ["serve", "--port", "0", *more]
    if config is not None:
        path = folder / "weighbridge.yaml"
        # JSON is YAML.
        path.write_text(json.dumps(config))
        arguments += ["--config", str(path)]
    # A model server that happens to run on the machine must not change what a test sees.
    quiet = {"WEIGHBRIDGE_PROBE": "off", **(env or {})}
    with running(command(*arguments), READY, quiet) as (child, line):
        found = re.search(r"http://\S+:(\d+)", line)
        assert found is not None
        yield Gateway(int(found[1]), folder, child)
