"""Weighbridge: weighs every multimodal request before it is sent. This page is the map.

One path, and `exchange/__init__.py` says it in this order and nothing else; read that file first:

    identify -> read -> recall -> weigh -> route -> reserve -> (prepare -> dispatch)+ -> settle -> write

The rooms, and who may know whom (imports point right; import-linter holds it):

    cli -> app -> api | adapters | engines -> exchange
        -> admission | media | caching | routing | upstream | billing | telemetry | config
        -> providers -> dialects | catalog -> ports -> types -> errors | _core

| room | holds |
|---|---|
| `cli/`, `app/` | the commands; the one place where ports get their adapters |
| `exchange/` | the verbs of the path |
| `errors.py`, `ports.py`, `types/` | failures as rows; what we need from the world; the frozen values |
| `api/` | paths -> operation and dialect; the ASGI handler; quote, models, probes |
| `admission/` | keys, and reservations against budgets |
| `media/` | facts of media, weighing, measuring, preparation, pictures of earlier requests |
| `caching/` | canonical key, stored answers, replay |
| `routing/` | route: candidates -> a plan with a reason for each; failover |
| `upstream/` | dispatch: send, stream, faults as a table |
| `billing/` | settle: usage -> line items, savings, ledger lines |
| `telemetry/` | THE table of metrics, the log line |
| `config/` | schema, load, secrets; LiteLLM's file, local servers |
| `providers/` | a small frozen row per provider |
| `dialects/` | a codec per wire format |
| `catalog/` | dated facts, token rules, cost |
| `adapters/` | HTTP client, Redis, memory, SQLite, Prometheus, clock |
| `engines/` | models that run on this machine, in processes of their own |
| `_core` | Rust: JSON scan and splice, facts and signals of media, fit and crop, tokens, server-sent events |
"""
