"""`weighbridge serve`: listen and answer."""

import asyncio
import errno
import ipaddress
import json
import logging
import math
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click
import msgspec
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from gateway.cli import configuration
from gateway.cli.check import answers
from gateway.config import VARIABLE, ConfigError, Mistake, ServerSettings, Settings, load_settings

FAILED = 1
_BACKLOG = 2048
_WORKER_STARTS = 30
_TRY_AGAIN_SECONDS = 2.0

_EXAMPLES = """\b
Examples:
  weighbridge serve
  weighbridge serve --config weighbridge.yaml --port 9000
"""


@click.command(epilog=_EXAMPLES)
@configuration.option
@click.option("--host", metavar="ADDRESS", help="Listen here.  [default: 127.0.0.1, or the file's]")
@click.option(
    "--port", type=click.IntRange(0, 65_535), help="And on this port.  [default: 8080, or the file's]"
)
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Processes that answer.  [default: 1, or the file's]"
)
def serve(path: Path | None, host: str | None, port: int | None, workers: int | None) -> None:
    """Run the gateway.

    Without a configuration it uses the providers whose keys stand in the environment (OPENAI_API_KEY,
    ANTHROPIC_API_KEY, GEMINI_API_KEY, ...) and the embedded engines.

    A changed file is taken while it runs, and at SIGHUP; one with mistakes leaves the old one in force.
    """
    found = configuration.settings(path)
    given = {"host": host, "port": port, "workers": workers}
    server = msgspec.structs.replace(
        found.server, **{name: value for name, value in given.items() if value is not None}
    )
    settings = msgspec.structs.replace(found, server=server)
    refused = exposed(settings)
    if refused:
        click.echo(refused, err=True)
        raise SystemExit(configuration.USAGE)
    configuration.warn(settings)
    listening = listen(server.host, server.port)
    run(found, server, listening)


def exposed(settings: Settings) -> str | None:
    """Why these settings may not be served: others could reach a gateway that asks for no key."""
    server = settings.server
    if settings.keys or server.open or _loopback(server.host):
        return None
    return (
        f"{server.host} can be reached by others, and no key is asked for. What would work: `keys:` in the "
        "configuration; or `server: {open: true}`, if whoever reaches it may spend; or --host 127.0.0.1"
    )


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Prints one line and ends with exit code 1 when there is none to be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except OSError:
        _fail(f"{host} is no address of this machine: try --host 127.0.0.1")
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        # Bound is not enough: two may bind, and only the one that listens first may stay.
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        reasons = {
            errno.EADDRINUSE: f"port {port} is in use: choose another with --port",
            errno.EACCES: f"port {port} needs privileges: choose one above 1023 with --port",
        }
        _fail(reasons.get(error.errno or 0, f"{host} is no address of this machine: try --host 127.0.0.1"))
    listening.set_inheritable(True)
    return listening


def run(settings: Settings, server: ServerSettings, listening: socket.socket) -> None:
    """Serve on the socket until told to end. Exit code 1 when the application does not start.

    `settings`: as they were read. `server`: theirs, with what the command line laid over it.
    """
    from gateway.app import create_app  # noqa: PLC0415 - the whole application: other commands start without it

    said = banner(settings, listening)
    if server.workers > 1:
        # Workers are new processes: they read the same file again.
        if settings.source is not None:
            os.environ[VARIABLE] = str(Path(settings.source).absolute())
        supervisor = _Supervisor(_options(server, partial(worker, server), factory=True), sockets=[listening])
        click.echo(said)
        supervisor.run()
        if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
            sys.exit(FAILED)
        return
    application = create_app(settings, partial(still_exposed, server))
    serving = _Announcing(_options(server, application), said)
    with suppress(KeyboardInterrupt):
        serving.run(sockets=[listening])
    if not serving.started:
        sys.exit(FAILED)


def still_exposed(server: ServerSettings, settings: Settings) -> str | None:
    """`exposed` for settings that come later: this process listens where it has from the start."""
    here = msgspec.structs.replace(server, open=settings.server.open)
    return exposed(msgspec.structs.replace(settings, server=here))


def worker(server: ServerSettings) -> object:
    """The application of a worker process. What fails here fails in every worker, so it ends them all.

    But for the file: it was in order when the first worker started, and the others serve what it said then.
    """
    try:
        from gateway.app import create_app  # noqa: PLC0415 - as in `run`

        return create_app(_settings(server), partial(still_exposed, server))
    except ConfigError as error:
        _wait_for_the_file(error)
    except Exception as error:
        # Whatever it is: any other exit makes the supervisor try again for ever.
        logging.getLogger("uvicorn.error").exception("a worker did not start")
        raise SystemExit(STARTUP_FAILURE) from error


def _settings(server: ServerSettings) -> Settings:
    """What a worker serves. Raises `ConfigError`, also where the file has lost its keys since."""
    settings = load_settings()
    refused = still_exposed(server, settings)
    if refused is not None:
        raise ConfigError([Mistake(settings.source or "", None, "keys", refused)])
    return settings


def _wait_for_the_file(error: ConfigError) -> NoReturn:
    """Let the supervisor start another worker in a moment, until the file is mended."""
    mistakes = [msgspec.structs.replace(found, file=Path(found.file).name) for found in error.mistakes]
    words = "a worker waits for the configuration to be mended: %s"
    logging.getLogger("uvicorn.error").error(words, "; ".join(map(str, mistakes)))
    time.sleep(_TRY_AGAIN_SECONDS)
    raise SystemExit(FAILED) from error


def banner(settings: Settings, listening: socket.socket) -> str:
    """What to say at the start: where, who answers, from which configuration, and a line to try."""
    host, port = listening.getsockname()[:2]
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - told apart, not bound
    url = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
    body = json.dumps({"model": "auto", "messages": [{"role": "user", "content": "Hello"}]})
    key = "-H 'authorization: Bearer YOUR-KEY' " if settings.keys else ""
    rows = {
        "answers": answers(settings),
        "config": settings.source or "none: what the environment offers",
        "try": f"curl {url}/v1/chat/completions -H 'content-type: application/json' {key}-d '{body}'",
    }
    return "\n".join(
        [f"Weighbridge listens on {url}", *(f"  {name:<8} {text}" for name, text in rows.items())]
    )


class _Announcing(uvicorn.Server):
    """Speaks up when it answers, not before; and when it is told to end while requests run."""

    def __init__(self, options: uvicorn.Config, said: str) -> None:
        super().__init__(options)
        self._said = said
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        if self.started:
            click.echo(self._said)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal lets requests end, the second cuts them off: they settle and say so either way.

        uvicorn's own answer to a second one is to leave at once, over requests and ledger.
        """
        if self.should_exit:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._cut_off)
            return
        super().handle_exit(sig, frame)
        running = len(self.server_state.tasks)
        if running:
            many = "request" if running == 1 else "requests"
            seconds = self.config.timeout_graceful_shutdown
            click.echo(f"Finishing {running} {many}, for at most {seconds} s; the same again cuts them off")

    def _cut_off(self) -> None:
        for task in list(self.server_state.tasks):
            task.cancel()


class _Supervisor(Multiprocess):
    """Hands SIGHUP on. uvicorn's own answer is new workers, with empty caches and ledgers of their own.

    Without a file there is nothing to reload: the terminal is gone, and so are we.
    """

    def handle_hup(self) -> None:
        """Every worker reloads by itself; one that is still starting reads the file anyway."""
        if VARIABLE not in os.environ:
            self.handle_term()
            return
        for process in self.processes:
            if process.pid is not None and process.is_ready(timeout=1):
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGHUP)


def _options(server: ServerSettings, app: object, *, factory: bool = False) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # uvicorn names its own ASGI types
        factory=factory,
        workers=server.workers,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        # A worker that is still importing on a busy machine is not a worker that hangs.
        timeout_worker_healthcheck=_WORKER_STARTS,
        timeout_keep_alive=math.ceil(server.keep_alive),
        timeout_graceful_shutdown=math.ceil(server.drain),
    )


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _fail(message: str) -> NoReturn:
    click.echo(message, err=True)
    raise SystemExit(FAILED)
