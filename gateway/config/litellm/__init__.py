"""A LiteLLM `config.yaml`, read as if it were ours.

`convert` rewrites the document into the shape of `weighbridge.yaml`, and remembers where every value came
from: all that follows is the same validation, and its mistakes point into the LiteLLM file.

| module | reads |
|---|---|
| `tree` | sections: what nobody takes is told, one warning a key |
| `words` | what to say of keys that have no meaning here |
| `servers` | provider prefixes, addresses and keys to entries of `providers` |
| `facts` | prices and `model_info` to facts of the catalog |
| `rows` | `model_list` to `models` |
| `rest` | `litellm_settings`, `general_settings`, `router_settings` |

What is the same there and here keeps its meaning. Rows of one `model_name` are its candidates, chosen by
what a request costs at each. A row that cannot be served here is left out with a warning that says why;
when none can be served, that is a mistake. Sections of ours (`accounts`, `server`, `budgets`, ...) may
stand in the same file.
"""

from gateway.config.litellm.convert import KEYS, convert, recognised

__all__ = ["KEYS", "convert", "recognised"]
