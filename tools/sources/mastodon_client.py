"""Asking a Mastodon server politely: paced, retried, page by page, and always the plain JSON."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlsplit

import tenacity

from config.errors import SourceError
from tools.sources.answers import Json

LONGEST_WAIT: Final = 305.0  # seconds: one window of a stock server, and a little for rounding
TRIES: Final = 4
RESERVE: Final = 5  # requests left in the window, below which we wait for the next one
PATIENCE: Final = 20  # seconds for one request
PAGE: Final = 40
BATCH: Final = 20
MISSING: Final = {404, 405, 410, 422, 501}

log = logging.getLogger(__name__)

Call = Callable[..., Any]
"""Something that takes a Mastodon.py client, and the ids to page by."""


class RefusedError(SourceError):
    """The server did not answer what was asked.

    ``status`` is its HTTP status, 0 where there was none; ``spoken`` tells that the API itself said so, in JSON, and
    not something in front of it that knows nothing.
    """

    def __init__(self, message: str, status: int = 0, *, spoken: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.spoken = spoken

    @property
    def missing(self) -> bool:
        """Whether the server does not know this endpoint, or no longer has the thing."""
        return self.status in MISSING

    @property
    def gone(self) -> bool:
        """Whether the API says that there is no such thing."""
        return self.spoken and self.status in {404, 410}

    @property
    def forbidden(self) -> bool:
        """Whether the token is wrong, or lacks a scope."""
        return self.status in {401, 403}


class Server:
    """One server, as the owner of ``token`` sees it. Nothing is asked before the first ``ask``."""

    def __init__(
        self, base_url: str, token: str, *, sleep: Callable[[float], None], now: Callable[[], datetime]
    ) -> None:
        self.host = urlsplit(base_url).netloc
        self.batches = True  # until it turns out that statuses are told one by one only
        self._base_url, self._token = base_url, token
        self._sleep, self._now = sleep, now
        self._client: Any = None
        self._response: Any = None  # the last one: Mastodon.py keeps neither its JSON nor its headers
        self._wait: float | None = None

    def ask(self, what: str, call: Call, **ids: Any) -> Any:
        """The plain JSON that answers ``call``. Raises RefusedError, after as many tries as make sense."""
        return self._ask(what, partial(call, **ids))[1]

    def rows(self, what: str, call: Call, **ids: Any) -> list[Json]:
        """The same, for an answer that must be a list."""
        return self._listed(what, self.ask(what, call, **ids))

    def statuses(self, numbers: Sequence[str], *, surely: bool) -> Iterator[tuple[str, Json | RefusedError]]:
        """Statuses by id, in as few requests as the server allows.

        ``surely`` asks once more for each that is left out of a batch, and tells why it is not there.
        """
        for start in range(0, len(numbers), BATCH):
            chunk = numbers[start : start + BATCH]
            found = self._batch(chunk)
            for number in chunk:
                if found is not None and number in found:
                    yield number, found[number]
                elif found is None or surely:
                    yield number, self._single(number)

    def _batch(self, numbers: Sequence[str]) -> dict[str, Json] | None:
        if not self.batches:
            return None
        try:
            return {row_id(row): row for row in self.rows("posts", lambda client: client.statuses(list(numbers)))}
        except RefusedError as refused:
            if not refused.missing:
                raise
            self.batches = False  # Mastodon before 4.3, GoToSocial
            return None

    def _single(self, number: str) -> Json | RefusedError:
        try:
            answer = self.ask(f"post {number}", lambda client: client.status(quote(number, safe="")))
        except RefusedError as refused:
            return refused
        return answer if isinstance(answer, Mapping) else RefusedError(f"{self.host} sent no post as {number}.")

    def back(self, what: str, call: Call) -> Iterator[list[Json]]:
        """Pages from the newest backwards, newest first, each row once, until there are no more."""
        return self._pages(what, call, _older)

    def ahead(self, what: str, call: Call, since: str) -> Iterator[list[Json]]:
        """Pages from ``since`` (an id) forward, oldest page first, each newest first, each row once."""
        return self._pages(what, partial(call, min_id=since), partial(_newer, call))

    def _pages(
        self, what: str, first: Call, following: Callable[[Any, list[Json]], Call | None]
    ) -> Iterator[list[Json]]:
        known: set[str] = set()
        step: Call | None = first
        while step is not None:
            page, answer = self._ask(what, step)
            rows = self._listed(what, answer)
            # GoToSocial repeats itself over the pages; a page of nothing but repetitions is the end.
            fresh = list({row_id(row): row for row in rows if row_id(row) not in known}.values())
            if not fresh:
                return
            known.update(map(row_id, fresh))
            yield fresh
            step = following(page, rows)

    def _listed(self, what: str, answer: Any) -> list[Json]:
        if not isinstance(answer, list):
            raise RefusedError(
                f"{self.host} sent something else than a list for {what}; Magpie will ask again next time."
            )
        return [row for row in answer if isinstance(row, Mapping)]

    def _connected(self) -> Any:
        if self._client is None:
            from mastodon import Mastodon

            self._client = Mastodon(
                access_token=self._token,
                api_base_url=self._base_url,
                ratelimit_method="throw",
                request_timeout=PATIENCE,
                user_agent="magpie (personal reading agent)",
            )
            self._client.session.hooks["response"].append(self._heard)
        return self._client

    def _heard(self, response: Any, *_: Any, **__: Any) -> None:
        self._response = response
        self._wait = seconds_to_wait(response.status_code, response.headers, self._now())

    def _ask(self, what: str, request: Call) -> tuple[Any, Any]:
        retrying = tenacity.Retrying(
            sleep=self._sleep,
            stop=tenacity.stop_after_attempt(TRIES),
            wait=self._backoff,
            retry=tenacity.retry_if_exception(self._passing),
            before_sleep=lambda state: log.info("event=retry host=%s try=%d", self.host, state.attempt_number),
            reraise=True,
        )
        try:
            return retrying(self._once, what, request)
        except SourceError:
            raise
        except Exception as error:  # Mastodon.py's own, which may quote what the server said
            raise self._refused(what, error) from None

    def _once(self, what: str, request: Call) -> tuple[Any, Any]:
        self._pace(what)
        self._response = None
        page = request(self._connected())
        return page, self._response.json()

    def _pace(self, what: str) -> None:
        wait, self._wait = self._wait, None
        if wait is None:
            return
        if wait > LONGEST_WAIT:
            self._wait = wait
            raise RefusedError(
                f"{self.host} allows no more requests for {wait / 60:.0f} minutes, so {what} was left out; "
                "Magpie will go on where it stopped.",
                429,
            )
        log.info("event=pause host=%s seconds=%.0f", self.host, wait)
        self._sleep(wait)

    def _backoff(self, state: tenacity.RetryCallState) -> float:
        # Where the server says how long, the next try waits that long by itself.
        return 0.0 if self._wait is not None else float(2**state.attempt_number)

    def _passing(self, error: BaseException) -> bool:
        """Whether trying again may help: limits, faults of the server or the network, half an answer."""
        from mastodon import errors

        if isinstance(error, errors.MastodonServerError):
            return self._status() != 501
        if isinstance(error, errors.MastodonRatelimitError | errors.MastodonNetworkError):
            return True
        return isinstance(error, errors.MastodonAPIError | ValueError) and self._status() == 200

    def _status(self) -> int:
        return int(self._response.status_code) if self._response is not None else 0

    def _refused(self, what: str, error: Exception) -> RefusedError:
        status = self._status()
        said = {0: "could not be reached", 200: "sent an answer that is no JSON"}.get(status, f"answered {status}")
        log.info("event=refused host=%s status=%d error=%s", self.host, status, type(error).__name__)
        message = f"{self.host} {said} when asked for {what}; Magpie will ask again next time."
        return RefusedError(message, status, spoken=self._spoken())

    def _spoken(self) -> bool:
        with suppress(AttributeError, ValueError):
            return isinstance(self._response.json(), dict)
        return False


def row_id(row: Json) -> str:
    """An id, which is opaque: never a number, never compared by size."""
    return str(row.get("id", ""))


def seconds_to_wait(status: int, headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to be silent before the next request; None: no need, or the server does not say.

    By Retry-After after a 429, else by X-RateLimit-Reset (an instant, or seconds since 1970), on the server's clock.
    """
    remaining = headers.get("X-RateLimit-Remaining", "")
    if status != 429 and not (remaining.isdigit() and int(remaining) <= RESERVE):
        return None
    retry = headers.get("Retry-After", "") if status == 429 else ""
    if retry.isdigit():
        return float(retry)
    there = _when(headers.get("Date", "")) or now
    until = _when(retry) or _when(headers.get("X-RateLimit-Reset", "")) or there
    return (until - there).total_seconds() if until > there else None


def _when(text: str) -> datetime | None:
    """An instant in any of the ways that servers write it."""
    ways: tuple[Callable[[str], datetime], ...] = (_since_1970, datetime.fromisoformat, parsedate_to_datetime)
    for way in ways:
        with suppress(ValueError, OverflowError, OSError):
            moment = way(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _since_1970(text: str) -> datetime:
    return datetime.fromtimestamp(int(text), UTC)


def _older(page: Any, _: Sequence[Json]) -> Call | None:
    return (lambda client: client.fetch_next(page)) if getattr(page, "_pagination_next", None) else None


def _newer(call: Call, page: Any, rows: Sequence[Json]) -> Call:
    if getattr(page, "_pagination_prev", None):
        return lambda client: client.fetch_previous(page)
    return partial(call, min_id=row_id(rows[0]))
