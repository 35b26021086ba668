"""Facts: what a model takes, what an image is there in tokens, what a token costs, on which day.

| module | says |
|---|---|
| `facts` | the facts of one model |
| `records`, `schema`, `load` | TOML records to facts, refused with all mistakes at once |
| `images`, `audio`, `video`, `documents` | what a medium comes to, in tokens or in pages that are billed |
| `text` | text and tool definitions |
| `demand` | a request's quantities at a model |
| `terms` | the same facts in another service tier, region, hour |
| `cost` | quantities to money: `quote` before, `settle_items` after |
| `maps`, `compare` | other people's price maps, and where they say otherwise |

`data/*.toml` hold the facts, each with its source and date.
"""

from gateway.catalog.cost import quote, settle_items
from gateway.catalog.facts import MediaLimit, ModelFacts
from gateway.catalog.load import Catalog, CatalogError, load

__all__ = ["Catalog", "CatalogError", "MediaLimit", "ModelFacts", "load", "quote", "settle_items"]
