"""The cache in Redis or Valkey, which is allowed to be down, slow, full, read-only or full of lies.

redis-py repeats a command by itself when a reply is lost; here retries are off. Each command runs
shielded from the client's hang-up (a cancelled command costs redis-py its connection, so a storm of
hang-ups would become a storm of reconnects) and under a deadline of our own. After a few failures in a
row a breaker skips the store for a moment, so that a dead Redis costs nobody a deadline per request.
Whatever goes wrong is a miss; one log line tells each change of state.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

import anyio
from anyio import CancelScope
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from gateway.ports import Clock
from gateway.types.principal import Secret

_log = logging.getLogger("weighbridge.cache")

_PREFIX: Final = "weighbridge:answer:"
_FAILURES_TO_OPEN: Final = 3
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 5.0


class Breaker:
    """Three failures in a row open it; after a pause one probe may try, and closes it or doubles the
    pause (1 s up to 5 s). `allow` answers whether to call now; then `succeeded` or `failed` must follow.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._clock = clock
        self._failures = 0
        self._pause = _FIRST_PAUSE
        self._opened_at: float | None = None
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether calls are skipped."""
        return self._opened_at is not None

    def allow(self) -> bool:
        """Whether a call may go out; in the open state one probe after each pause."""
        if self._opened_at is None:
            return True
        if self._probing or self._clock.monotonic() - self._opened_at < self._pause:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        """A call was answered."""
        if self._opened_at is not None:
            _log.warning("the %s is back", self._name)
        self._failures = 0
        self._pause = _FIRST_PAUSE
        self._opened_at = None
        self._probing = False

    def failed(self, reason: str) -> None:
        """A call was not answered, or with an error. `reason`: a name of ours or of the client library."""
        self._failures += 1
        if self._probing:
            self._probing = False
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
            self._opened_at = self._clock.monotonic()
        elif self._opened_at is None and self._failures >= _FAILURES_TO_OPEN:
            self._opened_at = self._clock.monotonic()
            _log.warning("the %s is skipped: %s", self._name, reason)


class RedisCache:
    """A `Cache` over one Redis or Valkey. Deadlines in seconds; they include waiting for a connection.

    Reading and writing have a breaker each: a full or read-only store still answers reads.
    """

    def __init__(
        self,
        url: Secret,
        clock: Clock,
        *,
        prefix: str = _PREFIX,
        get_seconds: float = 0.15,
        put_seconds: float = 0.25,
        max_value_bytes: int = 1_048_576,
        max_connections: int = 32,
    ) -> None:
        pool = BlockingConnectionPool.from_url(
            url.reveal(),
            retry=Retry(NoBackoff(), 0),
            max_connections=max_connections,
            timeout=put_seconds,
            socket_connect_timeout=put_seconds,
            socket_timeout=put_seconds,
        )
        self._redis = Redis.from_pool(pool)
        self._prefix = prefix
        self._get_seconds = get_seconds
        self._put_seconds = put_seconds
        self._max_value_bytes = max_value_bytes
        self._reads = Breaker("cache store for reading", clock)
        self._writes = Breaker("cache store for writing", clock)

    async def get(self, key: str) -> bytes | None:
        """The value; None when there is none, it is over the cap, or the store did not answer in time."""
        if not self._reads.allow():
            return None
        # GETRANGE bounds what a foreign writer can make us read.
        name, last = self._prefix + key, self._max_value_bytes
        value = await _ask(self._reads, self._get_seconds, lambda: self._redis.getrange(name, 0, last))
        if not isinstance(value, bytes) or not 0 < len(value) <= self._max_value_bytes:
            return None
        return value

    async def put(self, key: str, value: bytes, ttl_seconds: float) -> None:
        """Keep a value if the store takes it in time."""
        milliseconds = int(ttl_seconds * 1000)
        if milliseconds <= 0 or len(value) > self._max_value_bytes or not self._writes.allow():
            return
        name = self._prefix + key
        await _ask(self._writes, self._put_seconds, lambda: self._redis.set(name, value, px=milliseconds))

    async def aclose(self) -> None:
        """Close every connection."""
        with CancelScope(shield=True), anyio.move_on_after(self._put_seconds):
            await self._redis.aclose()


async def _ask(breaker: Breaker, seconds: float, command: Callable[[], Awaitable[object]]) -> object:
    """The reply, or None; tells the breaker in every case."""
    answer: object = None
    failure: str | None = "deadline"
    try:
        with CancelScope(shield=True, deadline=anyio.current_time() + seconds):
            answer = await command()
            failure = None
    except ResponseError as error:
        # WRONGTYPE: a foreign writer's key, not a failing store.
        failure = None if str(error).startswith("WRONGTYPE") else type(error).__name__
    except Exception as error:  # noqa: BLE001
        # The port never raises: whatever the client library makes of a dying socket or of bytes that
        # are not Redis's protocol is a miss. The text may hold the URL's password; the type does not.
        failure = type(error).__name__
    finally:
        if failure is None:
            breaker.succeeded()
        else:
            breaker.failed(failure)
    return answer
