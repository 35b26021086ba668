"""A model that was named and is not known."""

from gateway.catalog import Catalog


def unknown(model: str, known: Catalog) -> str:
    """The refusal of a name that is not in the catalog, with those that look like it."""
    tail = model.rpartition("/")[2]
    near = [name for name in known.names() if tail and tail in name][:5]
    hint = f"; did you mean {', '.join(near)}?" if near else "; `weighbridge catalog list` names all"
    return f"nothing is known of {model}{hint}"
