"""While the owner waits: a sign that somebody is at work, given only when the work takes longer than that."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sign:
    """``give`` is called after so many seconds, and from then on every ``again`` seconds, if that is not 0."""

    after: float
    give: Callable[[], object]
    again: float = 0.0


@contextmanager
def given(signs: Sequence[Sign]) -> Iterator[None]:
    """Give these signs while the work within goes on; none is given after it. A sign that fails is only logged."""
    over = Event()
    threads = [Thread(target=_give, args=(sign, over), name="sign", daemon=True) for sign in signs]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _give(sign: Sign, over: Event) -> None:
    pause = sign.after
    while not over.wait(pause):
        try:
            sign.give()
        except Exception as error:
            log.warning("event=sign_failed cause=%s", type(error).__name__)
        if not sign.again:
            return
        pause = sign.again
