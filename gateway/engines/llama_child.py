"""`python -m gateway.engines.llama_child`: llama.cpp's own server on a private loopback port.

It picks a free port itself, asks every caller for the key, shows no slots, properties or web page, and
keeps no prompt between calls: one tenant's words must not speed up (and so show up in) another's.
"""

from typing import Any

from gateway.engines import child, wire


def main() -> None:
    """Load, say the port, stay until the gateway hangs up."""
    line = child.Line()
    setup = line.receive()
    if not isinstance(setup, wire.LlamaSetup):
        raise TypeError(type(setup).__name__)
    child.confine(setup.memory, setup.nice)
    server = _serve(setup)
    line.send(wire.Ready(int(server.listening_address.rsplit(":", 1)[1])))
    line.wait_for_hang_up()


def _serve(setup: wire.LlamaSetup) -> Any:
    import xllamacpp  # type: ignore[import-untyped]  # noqa: PLC0415 -- after the limits

    params = xllamacpp.CommonParams()
    params.model.path = setup.model
    params.model_alias = {setup.alias}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [setup.api_key]
    # Two at a time, each with the whole context: a short question need not wait for a long answer.
    params.n_ctx = 2 * setup.context
    params.n_parallel = 2
    params.n_predict = setup.max_output_tokens
    # One thread: with more, llama.cpp's spin barriers starve each other on a busy machine.
    params.cpuparams.n_threads = setup.threads
    params.cpuparams_batch.n_threads = setup.threads
    params.cache_prompt = False
    params.cache_ram_mib = 0
    params.endpoint_slots = False
    params.endpoint_props = False
    params.endpoint_metrics = False
    params.ui = False
    params.offline = True
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
