"""`weigh_texts`: exact up to a cap, estimated beyond it, with the error stated."""

import pytest

from gateway import _core
from tests.benchmarks import wordings
from tests.native.vocabulary import ENCODINGS

ORDINARY = ("prose", "code", "JSON", "emoji", "base64", "digits")


def test_within_the_cap_all_is_counted() -> None:
    """The count of a batch, without any error; scripts make up the whole but for their rounding."""
    texts = ["How heavy is this?", "", "東京タワー 333 m", "привет"]
    for name in ENCODINGS:
        weighed = _core.weigh_texts(texts, name, cap=1_000)
        assert (_core.count_tokens_batch(texts, name), 0) == (weighed.tokens, weighed.error)
        assert (
            {"latin", "digits", "han", "kana", "greek", "marks"} >= set(weighed.scripts) >= {"latin", "han"}
        )
        assert abs(weighed.tokens - sum(weighed.scripts.values())) <= len(weighed.scripts)


@pytest.mark.parametrize("kind", ORDINARY)
def test_beyond_the_cap_the_stated_error_holds(kind: str) -> None:
    """A long text of an ordinary kind, never seen by the fit, is within its own bounds."""
    text = wordings.text(kind, 200_000, 4_711)
    for name in ENCODINGS:
        weighed = _core.weigh_texts([text], name, cap=199_000)
        assert 0 < weighed.error < weighed.tokens
        assert abs(_core.count_tokens(text, name) - weighed.tokens) <= weighed.error, (name, weighed.error)


def test_a_text_beyond_the_cap_leaves_it_to_the_others() -> None:
    """A long text is estimated whole; the short ones round it are still counted."""
    short, long = "Is it heavy?", wordings.text("prose", 30_000)
    alone = _core.weigh_texts([long], "o200k_base", cap=0)
    among = _core.weigh_texts([short, long, short], "o200k_base", cap=1_000)
    assert 2 * _core.count_tokens(short, "o200k_base") + alone.tokens == among.tokens
    assert alone.error == among.error


def test_unknown_encoding() -> None:
    """A vocabulary we do not have is the caller's mistake, said so."""
    with pytest.raises(ValueError, match="o200k_base"):
        _core.weigh_texts(["a"], "p50k_base", cap=1)  # type: ignore[arg-type]
