"""`signals`: text is told from pictures, its height is measured, the hash and the cells see what eyes see."""

import functools
import io
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from gateway import _core

# Letters without ascenders or descenders, and digits: each set is of one height.
LOW = "acemnorsuvwxz"
DIGITS = "0123456789"
FORMATS = ["PNG", "JPEG", "WEBP", "GIF"]


def saved(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """The file of this form."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def signals(image: Image.Image, form: str = "PNG", **options: Any) -> _core.Signals:
    """The signals of the picture, saved in this form."""
    return _core.signals(_core.Media(saved(image, form, **options)))


@functools.cache
def font_of(pixels: int, letters: str) -> ImageFont.FreeTypeFont:
    """Pillow's own font at the size at which these letters are so many pixels tall."""
    size = pixels
    while True:
        font = ImageFont.load_default(size)
        assert isinstance(font, ImageFont.FreeTypeFont)
        if height_of(font, letters) >= pixels:
            return font
        size += 1


def height_of(font: ImageFont.FreeTypeFont, letters: str) -> float:
    """The median height of these letters."""
    boxes = [font.getbbox(letter) for letter in letters]
    return float(np.median([box[3] - box[1] for box in boxes]))


def page(
    font: ImageFont.FreeTypeFont,
    letters: str = DIGITS,
    size: tuple[int, int] = (900, 700),
    colours: tuple[int, int] = (20, 245),
) -> Image.Image:
    """Words of these letters in lines, ink on paper."""
    draw_words = random.Random(5)
    image = Image.new("L", size, colours[1])
    draw = ImageDraw.Draw(image)
    line = int(font.size * 1.5)
    for top in range(line // 2, size[1] - line, line):
        left = float(line)
        while True:
            word = "".join(draw_words.choices(letters, k=draw_words.randint(2, 8)))
            if left + font.getlength(word) > size[0] - line:
                break
            draw.text((left, top), word, font=font, fill=colours[0])
            left += font.getlength(word + " ")
    return image


@functools.cache
def photo(seed: int, size: tuple[int, int] = (900, 700)) -> Image.Image:
    """Grain of every size, as nature has it: noise whose strength falls with its frequency."""
    noise = np.random.default_rng(seed).normal(size=(size[1], size[0]))
    down, across = np.meshgrid(np.fft.fftfreq(size[1]), np.fft.fftfreq(size[0]), indexing="ij")
    waves = np.fft.fft2(noise) / np.maximum(np.hypot(down, across), 1 / max(size))
    levels = np.real(np.fft.ifft2(waves))
    levels = (levels - levels.mean()) / levels.std() * 55 + 120
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("letters", [DIGITS, LOW], ids=["digits", "letters"])
@pytest.mark.parametrize("pixels", [9, 10, 11, 13, 16, 20, 26, 33, 40])
def test_glyph_height(pixels: int, letters: str) -> None:
    """Text of 9 to 40 px is measured within 15 %, whatever its ink and however it is stored."""
    font = font_of(pixels, letters)
    true = height_of(font, letters)
    for colours in [(20, 245), (235, 25), (110, 190)]:
        for form in ("PNG", "JPEG", "WEBP"):
            found = signals(page(font, letters, colours=colours), form)
            assert found.text_score > 0.6
            assert true == pytest.approx(found.glyph_height, rel=0.15)


@pytest.mark.parametrize("pixels", [24, 40, 80])
def test_glyph_height_of_a_phone_photo(pixels: int) -> None:
    """12 megapixels, soft and grainy, decoded at half size: the height is in pixels of the file."""
    font = font_of(pixels, DIGITS)
    levels = np.asarray(page(font, size=(4032, 3024)).filter(ImageFilter.GaussianBlur(1)), dtype=np.float32)
    grain = np.random.default_rng(0).normal(0, 5, levels.shape)
    image = Image.fromarray((levels + grain).clip(0, 255).astype(np.uint8)).convert("RGB")
    found = signals(image, "JPEG", quality=85)
    assert found.text_score > 0.6
    assert height_of(font, DIGITS) == pytest.approx(found.glyph_height, rel=0.15)


@pytest.mark.parametrize("seed", range(6))
def test_text_scores_above_photos(seed: int) -> None:
    """A photograph is below a half and below every page, sharp or soft; a blank sheet is no text at all."""
    soft = page(font_of(16, LOW), LOW).filter(ImageFilter.GaussianBlur(1.2))
    scene = signals(photo(seed), "JPEG", quality=85).text_score
    assert scene < 0.4 < signals(soft, "JPEG").text_score
    blank = signals(Image.new("L", (300, 200), 250))
    assert (0.0, None) == (blank.text_score, blank.glyph_height)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_signals_are_of_the_upright_picture(orientation: int) -> None:
    """Stored turned or mirrored, with the tag that says so, a page looks as it does upright."""
    upright = page(font_of(20, DIGITS), size=(640, 480))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    tags = Image.Exif()
    tags[0x0112] = orientation
    expected = signals(upright)
    found = signals(upright.transpose(undo[orientation]), exif=tags.tobytes())
    assert expected.glyph_height == pytest.approx(found.glyph_height, rel=0.03)
    assert expected.text_score == pytest.approx(found.text_score, abs=0.03)
    assert (expected.phash ^ found.phash).bit_count() <= 4
    assert 0 == _core.changed_tiles(expected.cells, found.cells, levels=2)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 50), st.sampled_from(["JPEG", "WEBP"]), st.integers(40, 95), st.floats(0.4, 1.0))
def test_the_hash_survives_encoding_and_scaling(seed: int, form: str, quality: int, scale: float) -> None:
    """Encoded anew at another size and quality, a picture's hash differs in few bits, another's in many."""
    image = photo(seed, (480, 360))
    small = image.resize((int(480 * scale), int(360 * scale)), Image.Resampling.LANCZOS)
    expected = signals(image).phash
    assert (expected ^ signals(small, form, quality=quality).phash).bit_count() <= 6
    assert (expected ^ signals(photo(seed + 51, (480, 360))).phash).bit_count() >= 14


def test_blur_shows() -> None:
    """The sharpness of a page and of a photograph falls by far more than half when they are blurred."""
    for image in (page(font_of(12, LOW), LOW), photo(1)):
        blurred = image.filter(ImageFilter.GaussianBlur(3))
        assert signals(image).sharpness > 4 * signals(blurred).sharpness


def test_tone_is_that_of_numpy() -> None:
    """Mean, deviation, clipping and entropy equal their definitions where no smaller copy is made."""
    levels = np.asarray(photo(3, (400, 300)))
    found = signals(photo(3, (400, 300)))
    shares = np.bincount(levels.ravel(), minlength=256) / levels.size
    bits = -sum(share * np.log2(share) for share in shares if share)
    assert levels.mean() == pytest.approx(found.brightness, abs=1e-3)
    assert levels.std() == pytest.approx(found.contrast, abs=1e-3)
    assert bits == pytest.approx(found.entropy, abs=1e-3)
    assert shares[:5].sum() == pytest.approx(found.shadows, abs=1e-6)
    assert shares[251:].sum() == pytest.approx(found.highlights, abs=1e-6)


def slide(number: str) -> Image.Image:
    """A slide of words with one number on it."""
    image = page(font_of(14, LOW), LOW, (1280, 720))
    ImageDraw.Draw(image).rectangle((900, 300, 1150, 400), fill=245)
    ImageDraw.Draw(image).text((920, 310), number, font=font_of(40, DIGITS), fill=20)
    return image


def test_a_digit_changes_the_frame_and_noise_does_not() -> None:
    """One digit of 40 px on a slide of 720 changes a tile, another number three; compression changes none."""
    before = slide("412")
    cells = _core.frame_cells(before.tobytes(), 1280, 720)
    assert 0 == _core.changed_tiles(cells, signals(before).cells, levels=4)
    for number in ("422", "432", "452", "482", "712", "419"):
        assert _core.changed_tiles(cells, signals(slide(number), "JPEG", quality=70).cells) >= 1
    for number in ("573", "908", "1.2"):
        assert _core.changed_tiles(cells, signals(slide(number), "JPEG", quality=70).cells) >= 3
    for quality in (40, 70, 90):
        assert 0 == _core.changed_tiles(cells, signals(before, "JPEG", quality=quality).cells)


def test_frames_with_padding() -> None:
    """A decoder's rows may be further apart than they are long; too few bytes are a mistake of the caller."""
    levels = np.asarray(photo(2, (320, 180)))
    padded = np.pad(levels, ((0, 0), (0, 64)))
    plain = _core.frame_cells(levels.tobytes(), 320, 180)
    assert plain == _core.frame_cells(padded.tobytes(), 320, 180, stride=384)
    assert 80 * 44 == len(plain)
    assert 880 == _core.changed_tiles(plain, plain[1:])
    with pytest.raises(ValueError, match="stride"):
        _core.frame_cells(b"short", 320, 180)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"words", "media_unsupported"),
        (b"%PDF-1.7\n%%EOF", "media_unsupported"),
        (saved(Image.new("L", (90, 60)))[:-20], "media_corrupt"),
        (saved(Image.effect_noise((90, 60), 50), "JPEG")[:-200], "media_corrupt"),
    ],
)
def test_refusals_are_those_of_fit(data: bytes, code: str) -> None:
    """What cannot be decoded whole has no signals."""
    with pytest.raises(_core.Refusal) as caught:
        _core.signals(_core.Media(data))
    assert code == caught.value.code


def test_caps() -> None:
    """The caps of the call hold, whatever they were when the medium was made."""
    media = _core.Media(saved(Image.new("L", (90, 60))))
    with pytest.raises(_core.Refusal) as caught:
        _core.signals(media, _core.Limits(pixels=90 * 60 - 1))
    assert "image_too_large" == caught.value.code


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "CMYK", "1", "P"])
def test_every_colour_type(mode: str) -> None:
    """Text is text in every colour type; what is transparent lies on white."""
    image = page(font_of(14, DIGITS)).convert(mode)
    if mode in {"RGBA", "LA"}:
        image.putalpha(page(font_of(14, DIGITS)).point(lambda level: 255 - level))
    found = signals(image, "JPEG" if mode == "CMYK" else "PNG")
    assert found.text_score > 0.6
    assert 14 == pytest.approx(found.glyph_height, rel=0.15)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 10**6), st.binary(min_size=1, max_size=3), st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"])
)
def test_damage_never_crashes(at: int, junk: bytes, form: str) -> None:
    """Bytes overwritten anywhere: signals or a refusal by name."""
    data = bytearray(saved(photo(1, (64, 48)), form))
    data[at % len(data) : at % len(data) + len(junk)] = junk
    try:
        outcome = "ok" if 0 <= _core.signals(_core.Media(bytes(data))).text_score <= 1 else "out of range"
    except _core.Refusal as refusal:
        outcome = refusal.code
    assert outcome in {"ok", "media_corrupt", "media_unsupported", "image_too_large", "image_too_many_frames"}
