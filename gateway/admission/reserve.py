"""Money is held before anything is sent: whoever only checks and adds later overshoots under load."""

from gateway.errors import failure
from gateway.ports import Accounts
from gateway.types.money import usd
from gateway.types.plan import Plan
from gateway.types.principal import Principal


async def reserve(accounts: Accounts, principal: Principal, plan: Plan, operation: str) -> int:
    """Hold the most that the dearest attempt can cost; nanodollars held, 0 without a budget.

    Raises `budget_exceeded` with the figures; nothing is held then.
    """
    if principal.budget is None:
        return 0
    needed = needed_for(plan)
    left = await accounts.reserve(operation, principal.tenant, needed, principal.budget)
    if left is None:
        return needed
    left = max(left, 0)
    raise failure(
        "budget_exceeded",
        f"this request may cost up to ${usd(needed)} and ${usd(left)} of the budget of"
        f" ${usd(principal.budget)} is left;"
        " a lower output limit, a cheaper model or a higher budget would work",
        details={
            "needed_usd": usd(needed),
            "left_usd": usd(left),
            "budget_usd": usd(principal.budget),
        },
    )


def needed_for(plan: Plan) -> int:
    """Nanodollars of the dearest attempt at its worst. Raises `budget_exceeded` for an unknown price."""
    tried = plan.attempts[: max(plan.policy.max_attempts, 1)]
    for attempt in tried:
        if not attempt.quote.priced:
            # A check that cannot be made fails closed.
            raise failure(
                "budget_exceeded",
                f"{attempt.deployment.name} has no known price, so a budget cannot cover it;"
                " a model with a price would work",
            )
    return max(attempt.quote.high for attempt in tried)
