"""Mastodon's stream as a doorbell: it says that something came in, and nothing of what."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any, Final

from bot.channels.mastodon_api import Api

_SILENCE: Final = 60.0
"""Seconds without any sign of life (servers give one every 15) after which the line is dead."""
_PAUSES: Final = (1.0, 5.0, 15.0, 60.0, 300.0)
_NEVER: Final = frozenset(range(400, 500)) - {408, 425, 429}
"""Answers of servers that do not stream, or not to this token."""
_log = logging.getLogger(__name__)


class _HungUpError(Exception):
    """Nobody listens any more."""


@dataclass
class Stream:
    """Follows the bot's own stream in a thread of its own, as long as the server has one."""

    api: Api
    ring: Callable[[], None]
    _stopped: Event = field(default_factory=Event, init=False)
    _status: int = field(default=0, init=False)
    _failed: int = field(default=0, init=False)  # in a row

    def start(self) -> Callable[[], None]:
        """Begin; returns what ends it. The thread may outlive the end until the server's next sign of life."""
        Thread(target=self._follow, name="mastodon-stream", daemon=True).start()
        return self._stopped.set

    def _follow(self) -> None:
        """Connect again and again, after longer and longer pauses while it does not work."""
        while not self._stopped.is_set():
            try:
                self._listen()
            except _HungUpError:
                return
            except Exception as error:  # the library lets through whatever happens on the way
                self._failed += 1
                if self._status in _NEVER:
                    _log.info("event=no_stream status=%d", self._status)
                    return
                _log.debug("event=stream_broken failed=%d error=%s", self._failed, type(error).__name__)
            self._stopped.wait(_PAUSES[min(self._failed, len(_PAUSES) - 1)])

    def _listen(self) -> None:
        self._status = 0
        self.api.client(self._note).stream_user(self._listener(), timeout=_SILENCE)

    def _note(self, response: Any, *_: Any, **__: Any) -> None:
        if "/streaming" in response.url:
            self._status = response.status_code

    def _alive(self) -> None:
        self._failed = 0
        if self._stopped.is_set():
            raise _HungUpError

    def _came_in(self) -> None:
        self._alive()
        try:
            self.ring()
        except Exception:
            _log.exception("event=nobody_woke")

    def _listener(self) -> Any:
        from mastodon.streaming import StreamListener

        stream = self

        class Listener(StreamListener):  # type: ignore[misc, unused-ignore]
            def handle_heartbeat(self) -> None:
                stream._alive()

            def on_any_event(self, name: str, data: object = None, for_stream: object = None) -> None:
                stream._came_in() if name.startswith("notification") else stream._alive()

        return Listener()
