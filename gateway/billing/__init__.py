"""What an exchange really cost: usage to line items, savings, ledger lines and answer headers.

| module | holds |
|---|---|
| `settle` | `settle`: one attempt to its `Settlement`; `settle_hit`: a cache hit |
| `witness` | the provider's own sum, laid over ours |
| `book` | `Book`: the account of one operation, closed exactly once |
| `backlog` | `Backlog`: books that the ledger would not take |
| `headers` | the answer headers |
| `lessons`, `experience` | what earlier answers taught, and its one owner |
"""

from gateway.billing.backlog import Backlog
from gateway.billing.book import Book, Entry, ledger_lines
from gateway.billing.experience import Change, Experience
from gateway.billing.headers import AnswerFacts, headers
from gateway.billing.lessons import task
from gateway.billing.settle import Price, settle, settle_hit

__all__ = [
    "AnswerFacts",
    "Backlog",
    "Book",
    "Change",
    "Entry",
    "Experience",
    "Price",
    "headers",
    "ledger_lines",
    "settle",
    "settle_hit",
    "task",
]
