"""The command `weighbridge`."""

import click

from gateway.cli.catalog import catalog
from gateway.cli.check import check
from gateway.cli.quote import quote
from gateway.cli.serve import serve

__all__ = ["main"]

_EXAMPLES = """\b
Examples:
  weighbridge serve                          answer on http://127.0.0.1:8080
  weighbridge quote photo.jpg                what would it cost, and where?
  weighbridge check --config weighbridge.yaml
  weighbridge catalog show openai/gpt-4o     what is known of a model, and who says so
"""


@click.group(epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="weighbridge", message="%(package)s %(version)s")
def main() -> None:
    """Weigh every multimodal request before it is sent, and take the cheapest road that can carry it."""


main.add_command(serve)
main.add_command(quote)
main.add_command(check)
main.add_command(catalog)
