"""The embedded engines: `local://MODEL` is answered by this process, in the shape of OpenAI's chat."""

from gateway.providers.row import Provider

LOCAL = Provider(name="local", dialect="openai_chat", base_url="local:", auth="none")
