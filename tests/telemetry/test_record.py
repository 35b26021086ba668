"""From what happened to numbers."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from gateway.adapters.prometheus import PrometheusMeters
from gateway.telemetry.instruments import BY_NAME
from gateway.telemetry.record import (
    Known,
    Observation,
    RequestFacts,
    apply,
    bounded,
    of_breaker,
    of_fallback,
    of_lookup,
    of_media,
    of_plan,
    of_request,
    of_settlement,
    of_unpriced,
)
from gateway.types.money import LineItem, Quote
from gateway.types.outcome import Saving, Settlement
from gateway.types.plan import Attempt, Deployment, Plan, Policy, Reason, Rejection
from gateway.types.weight import MediaFacts, Requirements, TextWeight

GPT = Deployment("openai/gpt-4o", "openai", "gpt-4o")
MINI = Deployment("openai/gpt-4o-mini", "openai", "gpt-4o-mini")
JUNK = Deployment("junk/model", "junk", "x")
KNOWN = Known(
    models=frozenset({GPT.name, MINI.name}),
    providers=frozenset({"openai"}),
    tenants=frozenset({"t"}),
    routes=frozenset({"vision"}),
)
ITEM = LineItem(
    modality="image",
    direction="in",
    unit="token",
    quantity="765",
    rate_usd="2.5",
    per=1_000_000,
    nanodollars=1_912_500,
    low=1_912_500,
    high=1_912_500,
    certainty="exact",
    kind="cached",
)


def test_a_settlement_is_told_by_modality() -> None:
    """Spend and tokens go to the series of their modality, direction, kind and source."""
    second = structs.replace(ITEM, modality="request", unit="request", quantity="1", nanodollars=7)
    found = of_settlement(Settlement((ITEM, second), "reported", ()), GPT, "t", KNOWN)
    spend = ("openai", "openai/gpt-4o", "image", "in", "t", "reported")
    assert [
        Observation("add", "weighbridge_spend_usd_total", 1_912_500, spend),
        Observation("add", "weighbridge_tokens_total", 765, (*spend[:4], "cached")),
        Observation("add", "weighbridge_spend_usd_total", 7, (*spend[:2], "request", *spend[3:])),
    ] == found


def test_negative_savings_have_their_own_counter() -> None:
    """A counter never goes down: what a road cost more is counted apart."""
    savings = (Saving("routing", "request", -5), Saving("preparation", "image", 9))
    found = of_settlement(Settlement((), "reported", savings, (("image", 1.25),)), GPT, "t", KNOWN)
    assert [
        Observation("add", "weighbridge_extra_usd_total", 5, ("routing", GPT.name, "request")),
        Observation("add", "weighbridge_saved_usd_total", 9, ("preparation", GPT.name, "image")),
        Observation("observe", "weighbridge_quote_ratio", 1.25, ("openai", GPT.name, "image")),
    ] == found


def test_a_request_is_told_once() -> None:
    """A stream gives four observations, a plain answer without figures two."""
    facts = RequestFacts("chat", "vision", "finished", 1.5, 0.25, 0.5, GPT)
    names = [seen.name for seen in of_request(facts, KNOWN)]
    assert [
        "weighbridge_requests_total",
        "weighbridge_request_duration_seconds",
        "weighbridge_overhead_seconds",
        "weighbridge_time_to_first_token_seconds",
    ] == names
    refused = RequestFacts("chat", "no such model", "refused", 0.001)
    first = of_request(refused, KNOWN)[0]
    assert ("chat", "other", "none", "none", "refused") == first.labels
    assert 2 == len(of_request(refused, KNOWN))


def test_candidates_not_chosen_are_told() -> None:
    """Rejections count by their reason, suitable but dearer ones as `dearer`, the chosen one not."""
    quote = Quote((ITEM,))
    plan = Plan(
        model="vision",
        attempts=(Attempt(GPT, (), quote, quote), Attempt(MINI, (), quote, quote)),
        rejections=(Rejection(JUNK, Reason("modality_unsupported", "m")),),
        policy=Policy(),
    )
    labels = [seen.labels for seen in of_plan(plan, KNOWN)]
    assert [("other", "modality_unsupported"), (MINI.name, "dearer")] == labels


def test_media_bytes_are_summed_by_kind() -> None:
    """Two images and a document give two observations."""
    text = TextWeight(tokens={}, tools={}, messages=1, names=0, characters=0)
    image = MediaFacts(index=0, modality="image", mime="image/png", digest="", size=10)
    paper = structs.replace(image, modality="document", size=7)
    load = Requirements(text, (image, image, paper), frozenset(), None)
    found = {seen.labels: seen.value for seen in of_media(load, "received")}
    assert {("image", "received"): 20, ("document", "received"): 7} == found


names = st.text(max_size=12)
deployments = st.builds(Deployment, names, names, names)


@given(deployments, names, names, st.sampled_from(["finished", "failed", "refused"]))
def test_labels_come_from_configuration_only(
    deployment: Deployment, tenant: str, route: str, end: str
) -> None:
    """Whatever a request names, label values are configured ones, ours, or `other`."""
    settlement = Settlement((ITEM,), "predicted", (Saving("cache", "text", 1),), (("text", 1.0),))
    facts = RequestFacts("chat", route, end, 1.0, 1.0, 1.0, deployment)  # type: ignore[arg-type]
    found = [
        *of_settlement(settlement, deployment, tenant, KNOWN),
        *of_request(facts, KNOWN),
        *of_unpriced(deployment, KNOWN),
        *of_fallback(deployment, "upstream_timeout", KNOWN),
    ]
    configured = {
        "provider": KNOWN.providers,
        "model": KNOWN.models,
        "tenant": KNOWN.tenants,
        "route": KNOWN.routes,
    }
    for seen in found:
        for label, value in zip(BY_NAME[seen.name].labels, seen.labels, strict=True):
            assert label not in configured or value in {*configured[label], "other"}


def test_bounded() -> None:
    """A known value passes, all else is `other`."""
    assert ("a", "other") == (bounded("a", frozenset("a")), bounded("b", frozenset("a")))


amounts = st.integers(0, 2**40)
items = st.builds(
    lambda modality, nano: structs.replace(ITEM, modality=modality, nanodollars=nano),
    st.sampled_from(["text", "image", "document"]),
    amounts,
)


@given(st.lists(st.lists(items, max_size=4), max_size=6))
def test_what_is_counted_is_what_was_settled(settled: list[list[LineItem]]) -> None:
    """Through the real meters, spend sums to the settlements, to the nanodollar."""
    meters = PrometheusMeters("1")
    for each in settled:
        apply(meters, of_settlement(Settlement(tuple(each), "reported", ()), GPT, "t", KNOWN))
    total = sum(item.nanodollars for each in settled for item in each)
    assert total == meters.nanodollars("weighbridge_spend_usd_total")


def test_a_breaker_is_one_or_nought() -> None:
    """A deployment that is skipped shows 1 under the reason it is skipped for, then 0 again."""
    meters = PrometheusMeters("1")
    name = 'weighbridge_breaker_open{model="openai/gpt-4o",provider="openai",reason="upstream_timeout"}'
    for opened in (True, False):
        apply(meters, of_breaker(GPT, "upstream_timeout", KNOWN, opened=opened))
        assert f"{name} {float(opened)}" in meters.render("")[0].decode()


def test_every_verb_reaches_the_meters() -> None:
    """Adding, observing and setting all arrive."""
    meters = PrometheusMeters("1")
    apply(meters, [*of_lookup("hit"), Observation("set", "weighbridge_inflight_requests", 3)])
    apply(meters, [Observation("observe", "weighbridge_event_loop_lag_seconds", 0.1)])
    body = meters.render("")[0].decode()
    assert 'weighbridge_cache_lookups_total{result="hit"} 1.0' in body
    assert "weighbridge_inflight_requests 3.0" in body
    assert "weighbridge_event_loop_lag_seconds_count 1.0" in body
