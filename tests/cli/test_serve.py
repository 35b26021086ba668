"""`weighbridge serve`: what it refuses, what it says, and that it answers."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from gateway.catalog import load as load_catalog
from gateway.cli.serve import banner, exposed, listen
from gateway.config import KeySettings, Settings, discover
from gateway.types.principal import Principal, Secret
from tests.cli.conftest import MARK, VARIABLES, Run


@pytest.fixture
def settings() -> Settings:
    from datetime import date  # noqa: PLC0415 - a fixed day

    return discover(environment={"OPENAI_API_KEY": f"sk-{MARK}"}, catalog=load_catalog(on=date(2026, 11, 21)))


def at(settings: Settings, host: str, *, opened: bool = False) -> Settings:
    server = msgspec.structs.replace(settings.server, host=host, open=opened)
    return msgspec.structs.replace(settings, server=server)


def with_key(settings: Settings) -> Settings:
    key = KeySettings(secret=Secret(f"wb-{MARK}"), principal=Principal(tenant="t", key="k"))
    return msgspec.structs.replace(settings, keys=(key,), anonymous=None)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_alone_needs_no_key(settings: Settings, host: str) -> None:
    """On a loopback address a gateway without keys may be served."""
    assert exposed(at(settings, host)) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "gateway.internal"])
def test_others_need_a_key(settings: Settings, host: str) -> None:
    """Where others can reach it, a gateway without keys is refused, unless opened on purpose."""
    refused = exposed(at(settings, host))
    assert refused is not None
    assert "open: true" in refused
    assert exposed(at(settings, host, opened=True)) is None
    assert exposed(with_key(at(settings, host))) is None


def test_exposure_ends_the_command(run: Run) -> None:
    """The command ends with 2 before any port is opened."""
    result = run("serve", "--host", "0.0.0.0", "--port", "0")
    assert result.exit_code == 2
    assert "no key is asked for" in result.stderr


def test_a_port_in_use(run: Run) -> None:
    """A taken port is one clear line and exit code 1."""
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        result = run("serve", "--port", str(port))
    assert result.exit_code == 1
    assert f"port {port} is in use: choose another with --port\n" == result.stderr


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_of_another_machine(run: Run, folder: Path, host: str) -> None:
    """An address that cannot be listened on is one clear line and exit code 1."""
    (folder / "weighbridge.yaml").write_text("server: {open: true}\n")
    result = run("serve", "--host", host, "--port", "0")
    assert result.exit_code == 1
    assert "is no address of this machine" in result.stderr


def test_banner(settings: Settings) -> None:
    """The banner has the URL as it can be opened, the names, the source, and a line to try; no secret."""
    with listen("127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        said = banner(settings, listening)
        assert f"curl {url}/v1/chat/completions" in said
        assert "authorization" not in said
        assert "authorization: Bearer YOUR-KEY" in banner(with_key(settings), listening)
    assert said.startswith(f"Weighbridge listens on {url}\n")
    assert "auto" in said
    assert MARK not in said


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_banner_of_ipv6(settings: Settings) -> None:
    """An IPv6 address stands in brackets, and `any address` is shown as one that can be opened."""
    with socket.socket(socket.AF_INET6) as listening:
        try:
            listening.bind(("::1", 0))
        except OSError:
            pytest.skip("no IPv6 here")
        assert "http://[::1]:" in banner(settings, listening)
    with listen("0.0.0.0", 0) as listening:
        assert "http://127.0.0.1:" in banner(settings, listening)


@pytest.fixture
def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in VARIABLES}


@pytest.fixture(params=[1, 2], ids=["one worker", "two workers"])
def served(
    request: pytest.FixtureRequest, folder: Path, environment: dict[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """A real server in its own process, on a port of its choice."""
    command = [sys.executable, "-c", "from gateway.cli import main; main()", "serve", "--port", "0"]
    package = str(Path(__file__).parent.parent.parent)
    process = subprocess.Popen(
        [*command, "--workers", str(request.param)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={
            **environment,
            "PYTHONPATH": os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")])),
        },
        cwd=folder,
    )
    yield process
    process.kill()
    process.communicate()


def test_it_answers_and_ends(served: subprocess.Popen[str]) -> None:
    """The banner comes, the URL in it answers without naming its server, and SIGTERM ends it in order."""
    assert served.stdout is not None
    url = served.stdout.readline().removeprefix("Weighbridge listens on ").strip()
    with urllib.request.urlopen(f"{url}/health/liveness", timeout=90) as answer:
        assert answer.status == 200
        assert "server" not in {name.lower() for name in answer.headers}
    served.send_signal(signal.SIGTERM)
    _, errors = served.communicate(timeout=30)
    assert served.returncode in {0, -signal.SIGTERM}
    assert "Traceback" not in errors
