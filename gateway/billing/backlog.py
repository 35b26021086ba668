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
        """Offer the books in their order; stop at the first that is refused.

        A book leaves the list only when it is written: a flush that is cancelled, as at the end of the
        process, forgets none, and two flushes at once write nothing twice.
        """
        while self._books:
            book = self._books[0]
            try:
                await book.close()
            except GatewayError:
                # Still down: the rest would only wait for the same deadline.
                return
            if book in self._books:
                self._books.remove(book)
