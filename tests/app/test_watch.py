"""When a file counts as another one."""

import os
from pathlib import Path

import pytest

from gateway.app.watch import Watch


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration that is being watched."""
    path = tmp_path / "weighbridge.yaml"
    path.write_text("keys: []\n")
    return path


@pytest.fixture
def watch(file: Path) -> Watch:
    """A watch that has seen it."""
    watch = Watch(file)
    watch.mark()
    return watch


def looks(watch: Watch) -> list[bool]:
    """What three looks one after the other say."""
    return [watch.changed() for _ in range(3)]


def test_the_first_look_counts(file: Path) -> None:
    """A file that nobody marked is another one: it may have changed before the watch began."""
    assert [False, True, False] == looks(Watch(file))


def test_a_change_counts_once_it_stands_still(watch: Watch, file: Path) -> None:
    """Half a write is not looked at; the change is told once."""
    assert [False] * 3 == looks(watch)
    file.write_text("")
    assert not watch.changed()
    file.write_text("keys: [] # more\n")
    assert [False, True, False] == looks(watch)


def test_a_touch_is_no_change(watch: Watch, file: Path) -> None:
    """A newer file with the same content is the same."""
    os.utime(file, ns=(1, 1))
    assert [False] * 3 == looks(watch)


def test_same_size_and_time_is_a_change(watch: Watch, file: Path) -> None:
    """A file put in place by rename is another inode, whatever its size and time."""
    times = file.stat()
    other = file.with_name("other")
    other.write_text("KEYS: []\n")
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.replace(file)
    assert [False, True, False] == looks(watch)


def test_a_swapped_link_is_a_change(tmp_path: Path) -> None:
    """As Kubernetes updates a ConfigMap: the file is a link through `..data`, and `..data` is swapped."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "weighbridge.yaml").write_text(f"# {name}\n")
    (tmp_path / "..data").symlink_to("one")
    (tmp_path / "weighbridge.yaml").symlink_to("..data/weighbridge.yaml")
    watch = Watch(tmp_path / "weighbridge.yaml")
    watch.mark()
    (tmp_path / "..new").symlink_to("two")
    (tmp_path / "..new").rename(tmp_path / "..data")
    assert [False, True, False] == looks(watch)


def test_a_file_that_goes_and_comes_back(watch: Watch, file: Path) -> None:
    """To be gone is a change, and to be back is one."""
    kept = file.read_bytes()
    file.unlink()
    assert [False, True, False] == looks(watch)
    file.write_bytes(kept)
    assert [False, True, False] == looks(watch)


@pytest.mark.parametrize("text", ["api_key: file/{}\n", '{{"key": "file/{}"}}\n', "[file/{}, x]\n"])
@pytest.mark.parametrize("absolute", [False, True])
def test_the_files_of_secrets_are_watched(file: Path, tmp_path: Path, text: str, absolute: bool) -> None:
    """A secret that a reference names is part of the configuration, relative to it or not."""
    secret = tmp_path / "openai.key"
    secret.write_text("one")
    watch = Watch(file)
    file.write_text(text.format(secret if absolute else secret.name))
    watch.mark()
    assert [False] * 3 == looks(watch)
    secret.write_text("two")
    assert [False, True, False] == looks(watch)


def test_a_pipe_is_not_read(watch: Watch, file: Path) -> None:
    """What would block for ever is left to the loader to refuse."""
    file.unlink()
    os.mkfifo(file)
    assert [False, True, False] == looks(watch)
