"""What servers answer, looked at with suspicion: statuses, JSON, dates, numbers that are words. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from config.errors import SourceError
from tools.manners import seconds_of
from tools.sources.prose import plain
from tools.sources.unseen import tidy
from tools.web import AwayError, Page

Json = Mapping[str, Any]

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LONGEST_NAME = 40
_WHY = {
    401: "it wants a login",
    403: "it refuses",
    404: "there is nothing",
    410: "it is gone for good; take it out of magpie.toml",
}


def host_of(url: str) -> str:
    """The host of a URL, as in sentences."""
    try:
        return (urlsplit(url).hostname or url).removeprefix("www.")
    except ValueError:
        return url[:60]


def good(page: Page, what: str) -> Page:
    """The page if it is a success. Raises SourceError (AwayError where the whole host is meant) in one sentence."""
    if page.status == 200:
        return page
    host = host_of(page.url)
    if page.status in (429, 503):
        minutes = -(-seconds_of(page.headers.get("retry-after", ""), 0.0) // 60)
        raise AwayError(f"{host} wants to be left alone for about {minutes:.0f} min before {what} is read.")
    if page.status >= 500:
        raise SourceError(f"{host} is in trouble (status {page.status}): {what} was not read this time.")
    raise SourceError(f"{host} did not give {what}: {_WHY.get(page.status, 'it answered')} (status {page.status}).")


def as_json(page: Page, what: str) -> Any:
    """The JSON of a page that is a success. Raises SourceError."""
    try:
        return json.loads(good(page, what).body)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{host_of(page.url)} sent no readable JSON for {what}.") from error


def rows(value: object, *keys: str) -> Sequence[Json]:
    """The list that stands under these keys, without what is no object in it."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def text(row: object, *keys: str) -> str:
    """The string that stands under these keys; a number is one, too."""
    for key in keys:
        row = row.get(key) if isinstance(row, Mapping) else None
    return str(row) if isinstance(row, str | int) and not isinstance(row, bool) else ""


def line(row: object, *keys: str) -> str:
    """The same as a single tidy line."""
    return " ".join(tidy(text(row, *keys)).split())


def one_line(html: str) -> str:
    """A title that may be marked up, as a single tidy line."""
    return " ".join(plain(html).text.split()) if "<" in html or "&" in html else " ".join(tidy(html).split())


def count(row: object, *keys: str) -> int:
    """The number that stands there, if it is one of something."""
    found = text(row, *keys)
    return int(found) if found.isascii() and found.isdecimal() and len(found) < 12 else 0


def moment(value: object) -> datetime | None:
    """Seconds since 1970 or an ISO date as an instant in UTC; None when it is neither, or lies before the web."""
    try:
        if isinstance(value, int | float):
            found = datetime.fromtimestamp(value, UTC)
        else:
            found = datetime.fromisoformat(str(value))
            found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found >= EARLIEST else None


def dated(at: datetime | None, now: datetime) -> datetime:
    """When something is taken to have come out: never later than now."""
    return now if at is None or at > now + timedelta(minutes=5) else min(at, now)


def web_link(url: str) -> str:
    """The URL if it is one of the web, in ASCII and without blanks; else nothing."""
    url = "".join(url.split())
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    fine = parts.scheme.lower() in ("http", "https") and parts.hostname and "@" not in parts.netloc
    return quote(url, safe="%/:?#[]@!$&'()*+,;=~-._") if fine else ""


def handle(name: str, host: str) -> str:
    """name@host for what has no handle of its own."""
    slug = re.sub(r"[^\w.-]+", "-", name.casefold(), flags=re.UNICODE).strip("-.")[:_LONGEST_NAME].strip("-.")
    return f"{slug or 'feed'}@{host}"
