"""The settings a command works with, or all mistakes and an exit."""

from pathlib import Path

import click

from gateway import config

USAGE = 2

option = click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"The configuration; else ${config.VARIABLE}, ./{config.FILE_NAME}, or what the environment offers.",
)


def settings(path: Path | None, *, need_secrets: bool = True) -> config.Settings:
    """Settings of the file in charge. With mistakes: prints them all and ends with exit code 2."""
    try:
        return config.load_settings(path, need_secrets=need_secrets)
    except config.ConfigError as error:
        for mistake in error.mistakes:
            click.echo(str(mistake), err=True)
        count = len(error.mistakes)
        click.echo(f"{count} mistake{'s' if count > 1 else ''}; nothing was started", err=True)
        raise SystemExit(USAGE) from None


def warn(found: config.Settings) -> None:
    """Warnings, on standard error."""
    for warning in found.warnings:
        click.echo(f"{click.style('warning', fg='yellow')} {warning}", err=True)
