"""What would go on for hours ends as an error: a test of that can fail, and measures nothing."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

LONG = 20.0
"""Seconds: many times what the slowest machine needs, and far less than what is broken takes."""


def in_good_time(test: Callable[P, T], seconds: float = LONG) -> Callable[P, T]:
    """The same test, which raises TimeoutError after so long; between two signs a regular expression looks up, too."""

    @wraps(test)
    def timed(*given: P.args, **named: P.kwargs) -> T:
        def over(*_: object) -> None:
            raise TimeoutError(f"{test.__name__} was not done after {seconds:g} s")

        before = signal.signal(signal.SIGALRM, over)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            return test(*given, **named)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    return timed
