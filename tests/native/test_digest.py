"""`digest`, and what holds for every entry of the native module."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import _core


@given(st.lists(st.binary(max_size=4), max_size=4), st.lists(st.binary(max_size=4), max_size=4))
def test_boundaries_count(one: list[bytes], two: list[bytes]) -> None:
    """Two lists of parts have the same digest only when they are the same list."""
    assert (one == two) == (_core.digest(*one) == _core.digest(*two))


def test_buffers_and_form() -> None:
    """64 hex digits, the same for every bytes-like object."""
    digests = {_core.digest(kind(b"ab"), b"c") for kind in (bytes, bytearray, memoryview)}
    assert 1 == len(digests)
    assert 64 == len(digests.pop())
    assert _core.digest(b"ab", b"c") != _core.digest(b"a", b"bc")
    assert _core.digest() != _core.digest(b"")


def test_a_strided_view_is_read_as_python_reads_it() -> None:
    """A memoryview that is not contiguous is digested as its `tobytes`."""
    assert _core.digest(b"ace") == _core.digest(memoryview(b"abcdef")[::2])


def test_a_panic_is_one_error(capfd: pytest.CaptureFixture[str]) -> None:
    """A panic becomes a RuntimeError, which ends one request; its text, which may quote, is not shown."""
    with pytest.raises(RuntimeError, match=r"^internal panic in _panic_for_tests$"):
        getattr(_core, "_panic_for_tests")()  # noqa: B009 - deliberately not in the stub
    shown = capfd.readouterr().err
    assert "internal panic at" in shown
    assert "wanted by a test" not in shown


def test_refusal_is_a_value_error() -> None:
    """A refusal is caught as ValueError, and its attributes exist on every instance."""
    error = _core.Refusal("words")
    assert isinstance(error, ValueError)
    assert ("", "", None, None, None) == (error.code, error.message, error.part, error.path, error.offset)


def test_tune_allocator() -> None:
    """The knob is there exactly where the C library is glibc; the process lives on."""
    script = (
        "import platform; from gateway import _core; print(_core.tune_allocator(), platform.libc_ver()[0])"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.split() in (["True", "glibc"], ["False"], ["False", "musl"])


def test_version() -> None:
    """The module knows its version."""
    assert 3 == len(_core.__version__.split("."))
