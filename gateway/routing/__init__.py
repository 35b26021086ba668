"""Which deployment carries a request: `survey` judges, `route` plans, `failover` goes on, `explain` tells.
`to_look_at` says before all that which pictures have to be looked at, `to_read` which documents to be read.

Reason codes, stable: `modality_unsupported` `format_unsupported` `too_many_images` `image_too_large`
`media_too_large` `context_exceeded` `feature_unsupported` `part_unsupported` `parameter_unsupported`
`operation_unsupported` `unpriced` `facts_missing` `not_allowed` `no_credentials` `dearer` `standby`
`no_text_layer`.
"""

from gateway.routing.explain import explain
from gateway.routing.failover import failover
from gateway.routing.looking import to_look_at
from gateway.routing.route import Surroundings, Survey, no_suitable_model, route, survey
from gateway.routing.variants import to_read

__all__ = [
    "Surroundings",
    "Survey",
    "explain",
    "failover",
    "no_suitable_model",
    "route",
    "survey",
    "to_look_at",
    "to_read",
]
