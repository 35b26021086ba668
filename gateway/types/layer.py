"""The text layer of a document, page by page."""

from msgspec import Struct


class LayerPage(Struct, frozen=True):
    """One page. `text`: empty where nothing is written. `scan`: what is on it is drawn, and not as letters.

    `pictures`: it has pictures besides its text, which the text says nothing of.
    """

    text: str
    scan: bool = False
    pictures: bool = False
