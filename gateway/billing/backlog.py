"""Books that the ledger would not take: kept, and offered again until it does.

The answer is paid for whether or not the ledger is there, so the client gets it; the lines wait here. The
ledger knows an operation by its id, so offering a book twice writes nothing twice. What is still here
when the process is killed is lost, and its log lines are all that remains.
"""

import logging

from gateway.billing.book import Book
from gateway.errors import GatewayError

_log = logging.getLogger("weighbridge.ledger")


class Backlog:
    """The books that wait. `flush` offers each of them again."""

    def __init__(self) -> None:
        self._books: list[Book] = []

    def __len__(self) -> int:
        return len(self._books)

    def keep(self, book: Book) -> None:
        """A book could not be closed. One log line tells what it holds."""
        self._books.append(book)
        fields = {"id": book.operation, "tenant": book.tenant, "nanodollars": book.cost}
        _log.error("the ledger is not there; a book waits", extra={"weighbridge_fields": fields})

    async def flush(self) -> None:
        """Offer every book once more; those that are refused again stay."""
        waiting, self._books = self._books, []
        for number, book in enumerate(waiting):
            try:
                await book.close()
            except GatewayError:
                # Still down: the rest would only wait for the same deadline.
                self._books = waiting[number:] + self._books
                return
