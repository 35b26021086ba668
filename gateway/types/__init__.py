"""The values that travel on the path: frozen, without behaviour but derived properties.

| module | values | made by |
|---|---|---|
| `request` | `Request`, `Message`, `Part` | a dialect's reader |
| `principal` | `Principal`, `Secret` | admission |
| `weight` | `Requirements`, `MediaFacts` | weigh |
| `money` | `LineItem`, `Quote` | the catalog |
| `plan` | `Deployment`, `Attempt`, `Rejection`, `Plan`, `Step`, `Policy` | route |
| `call` | `UpstreamCall`, `Deadlines` | a dialect's writer and a provider row |
| `event` | `Event` | a dialect's stream reader |
| `outcome` | `Usage`, `Outcome`, `Settlement`, `LedgerLine` | dispatch, settle |
"""
