"""Which deployment carries a request: `survey` judges, `route` plans, `failover` goes on, `explain` tells.
`health` skips what keeps failing. `to_look_at` says before all that which pictures have to be looked at,
`to_read` which documents to be read. `why` says a candidate's place in a sentence, `grounds` what its price
rests on.

Reason codes, stable: `modality_unsupported` `format_unsupported` `too_many_images` `image_too_large`
`media_too_large` `context_exceeded` `feature_unsupported` `part_unsupported` `parameter_unsupported`
`operation_unsupported` `tier_not_sold` `region_not_sold` `unpriced` `facts_missing` `not_allowed`
`no_credentials` `unhealthy` `below_quality_floor` `quality_unknown` `no_text_layer` `level_unsupported`
`dearer` `standby`.
"""

from gateway.routing.explain import explain
from gateway.routing.failover import failover
from gateway.routing.health import Health, Turned
from gateway.routing.looking import to_look_at
from gateway.routing.route import Surroundings, Survey, no_suitable_model, route, survey
from gateway.routing.terms import Asked
from gateway.routing.variants import to_read

__all__ = [
    "Asked",
    "Health",
    "Surroundings",
    "Survey",
    "Turned",
    "explain",
    "failover",
    "no_suitable_model",
    "route",
    "survey",
    "to_look_at",
    "to_read",
]
