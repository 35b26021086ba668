"""Strict reading of a client's JSON: every member is taken once, by type; what is left is the rest.

A place is written as a client would write it: `messages[1].content[0].image_url.url`. Messages name
places and what would work; they never hold a value that the client sent.
"""

import base64
from collections.abc import Mapping
from typing import Any

import msgspec

from gateway._core import Document
from gateway.errors import GatewayError, failure
from gateway.types.terms import Wish


def invalid(place: str, must: str) -> GatewayError:
    """`field_invalid` for a place: what it must be."""
    return failure("field_invalid", f"{place} {must}.", param=place)


def unsupported(place: str, why: str) -> GatewayError:
    """`field_unsupported` for a place: why it cannot be served, and what works."""
    return failure("field_unsupported", f"{place} {why}.", param=place)


def missing(place: str) -> GatewayError:
    """`field_missing` for a place."""
    return failure("field_missing", f"{place} is required.", param=place)


class Body:
    """A body while it is read: tells media from text, and counts the media that parts have claimed."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._has_media = bool(document.media)
        # Ordinal of the next medium a part may hold, for errors about media that never left the JSON.
        self.next_medium = 0

    def members(self) -> "Fields":
        """The top level."""
        return Fields(msgspec.json.decode(self.document.skeleton), "", self)

    def medium(self, value: str) -> int | None:
        """Index of the medium a string stands for."""
        if not self._has_media:
            return None
        index = self.document.media_index(value)
        if index is not None:
            self.next_medium = index + 1
        return index

    def restored(self, value: Any) -> Any:
        """The value with media that stand in places of data (a tool's input, metadata) as text again."""
        if not self._has_media:
            return value
        if isinstance(value, str):
            index = self.document.media_index(value)
            return value if index is None else self._text_of(index)
        if isinstance(value, list):
            return [self.restored(item) for item in value]
        if isinstance(value, dict):
            return {key: self.restored(item) for key, item in value.items()}
        return value

    def _text_of(self, index: int) -> str:
        medium = self.document.media[index]
        text = base64.b64encode(medium.data()).decode()
        return text if medium.declared is None else f"data:{medium.declared};base64,{text}"


class Fields:
    """An object of the body. `at`: its place, "" for the top level. A null member counts as absent."""

    def __init__(self, value: object, at: str, body: Body) -> None:
        if not isinstance(value, dict):
            raise invalid(at or "The body", "must be an object")
        self._members = value
        self.at = at
        self.body = body

    def place(self, key: str) -> str:
        """Where a member stands."""
        return f"{self.at}.{key}" if self.at else key

    def take(self, key: str) -> Any:
        """A member of any type, taken out."""
        return self._members.pop(key, None)

    def need(self, key: str) -> Any:
        """A member of any type that must be there."""
        value = self.take(key)
        if value is None:
            raise missing(self.place(key))
        return value

    def text(self, value: object, key: str) -> str:
        """The value of a member as text. The scanner never lifts media from under the keys of texts."""
        if not isinstance(value, str):
            raise invalid(self.place(key), "must be a string")
        return value

    def string(self, key: str) -> str | None:
        """A string."""
        value = self.take(key)
        return None if value is None else self.text(value, key)

    def name(self, key: str) -> str:
        """A string that must be there and not be empty."""
        value = self.text(self.need(key), key)
        if not value:
            raise invalid(self.place(key), "must not be empty")
        return value

    def choice(self, key: str, allowed: tuple[str, ...]) -> str | None:
        """One of a few words."""
        value = self.take(key)
        if value is not None and value not in allowed:
            raise invalid(self.place(key), f"must be one of {', '.join(allowed)}")
        return value if value is None else str(value)

    def tier(self, words: Mapping[str, Wish | None]) -> Wish | None:
        """The service tier in our word; one of no known price stays in the rest."""
        value = self._members.get("service_tier")
        if not isinstance(value, str) or value not in words:
            return None
        del self._members["service_tier"]
        return words[value]

    def boolean(self, key: str) -> bool | None:
        """True or false."""
        value = self.take(key)
        if value is not None and not isinstance(value, bool):
            raise invalid(self.place(key), "must be true or false")
        return value

    def integer(self, key: str, low: int, high: int) -> int | None:
        """An integer in a closed range."""
        value = self.take(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise invalid(self.place(key), f"must be an integer from {low} to {high}")
        return value

    def number(self, key: str, low: float, high: float) -> float | None:
        """A number in a closed range."""
        value = self.take(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise invalid(self.place(key), f"must be a number from {low} to {high}")
        return value

    def nested(self, value: object, key: str) -> "Fields":
        """The value of a member as an object."""
        return Fields(value, self.place(key), self.body)

    def child(self, key: str) -> "Fields | None":
        """An object."""
        value = self.take(key)
        return None if value is None else self.nested(value, key)

    def array(self, value: object, key: str) -> list["Fields"]:
        """The value of a member as a list of objects."""
        if not isinstance(value, list):
            raise invalid(self.place(key), "must be a list")
        place = self.place(key)
        return [Fields(item, f"{place}[{i}]", self.body) for i, item in enumerate(value)]

    def schema(self, key: str) -> dict[str, Any] | None:
        """A JSON Schema, or any other object that is data to us."""
        value = self.take(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise invalid(self.place(key), "must be an object")
        restored: dict[str, Any] = self.body.restored(value)
        return restored

    def strings(self, key: str, most: int) -> tuple[str, ...]:
        """A list of strings, or one string for a list of one; empty if absent."""
        value = self.take(key)
        if value is None:
            return ()
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or len(items) > most or not all(isinstance(i, str) for i in items):
            raise invalid(self.place(key), f"must be a string or a list of at most {most} strings")
        return tuple(self.text(item, key) for item in items)

    def rest(self) -> dict[str, Any]:
        """The members nobody took."""
        rest: dict[str, Any] = self.body.restored(self._members)
        return rest
