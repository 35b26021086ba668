"""A process that spends from a shared budget as fast as it can: `python -m tests.adapters.spender`.

Arguments: ledger file, name, tasks, tries per task, budget. Prints how often it was let through.
"""

import random
import sys

import anyio

from gateway.adapters.clock import SystemClock
from gateway.adapters.sqlite import SqliteAccounts
from tests.contracts.ledger import line


async def spend(path: str, name: str, tasks: int, tries: int, budget: int) -> int:
    """Reserve up to 100, settle less, over and over; the number of operations that were let through."""
    accounts = SqliteAccounts(path, SystemClock(), busy_seconds=60.0)
    through = 0

    async def one(task: int) -> None:
        nonlocal through
        dice = random.Random(f"{name} {task}")
        for turn in range(tries):
            operation = f"{name}-{task}-{turn}"
            amount = dice.randint(1, 100)
            if await accounts.reserve(operation, "t", amount, budget) is None:
                through += 1
                half = dice.randint(0, amount)
                await accounts.settle(
                    operation, [line(operation, 0, half), line(operation, 1, amount - half)]
                )

    async with anyio.create_task_group() as group:
        for task in range(tasks):
            group.start_soon(one, task)
    await accounts.aclose()
    return through


if __name__ == "__main__":
    ledger, own, *figures = sys.argv[1:]
    tasks, tries, budget = map(int, figures)
    sys.stdout.write(f"{anyio.run(spend, ledger, own, tasks, tries, budget)}\n")
