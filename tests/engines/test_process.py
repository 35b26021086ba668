"""Processes of ours: clean environment, and no survivor when the gateway dies."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.engines import process, wire
from gateway.engines.llama import weights
from tests.engines import samples

pytestmark = pytest.mark.local

_READER = wire.ReaderSetup(memory=3 << 30, idle=300, pages=50, pixels=1, dpi=72, threads=1)

# A gateway in miniature: it starts a process, hands it work, says its id, and stays until it is killed.
_GATEWAY = """
import anyio, sys
from gateway.engines import process, wire
async def main(module, path):
    frames = [wire.question(frame) for frame in map(bytes.fromhex, open(path).read().split())]
    child = await process.start(module, frames[0])
    for frame in frames[1:]:
        await child.send(frame)
    if isinstance(frames[0], wire.LlamaSetup) or frames[1:]:
        await child.receive()
    print(child.pid, flush=True)
    await anyio.sleep_forever()
anyio.run(main, *sys.argv[1:])
"""


def _ends(pid: int) -> bool:
    """Wait, at most 20 seconds, until a process that is not our child has ended."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 20)[0])
    finally:
        os.close(handle)


def _survives_gateway(folder: Path, module: str, *frames: wire.Question) -> bool:
    path = folder / "frames"
    path.write_text("\n".join(wire.encode(frame)[wire.HEAD :].hex() for frame in frames))
    with subprocess.Popen(
        [sys.executable, "-c", _GATEWAY, module, path], stdout=subprocess.PIPE, text=True
    ) as gateway:
        assert gateway.stdout is not None
        pid = int(gateway.stdout.readline())
        gateway.send_signal(signal.SIGKILL)
    return not _ends(pid)


def test_an_idle_reader_dies_with_a_killed_gateway(tmp_path: Path) -> None:
    """`kill -9` of the gateway ends a reader that waits for work."""
    assert not _survives_gateway(tmp_path, "gateway.engines.worker", _READER)


@samples.needs_read
def test_a_busy_reader_dies_with_a_killed_gateway(tmp_path: Path) -> None:
    """`kill -9` of the gateway ends a reader in the middle of minutes of work."""
    scans = [samples.printed(samples.INVOICE * 4, 2)] * 49
    medium = wire.Medium(0, "document", "application/pdf", samples.pdf([samples.LETTER, *scans]))
    job = wire.Job((medium,), 600)
    assert not _survives_gateway(tmp_path, "gateway.engines.worker", _READER, job)


@samples.needs_llama
def test_a_language_model_dies_with_a_killed_gateway(tmp_path: Path) -> None:
    """`kill -9` of the gateway ends the llama.cpp server."""
    setup = wire.LlamaSetup(
        memory=1 << 31, model=weights(), alias="m", api_key="k", context=512, max_output_tokens=8, threads=1
    )
    assert not _survives_gateway(tmp_path, "gateway.engines.llama_child", setup)


async def test_secrets_of_the_environment_stay_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that reads hostile files is not given the provider keys."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    child = await process.start("gateway.engines.worker", _READER)
    with open(f"/proc/{child.pid}/environ", "rb") as file:  # noqa: ASYNC230, PTH123 -- not a disk
        environment = file.read()
    await child.kill()
    assert b"PYTHONPATH" in environment
    assert b"sk-canary" not in environment


async def test_a_process_that_cannot_start_is_noticed() -> None:
    """A module that is not there ends the line with its exit status."""
    child = await process.start("gateway.engines.no_such_module", _READER)
    with pytest.raises(process.Ended) as caught:
        await child.receive()
    assert caught.value.status == 1
