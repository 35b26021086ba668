"""What a chat completion cannot say."""

from gateway.dialects import DIALECTS
from tests.dialects.samples import PNG_URL, messages_body, read

OPENAI = DIALECTS["openai_chat"]


def test_media_in_a_relayed_tool_message_are_an_obstacle() -> None:
    """The client's own bytes are not rebuilt, so a medium cannot be moved; it is named."""
    messages = [
        {"role": "user", "content": "Look"},
        {"role": "assistant", "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f"}}]},
        {
            "role": "tool",
            "tool_call_id": "c",
            "content": [{"type": "image_url", "image_url": {"url": PNG_URL}}],
        },
    ]
    (obstacle,) = OPENAI.obstacles(read({"model": "m", "messages": messages}))
    assert (obstacle.code, obstacle.part, obstacle.kind) == ("part_unsupported", 0, "image")
    assert DIALECTS["anthropic_messages"].obstacles(read({"model": "m", "messages": messages})) == ()


def test_a_parameter_the_client_made_up_is_not_echoed() -> None:
    """A message names our words only."""
    request = read(messages_body({"type": "text", "text": "x"}, sEcReT=1, top_k=3), "anthropic_messages")
    messages = [obstacle.message for obstacle in OPENAI.obstacles(request)]
    assert len(messages) == 2
    assert not any("sEcReT" in message for message in messages)
    assert any("top_k" in message for message in messages)


def test_hints_are_dropped_and_listed() -> None:
    """Labels are no obstacle; what is not sent is told."""
    request = read(
        messages_body(
            {"type": "text", "text": "x"}, metadata={"user_id": "u"}, thinking={"type": "disabled"}
        ),
        "anthropic_messages",
    )
    assert OPENAI.obstacles(request) == ()
    assert OPENAI.dropped(request) == ("metadata",)


def test_a_tier_of_no_known_price_is_an_obstacle() -> None:
    """A queue that we have no price for is carried to nobody, in its own dialect and across."""
    for dialect, body in (
        ("openai_chat", {"model": "m", "messages": [{"role": "user", "content": "x"}]}),
        ("anthropic_messages", messages_body({"type": "text", "text": "x"})),
    ):
        request = read({**body, "service_tier": "warp"}, dialect)
        assert request.tier is None
        for target in DIALECTS.values():
            (obstacle,) = target.obstacles(request)
            assert obstacle.code == "parameter_unsupported"
            assert "service_tier" in obstacle.message
