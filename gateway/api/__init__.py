"""The HTTP face: endpoints as a table, a thin ASGI handler, probes. The only room that knows litestar."""
