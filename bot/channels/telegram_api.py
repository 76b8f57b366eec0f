"""Telegram's Bot API, asked politely: errors in one sentence, and pauses where they are asked for.

The library is asynchronous and the core is not, so each Api has one event loop in a thread of its own. A loop a call
would be simpler, but the connections and the pacing of the library belong to a loop, and would begin anew each time.

Telegram wants the token in each address, and addresses end up in logs and errors. So neither the library nor its HTTP
client is told the token: it is put in where the bytes leave.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
import weakref
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from bot.channels.telegram_trouble import AgainError, meant, too_many, unreadable
from bot.channels.telegram_wire import HIDDEN, carried, files_url
from bot.logs import hush

T = TypeVar("T")

LONGEST_PAUSE: Final = 120.0
"""Seconds; where Telegram asks for more, nobody waits, and it is left in peace until then."""

_log = logging.getLogger(__name__)


@dataclass
class Api:
    """One bot. ``base_url`` ends in /bot, as the library has it. Nothing is asked, and no thread is, before need."""

    base_url: str
    token: SecretStr = field(repr=False)
    timeout: float
    attempts: int
    sleep: Callable[[float], None] = field(repr=False)
    _opening: Lock = field(default_factory=Lock, init=False, repr=False)
    _open: tuple[_Loop, Any] | None = field(default=None, init=False, repr=False)
    _peace: dict[str, float] = field(default_factory=dict, init=False, repr=False)  # by verb: until when

    @property
    def bot_id(self) -> str:
        """The bot's number, which its token begins with."""
        return self.token.get_secret_value().partition(":")[0]

    @property
    def host(self) -> str:
        """Where the API is."""
        return urlsplit(self.base_url).netloc

    def insist(self, verb: str, *, even_in_doubt: bool = False, **given: Any) -> Any:
        """Ask until it works; after a try that may have been done, only ``even_in_doubt``.

        Raises RefusedError, or AgainError when that is so, all attempts are used up, or Telegram wants a long rest.
        """
        left = self._peace.get(verb, 0.0) - time.monotonic()
        if left > 0:
            raise too_many(self.host, left)

        def again(error: BaseException) -> bool:
            if not isinstance(error, AgainError) or (error.doubtful and not even_in_doubt):
                return False
            if error.seconds > LONGEST_PAUSE:
                self._peace[verb] = time.monotonic() + error.seconds
            return error.seconds <= LONGEST_PAUSE

        patience = Retrying(
            retry=retry_if_exception(again),
            stop=stop_after_attempt(self.attempts),
            wait=_seconds,
            sleep=self.sleep,
            reraise=True,
        )
        return patience(self.ask, verb, **given)

    def ask(self, verb: str, **given: Any) -> Any:
        """Call one method of the library. Raises RefusedError, or AgainError where a second try may help."""
        loop, bot = self._opened()
        return self._done(loop, getattr(bot, verb)(**given))

    def read_file(self, file_id: str) -> bytes:
        """What is in a file. Raises RefusedError, AgainError."""
        file = self.insist("get_file", even_in_doubt=True, file_id=file_id)
        return bytes(self._done(self._opened()[0], file.download_as_bytearray()))

    def _done(self, loop: _Loop, doing: Coroutine[Any, Any, T]) -> T:
        from telegram.error import TelegramError

        try:
            return loop.run(doing)
        except TelegramError as error:
            raise meant(error, self.host, self.token) from None
        except (AttributeError, KeyError, TypeError, ValueError):
            raise unreadable(self.host) from None
        except (CancelledError, RuntimeError):  # somebody has closed it meanwhile
            raise AgainError(f"The line to {self.host} was closed; try again later.", doubtful=True) from None

    def hint(self, verb: str, **given: Any) -> None:
        """Ask once, wait for nothing, and do not mind what comes of it."""
        loop, bot = self._opened()
        loop.start(getattr(bot, verb)(**given))

    def read(self, body: Any) -> Any:
        """An update, as the library has it; None where it is none."""
        from telegram import Update

        try:
            return Update.de_json(body, self._opened()[1])
        except (AttributeError, KeyError, TypeError, ValueError):
            return None

    def close(self) -> None:
        """Let go of the connections and the thread; the next question opens new ones."""
        with self._opening:
            opened, self._open = self._open, None
        if opened is not None:
            loop, bot = opened
            loop.run(_shut(bot))
            loop.stop()

    def _opened(self) -> tuple[_Loop, Any]:
        """The loop, and the library's bot in it."""
        with self._opening:
            if self._open is None:
                loop = _Loop()
                self._open = loop, loop.run(self._made())
            return self._open

    async def _made(self) -> Any:
        from telegram.ext import AIORateLimiter, ExtBot

        os.environ.setdefault("PTB_TIMEDELTA", "1")  # how the library will tell of pauses from its next version on
        hush()

        def wire(connections: int) -> Any:
            return carried(self.base_url, self.token, self.timeout, connections)

        return ExtBot(
            f"{self.bot_id}:{HIDDEN}",
            base_url=self.base_url,
            base_file_url=files_url(self.base_url),
            request=wire(8),
            get_updates_request=wire(2),
            rate_limiter=AIORateLimiter(),  # it paces; the pauses that Telegram asks for are kept here, by insist()
        )


class _Loop:
    """An event loop in a thread, which ends with it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        Thread(target=_turn, args=(self._loop,), name="telegram", daemon=True).start()
        self._end = weakref.finalize(self, _halt, self._loop)

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result()

    def start(self, doing: Coroutine[Any, Any, object]) -> None:
        asyncio.run_coroutine_threadsafe(doing, self._loop)

    def stop(self) -> None:
        self._end()


def _turn(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    finally:
        loop.close()


def _halt(loop: asyncio.AbstractEventLoop) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(loop.stop)


async def _shut(bot: Any) -> None:
    for wire in (bot.request, bot._request[0]):  # the library shuts both only where it was initialised by itself
        await wire.shutdown()


def _seconds(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.seconds if isinstance(error, AgainError) else 0.0
    seconds = max(asked, 2.0 ** (state.attempt_number - 1))
    _log.warning("event=again channel=telegram seconds=%.0f reason=%r", seconds, str(error))
    return seconds
