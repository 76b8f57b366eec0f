"""What Magpie writes about itself: one line an event, key=value, with the run that it belongs to.

No words of anybody, no tokens: of an unexpected error only its type and place are told, since its text may quote both.
"""

from __future__ import annotations

import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final

current_run: ContextVar[str] = ContextVar("run", default="")
"""The id of the run that goes on in this thread."""

NOISY: Final = (
    "httpx",
    "httpcore",
    "urllib3",
    "alembic",
    "apscheduler",
    "chromadb",
    "mastodon",
    "sentence_transformers",
)

TALKATIVE: Final = ("telegram",)
"""What they call an error quotes words; what went wrong is told by whoever asked them."""


class KeyValue(logging.Formatter):
    """``time=… level=… from=… event=… run=…`` on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        from bot.channels.rendering import clean  # loaded when there is something to say

        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds")
        words = clean(record.getMessage()).replace("\n", " ")
        line = f"time={at} level={record.levelname.lower()} from={record.name} {words}"
        run = current_run.get()
        if run and "run=" not in words:
            line += f" run={run}"
        return line + (f" {place(record.exc_info[1])}" if record.exc_info and record.exc_info[1] else "")


def place(error: BaseException) -> str:
    """Where an error was raised, and of which type it is."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at={frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"error={type(error).__name__}{where}"


def write(level: int) -> None:
    """From now on log to stderr from this level; what libraries say only when they are in trouble."""
    handler = logging.StreamHandler()
    handler.setFormatter(KeyValue())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(max(level, logging.ERROR))
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def hush() -> None:
    """Silence the talkative wherever they are used, unless somebody has decided how much they are to say."""
    for name in TALKATIVE:
        if logging.getLogger(name).level == logging.NOTSET:
            logging.getLogger(name).setLevel(logging.CRITICAL)
