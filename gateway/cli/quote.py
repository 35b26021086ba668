"""`weighbridge quote`: what would be sent for these files, and what would they cost at every model known?"""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any, Literal

import click

from gateway.cli import configuration
from gateway.cli.body import File, Kind, UnfitError, chat_body, service_body
from gateway.cli.markdown import markdown
from gateway.cli.table import render
from gateway.cli.whatif import Key, with_costs
from gateway.config import Settings
from gateway.errors import GatewayError

NOTHING_FITS = 1
# Where nobody says how wide the terminal is, for instance in a pipe.
WIDTH = 100

_EXAMPLES = """\b
Examples:
  weighbridge quote photo.jpg
  weighbridge quote --prompt "What does the receipt say?" receipt.png terms.pdf
  weighbridge quote --model vision --json photo.jpg | jq .chosen
  weighbridge quote --markdown photo.jpg | gh issue comment 12 --body-file -
  weighbridge quote --for transcription meeting.mp3
  weighbridge quote --body responses.json
"""


@click.command(epilog=_EXAMPLES)
@configuration.option
@click.option("--model", default="auto", show_default=True, metavar="NAME", help="Who is asked for.")
@click.option("--prompt", metavar="TEXT", help="What is asked.")
@click.option(
    "--max-tokens",
    type=click.IntRange(min=1),
    metavar="N",
    help="The most tokens of answer; unsaid, as many as the model may write.",
)
@click.option(
    "--for",
    "kind",
    type=click.Choice(["chat", "transcription", "speech", "embedding"]),
    default="chat",
    show_default=True,
    help="What is wanted of the files.",
)
@click.option(
    "--body",
    "ready",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    metavar="JSON",
    help="A whole request body instead: of a chat, a response, a message, an embedding.",
)
@click.option("--json", "form", flag_value="json", help="Print the document of /v1/quote.")
@click.option("--markdown", "form", flag_value="markdown", help="Print a table for GitHub.")
@click.argument(
    "files",
    nargs=-1,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
)
def quote(
    path: Path | None,
    model: str,
    prompt: str | None,
    max_tokens: int | None,
    files: tuple[Path, ...],
    *,
    kind: Kind | Literal["chat"],
    ready: Path | None,
    form: str | None,
) -> None:
    """Weigh files as one request and print every candidate: preparation, tokens, cost, verdict, reason.

    Sends nothing. What is chosen is what the server would take with the same keys; models without a key
    are weighed too, and marked. Images, PDF, WAV, MP3 and text are told apart by their first bytes; -
    reads standard input. Ends with 1 when nothing can carry the request.
    """
    if ready is not None and (files or prompt):
        raise click.UsageError("--body is a whole request: no FILE and no --prompt beside it")
    if ready is None and not files and not prompt:
        raise click.UsageError("nothing to weigh: name a FILE, or give --prompt TEXT or --body JSON")
    settings = configuration.settings(path, need_secrets=False)
    try:
        if ready is not None:
            body, media = _read(ready).data, list[str]()
        elif kind == "chat":
            body, media = chat_body(model, prompt, [_read(file) for file in files], max_tokens)
        else:
            body, media = service_body(kind, model, prompt, [_read(file) for file in files])
    except UnfitError as error:
        raise click.UsageError(str(error)) from None
    document, key = weighed(settings, body)
    click.echo(_shown(document, media, key, form), nl=False)
    if document["chosen"] is None:
        raise SystemExit(NOTHING_FITS)


def weighed(settings: Settings, body: bytes) -> tuple[dict[str, Any], Key | None]:
    """The document for a body, `credentials` told for each candidate, and which key would change the choice.

    `chosen` is what the server would take. Candidates that lack a key alone are `rejected` for that, with
    what they would cost; they stand before those that cannot carry the request anyway.
    """
    from gateway.app import Quoter  # noqa: PLC0415 - the whole application: other commands start without it

    try:
        found = Quoter(settings.to_weigh(), settings.accounts).document(body)
        if not found["served"]:
            # Weighed at every service there is, whoever has a key.
            return found, None
        imagined = Quoter(settings.as_if_usable(), settings.accounts).document(body)
    except GatewayError as error:
        raise click.ClickException(f"{error.message} ({error.code})") from None
    return with_costs(found, imagined, settings)


def _shown(document: dict[str, Any], media: list[str], key: Key | None, form: str | None) -> str:
    if form == "json":
        return json.dumps(document, indent=2) + "\n"
    if form == "markdown":
        return markdown(_with_files(document, media), key=key)
    width = shutil.get_terminal_size((WIDTH, 24)).columns
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return render(_with_files(document, media), width=width, colour=colour, key=key)


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
