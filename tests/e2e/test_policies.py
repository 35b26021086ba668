"""What a policy allows is what arrives at the upstream, and what the answer, the quote and the ledger say."""

import io
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI
from PIL import Image

from tests.e2e.conftest import KEYS
from tests.e2e.pictures import data_url, heavy, page
from tests.rig.gateway import Gateway, running_gateway
from tests.rig.raw import fetch
from tests.rig.upstream import Upstream

TEXT = [f"Position {number:02}   {number * 7 % 90 + 10}.{number * 13 % 90 + 10}" for number in range(16)]


@pytest.fixture(scope="module")
def gateway(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with a policy for each step that loses something."""
    config = {
        "providers": {"openai": {"api_key": "env/OPENAI_API_KEY", "base_url": upstream.base_url}},
        "models": [
            {"name": "vision", "candidates": ["openai/gpt-5.4"]},
            {"name": "levels", "candidates": ["openai/gpt-5.6-sol"]},
        ],
        "policies": {
            "near": {"prepare": ["strip", "downscale", "near_lossless"]},
            "legible": {"prepare": ["strip", "legible"]},
            "taller": {"prepare": ["strip", "legible"], "glyph_height": 20},
            "recode": {"prepare": ["strip", "recode"]},
            "detail": {"prepare": ["strip", "downscale", "detail"]},
            "tall": {"prepare": ["strip", "downscale", "detail"], "glyph_height": 20},
        },
        "accounts": {"store": "memory"},
    }
    folder: Path = tmp_path_factory.mktemp("policies")
    with running_gateway(config, folder, KEYS) as running:
        yield running


@pytest.fixture
async def client(gateway: Gateway) -> AsyncIterator[AsyncOpenAI]:
    """The official client."""
    async with AsyncOpenAI(base_url=gateway.base_url, api_key="any", max_retries=0) as opened:
        yield opened


def message(picture: bytes) -> Any:
    """A question about a PNG."""
    return [
        {
            "role": "user",
            "content": [{"type": "image_url", "image_url": {"url": data_url(picture, "image/png")}}],
        }
    ]


async def asked(
    client: AsyncOpenAI, upstream: Upstream, policy: str, picture: bytes, model: str = "vision"
) -> tuple[Any, Any]:
    """The answer's headers, and the one picture that arrived."""
    answer = await client.chat.completions.with_raw_response.create(
        model=model, messages=message(picture), extra_headers={"x-weighbridge-policy": policy}
    )
    (medium,) = (await upstream.wait(1)).media
    return answer.headers, medium


def large_page() -> bytes:
    """A page whose letters are about 75 px tall: three times the size of `page`."""
    small = Image.open(io.BytesIO(page(TEXT)))
    out = io.BytesIO()
    small.resize((2 * small.width, 2 * small.height), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()


def data_picture(width: int, height: int) -> bytes:
    """A PNG without a letter: one colour that fades into another."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("policy", "prepared"),
    [
        ("default", "image:0:1800x2080>1467x1696"),
        ("near", "image:0:near_lossless:1800x2080>1440x1664"),
        ("legible", "image:0:legible:1800x2080>"),
        ("taller", "image:0:legible:1800x2080>"),
    ],
)
async def test_the_size_that_arrives_is_the_one_that_was_said(
    client: AsyncOpenAI, upstream: Upstream, policy: str, prepared: str
) -> None:
    """The picture at the upstream has the size that the header names, and the header names the step."""
    headers, medium = await asked(client, upstream, policy, large_page())
    assert headers["x-weighbridge-prepared"].startswith(prepared)
    width, height = map(int, headers["x-weighbridge-prepared"].rpartition(">")[2].split("x"))
    assert (width, height) == (medium.width, medium.height)


async def test_recode_arrives_as_jpeg(client: AsyncOpenAI, upstream: Upstream) -> None:
    """A PNG that looks like a photograph arrives as a JPEG of its size, with fewer bytes."""
    picture = heavy(400_000)
    headers, medium = await asked(client, upstream, "recode", picture)
    assert headers["x-weighbridge-prepared"].endswith(":jpeg")
    assert "image/jpeg" == medium.mime
    assert medium.size < len(picture)


async def test_the_level_that_arrives_is_the_one_that_was_said(
    client: AsyncOpenAI, upstream: Upstream
) -> None:
    """A picture without text leaves at `low` and is quoted as that; under another policy it does not."""
    plain = data_picture(1800, 1200)
    headers, medium = await asked(client, upstream, "detail", plain, "levels")
    assert "image:0:1800x1200>512x341:low" == headers["x-weighbridge-prepared"]
    assert ("low", 512, 341) == (medium.detail, medium.width, medium.height)
    await upstream.reset()
    dearer, whole = await asked(client, upstream, "default", plain, "levels")
    assert (None, 1800) == (whole.detail, whole.width)
    assert float(headers["x-weighbridge-quoted-usd"]) < float(dearer["x-weighbridge-quoted-usd"]) / 2


async def test_a_page_gets_the_level_that_shows_its_text(client: AsyncOpenAI, upstream: Upstream) -> None:
    """Letters that `low` would make smaller than the policy wants are shown at `high`."""
    _, medium = await asked(client, upstream, "tall", large_page(), "levels")
    assert ("high", 1467) == (medium.detail, medium.width)


async def test_the_quote_says_step_and_saving(gateway: Gateway) -> None:
    """`/v1/quote` measures as the exchange does and tells what the smaller size saves."""
    body = json.dumps({"model": "vision", "messages": message(large_page())}).encode()
    told = [
        (
            await fetch(gateway.port, "POST", "/v1/quote", body, headers=(("x-weighbridge-policy", name),))
        ).json()
        for name in ("default", "legible")
    ]
    assert "saving" not in told[0]["candidates"][0]
    assert "glyph_height" not in told[0]["parts"][0]
    assert "legible" == told[1]["candidates"][0]["preparation"][0]["step"]
    assert told[1]["parts"][0]["glyph_height"] > 20
    tokens = [told[n]["candidates"][0]["tokens"]["in"]["image"] for n in (0, 1)]
    assert {"image": tokens[0] - tokens[1]} == told[1]["candidates"][0]["saving"]["tokens"]
