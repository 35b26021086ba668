"""The world round the gateway, under our control: no mocks, real sockets, processes of their own.

| module | is |
|---|---|
| `upstream` | `async with scripted_upstream() as upstream:` a provider that misbehaves on demand |
| `programs` | what it can be told to do with a call (`Program`), also by model name: `fault-reset-at-100` |
| `answers` | what it says: OpenAI and Anthropic shapes, plain and streamed, and the usage it claims |
| `counting` | what its free counters of tokens say, by formulas of the rig's own |
| `book` | its accounts: what arrived, what was claimed, how each call ended and when |
| `server` | its sockets |
| `raw` | a client that sends exactly the bytes it is told to, and reads what comes |
| `fault_proxy` | a TCP proxy that delays, cuts, resets or swallows (for upstreams, for Redis) |
| `process` | start a child, wait for its ready line, stop it |
"""
