"""Another configuration while requests run: when the file changes, and at SIGHUP.

The new one is built whole beside the old one, in a thread; only then new requests come to it. One that has
a mistake changes nothing: it is told in one log line with every mistake, in readiness with every place,
and in a metric, until the file is mended. What only a start can change keeps its old value and is told too.
"""

import logging
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

import anyio
from anyio import to_thread
from anyio.abc import TaskStatus
from msgspec import structs

from gateway.api.desk import ConfigState, Desk, Houses
from gateway.app.build import Services, open_cache, open_desk, same_store
from gateway.app.watch import Watch
from gateway.config import ConfigError, Mistake, Settings, load_settings
from gateway.telemetry.log import ROOT

# Why a configuration may not be served where this process listens; None: it may.
Refuses: TypeAlias = Callable[[Settings], str | None]

# How often the file is asked whether it is another one. A change counts once it has stood for one look.
LOOK_SECONDS: Final = 1.0
# Mistakes in one log line: a file with more is not a configuration.
_MOST_TOLD: Final = 100

# Field of `Settings` -> section of the file.
_SECTIONS: Final = {
    "providers": "providers",
    "deployments": "models",
    "groups": "models",
    "auto_named": "models",
    "facts": "models",
    "policies": "policies",
    "keys": "keys",
    "anonymous": "keys",
    "cache": "cache",
    "accounts": "accounts",
    "limits": "limits",
    "media": "media",
    "server": "server",
    "log_level": "telemetry",
}
# The socket and the server behind it are made once.
_AT_START: Final = ("host", "port", "workers", "drain", "keep_alive")

_log = logging.getLogger(f"{ROOT}.config")


def sections(before: Settings, after: Settings) -> list[str]:
    """Sections of the file whose meaning changed."""
    changed = {_SECTIONS[name] for name in _SECTIONS if getattr(before, name) != getattr(after, name)}
    return sorted(changed)


def waiting(started: Settings, now: Settings) -> tuple[str, ...]:
    """Keys whose values wait for a restart. Another ledger does: money held in this one must come back."""
    held = [
        f"server.{name}" for name in _AT_START if getattr(started.server, name) != getattr(now.server, name)
    ]
    if started.media != now.media:
        held.insert(0, "media.remember")
    return ("accounts.store", *held) if started.accounts != now.accounts else tuple(held)


def named(mistake: Mistake) -> Mistake:
    """The same by the file's own name: where it lies on this machine is nobody's business."""
    return structs.replace(mistake, file=Path(mistake.file).name)


class Reloader:
    """Keeps the house as the file has it. `settings`: what the house was built from at the start.

    Whatever asks the disk is abandoned at the end of the process: a network mount may hang.
    """

    def __init__(
        self, settings: Settings, houses: Houses, services: Services, refuses: Refuses | None = None
    ) -> None:
        self._started = self._settings = settings
        self._houses = houses
        self._services = services
        self._refuses = refuses
        self._watch = None if settings.source is None else Watch(Path(settings.source))
        self._one_at_a_time = anyio.Lock()
        self._loaded = services.clock.now()
        if self._watch is not None:
            self._tell()
            self._say(logging.INFO, "configuration loaded")
            for result in ("applied", "unchanged", "refused"):
                services.meters.add("weighbridge_config_reloads_total", 0, (result,))

    async def keep(self, *, task_status: TaskStatus[None]) -> None:
        """Reload for ever; started once SIGHUP no longer ends the process.

        Without a file there is nothing to reload, and SIGHUP is what it is anywhere: the terminal is gone.
        """
        if self._watch is None:
            task_status.started()
            return
        async with anyio.create_task_group() as group:
            # Signals come to the main thread alone; elsewhere the file is watched and that is all.
            if threading.current_thread() is threading.main_thread():
                await group.start(self._listen, self._watch)
            group.start_soon(self._look, self._watch)
            task_status.started()

    async def _listen(self, watch: Watch, *, task_status: TaskStatus[None]) -> None:
        with anyio.open_signal_receiver(signal.SIGHUP) as signals:
            task_status.started()
            async for _ in signals:
                async with self._one_at_a_time:
                    await to_thread.run_sync(watch.mark, abandon_on_cancel=True)
                    await self._reload()

    async def _look(self, watch: Watch) -> None:
        # The file may have changed while the process started: the first look reads it, and says nothing
        # where it is the same.
        first = True
        while True:
            await anyio.sleep(LOOK_SECONDS)
            try:
                async with self._one_at_a_time:
                    if await to_thread.run_sync(watch.changed, abandon_on_cancel=True):
                        await self._reload(quietly=first)
                        first = False
                await self._houses.sweep()
            except Exception:  # noqa: BLE001 - told, and nothing else is lost
                # A disk or a store that is not there: the next look may find it, and requests go on.
                _log.exception("looking after the configuration failed; it goes on")

    async def _reload(self, *, quietly: bool = False) -> None:
        try:
            settings = await to_thread.run_sync(self._load, abandon_on_cancel=True)
            if settings == self._settings:
                self._unchanged(quietly=quietly)
                return
            desk = await to_thread.run_sync(self._built, settings)
        except ConfigError as error:
            self._refused(error.mistakes)
        except Exception:  # noqa: BLE001 - told, and nothing else is lost
            # Whatever it is: the old house serves, and a reload must never be what ends the process.
            _log.exception("a configuration could not be put in force")
            what = "cannot be put in force; the log has the reason"
            self._refused((Mistake(self._settings.source or "", None, "", what),))
        else:
            self._applied(settings, desk)

    def _load(self) -> Settings:
        """The file as it is now. Raises `ConfigError`."""
        source = self._settings.source or ""
        settings = load_settings(Path(source))
        if settings == self._settings:
            return settings
        if not any(line.split(b"#")[0].strip() for line in Path(source).read_bytes().splitlines()):
            # A full disk, or half a copy: valid, but hardly what anyone means.
            raise ConfigError([Mistake(source, None, "", "is empty; what was there is not given up for it")])
        refused = None if self._refuses is None else self._refuses(settings)
        if refused is not None:
            raise ConfigError([Mistake(source, None, "keys", refused)])
        if self._settings.keys and not settings.keys and not settings.server.open:
            words = "are all gone, and then whoever reaches the gateway may spend: `server.open` allows it"
            raise ConfigError([Mistake(source, None, "keys", words)])
        return settings

    def _built(self, settings: Settings) -> Desk:
        now = self._houses.now
        same = same_store(self._settings.cache, settings.cache)
        cache = now.house.cache if same else open_cache(settings.cache, self._services.clock)
        return open_desk(settings, self._services, cache, now.readiness)

    def _applied(self, settings: Settings, desk: Desk) -> None:
        changed = sections(self._settings, settings)
        self._houses.move(desk)
        self._settings = settings
        self._loaded = self._services.clock.now()
        logging.getLogger(ROOT).setLevel(settings.log_level.upper())
        self._say(
            logging.INFO,
            "configuration reloaded",
            result="applied",
            changed=", ".join(changed) or "nothing that counts",
        )
        if settings.warnings:
            self._say(logging.WARNING, "configuration works, but", **_numbered(settings.warnings))
        self._tell()
        restart = waiting(self._started, settings)
        if restart:
            self._say(logging.WARNING, "some keys wait for a restart", restart=", ".join(restart))
        self._count("applied")

    def _unchanged(self, *, quietly: bool) -> None:
        self._tell()
        if quietly:
            return
        self._say(logging.INFO, "configuration unchanged", result="unchanged")
        self._count("unchanged")

    def _refused(self, mistakes: tuple[Mistake, ...]) -> None:
        readiness = self._houses.now.readiness
        was = readiness.config
        since = was.since if was is not None and was.since is not None else self._services.clock.now()
        places = [str(structs.replace(named(mistake), message="")) for mistake in mistakes]
        readiness.config = ConfigState(
            state="stale",
            loaded=self._loaded,
            since=since,
            mistakes=tuple(places[:_MOST_TOLD]),
            restart=waiting(self._started, self._settings),
        )
        self._say(
            logging.ERROR,
            "configuration refused: the one before it stays in force",
            result="refused",
            mistakes=len(mistakes),
            **_numbered(mistakes),
        )
        self._services.meters.set("weighbridge_config_stale", 1)
        self._count("refused")

    def _tell(self) -> None:
        """The configuration in force is that of the file."""
        restart = waiting(self._started, self._settings)
        self._houses.now.readiness.config = ConfigState("current", self._loaded, restart=restart)
        self._services.meters.set("weighbridge_config_stale", 0)

    def _count(self, result: str) -> None:
        self._services.meters.add("weighbridge_config_reloads_total", 1, (result,))

    def _say(self, level: int, message: str, **fields: object) -> None:
        name = Path(self._settings.source or "").name
        _log.log(level, message, extra={"weighbridge_fields": {"file": name, **fields}})


def _numbered(mistakes: tuple[Mistake, ...]) -> dict[str, str]:
    """A field each: one field alone would be cut."""
    return {f"at_{number}": str(named(mistake)) for number, mistake in enumerate(mistakes[:_MOST_TOLD], 1)}
