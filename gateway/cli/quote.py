"""`weighbridge quote`: what would these files cost, at every model that is known?"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from gateway.cli import configuration
from gateway.cli.body import File, UnfitError, chat_body
from gateway.cli.table import render
from gateway.config import Settings
from gateway.errors import GatewayError

NOTHING_FITS = 1

_EXAMPLES = """\b
Examples:
  weighbridge quote photo.jpg
  weighbridge quote --prompt "What does the receipt say?" receipt.png terms.pdf
  weighbridge quote --model vision --json photo.jpg | jq .chosen
"""


@click.command(epilog=_EXAMPLES)
@configuration.option
@click.option("--model", default="auto", show_default=True, metavar="NAME", help="Who is asked for.")
@click.option("--prompt", metavar="TEXT", help="What is asked.")
@click.option("--json", "as_json", is_flag=True, help="Print the document of /v1/quote.")
@click.argument(
    "files",
    nargs=-1,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
)
def quote(
    path: Path | None, model: str, prompt: str | None, files: tuple[Path, ...], *, as_json: bool
) -> None:
    """Weigh files as one request and print every candidate: preparation, tokens, cost, verdict, reason.

    Sends nothing. Images, PDF, WAV, MP3 and text are told apart by their first bytes; - reads standard
    input. Models without a key are weighed too, and marked. Ends with 1 when no candidate fits.
    """
    if not files and not prompt:
        raise click.UsageError("nothing to weigh: name a FILE, or give --prompt TEXT")
    settings = configuration.settings(path, need_secrets=False)
    try:
        body, media = chat_body(model, prompt, [_read(file) for file in files])
    except UnfitError as error:
        raise click.UsageError(str(error)) from None
    document = _document(settings, body)
    if as_json:
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(
            render(
                _with_files(document, media), colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR")
            ),
            nl=False,
        )
    if document["chosen"] is None:
        raise SystemExit(NOTHING_FITS)


def _document(settings: Settings, body: bytes) -> dict[str, Any]:
    """The document for a body, with `credentials` told for each candidate."""
    from gateway.app import Quoter  # noqa: PLC0415 - the whole application: other commands start without it

    try:
        document = Quoter(settings.as_if_usable()).document(body)
    except GatewayError as error:
        raise click.ClickException(f"{error.message} ({error.code})") from None
    return with_credentials(document, settings)


def with_credentials(document: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """The document, each candidate marked by whether its provider has a key."""
    providers = {deployment.name: deployment.provider for deployment in settings.deployments}
    candidates = [
        item | {"credentials": settings.providers[providers[item["model"]]].credentials}
        if item["model"] in providers
        else item
        for item in document["candidates"]
    ]
    return document | {"candidates": candidates}


def _with_files(document: dict[str, Any], media: list[str]) -> dict[str, Any]:
    """The document with the name of the file that each part came from."""
    if len(media) != len(document["parts"]):
        return document
    parts = [part | {"file": name} for part, name in zip(document["parts"], media, strict=True)]
    return document | {"parts": parts}


def _read(path: Path) -> File:
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError:
        raise click.FileError(str(path), "it may not be read") from None
    return File(name=path.name, data=data)
