"""Who asks, and the secrets that must never show."""

from typing import Any, NoReturn

from msgspec import Struct


class Secret:
    """A credential that prints as `***` everywhere; `reveal` is called at the wire and nowhere else."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The credential itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not serialised")

    def __deepcopy__(self, memo: dict[int, Any]) -> "Secret":
        return self


class Principal(Struct, frozen=True):
    """The caller. `models` None: every configured model. `budget` None: no budget, else nanodollars."""

    tenant: str
    key: str
    models: frozenset[str] | None = None
    budget: int | None = None

    def may_use(self, model: str) -> bool:
        """Whether the key is allowed to ask for this model name."""
        return self.models is None or model in self.models
