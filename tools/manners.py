"""How Magpie behaves towards a host: not too often, not when it is busy, and not where robots.txt says no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.robotparser import RobotFileParser

from config.errors import SourceError

ROBOTS_LAST = 86_400.0  # seconds, as RFC 9309 has it
SLOWEST = 30.0  # seconds between two requests, whatever a robots.txt wishes


class AwayError(SourceError):
    """A host gives no answer, or wants to be left alone: asking it for something else is no use now."""


@dataclass
class Manners:
    """What is remembered of each host. ``clock`` gives seconds since 1970, ``pause`` lies between two requests."""

    clock: Callable[[], float]
    sleep: Callable[[float], None]
    _asked: dict[str, float] = field(default_factory=dict, init=False, repr=False)
    _shut: dict[str, float] = field(default_factory=dict, init=False, repr=False)
    _slow: dict[str, float] = field(default_factory=dict, init=False, repr=False)

    def leave_alone(self, host: str) -> None:
        """Raise AwayError while a host wants to be left alone."""
        until = self._shut.get(host, 0.0)
        if self.clock() < until:
            when = datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%d %H:%M UTC")
            raise AwayError(f"{host} was not asked, because it wants to be left alone until {when}.")

    def pace(self, host: str, pause: float) -> None:
        """Wait until the host may be asked again."""
        pause = max(pause, self._slow.get(host, 0.0))
        # min: a clock that was set back must not make Magpie wait for hours
        wait = min(pause, self._asked.get(host, 0.0) + pause - self.clock())
        if wait > 0:
            self.sleep(wait)
        self._asked[host] = self.clock()

    def busy(self, host: str, retry_after: str) -> None:
        """The host has said that it wants to be left alone."""
        self._shut[host] = self.clock() + seconds_of(retry_after, self.clock())

    def slower(self, host: str, delay: object) -> None:
        """The host wishes for a longer pause (Crawl-delay)."""
        if isinstance(delay, int | float | str) and str(delay).isdecimal():
            self._slow[host] = min(float(delay), SLOWEST)


def seconds_of(retry_after: str, now: float) -> float:
    """Seconds to leave a host alone: Retry-After as a number or a date; a minute when it says neither."""
    if retry_after.isascii() and retry_after.isdigit():
        return min(float(retry_after), 86_400.0)
    try:
        return min(max(parsedate_to_datetime(retry_after).timestamp() - now, 0.0), 86_400.0)
    except (ValueError, OverflowError):
        return 60.0


@dataclass(frozen=True)
class Robots:
    """The rules of one robots.txt, and when they were read."""

    rules: RobotFileParser
    read_at: float

    @classmethod
    def read(cls, url: str, status: int, text: str, now: float) -> Robots:
        """As RFC 9309 has it: none opens everything, a broken one closes it for now (ValueError)."""
        rules = RobotFileParser(url)
        if status in (429, 503) or status >= 500:
            raise ValueError(f"status {status}")
        rules.parse(text.splitlines() if status == 200 else [])
        return cls(rules, now)

    def old(self, now: float) -> bool:
        """Whether they must be read again."""
        return not 0 <= now - self.read_at < ROBOTS_LAST
