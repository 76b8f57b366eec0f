"""How updates come in: fetched by long polling, or brought to a webhook; held until what is in them is stored."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Lock, Thread
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.channels.telegram_api import Api
from bot.channels.telegram_heard import ALLOWED, may_be_a_note
from bot.channels.telegram_menu import introduce
from bot.channels.telegram_trouble import AgainError, RefusedError
from config.errors import ChannelError

__all__ = ["Held", "Poller", "Webhook", "fetch"]

LONG: Final = 50
"""Seconds that Telegram is asked to wait for something to tell."""
MOMENT: Final = 1.0
"""Seconds in which what is forwarded comes after the words that its sender has put to it."""
_PAUSES: Final = (1.0, 5.0, 15.0, 60.0)
_STORED_WITHIN: Final = 25.0
"""Seconds after which Telegram, which waits at the webhook, is told to come again."""
_LARGEST: Final = 1 << 20
_log = logging.getLogger(__name__)

Ring = Callable[[], None]


def fetch(api: Api, offset: int | None, wait: int = 0) -> list[Any]:
    """Up to a hundred updates, by number; those below ``offset`` are confirmed, and never told again.

    Raises RefusedError, AgainError.
    """
    given: dict[str, Any] = {"offset": offset, "timeout": wait, "allowed_updates": list(ALLOWED)}
    given |= {} if wait else {"even_in_doubt": True}
    ask: Callable[..., Any] = api.ask if wait else api.insist
    try:
        updates = ask("get_updates", **given)
    except RefusedError as refusal:
        if refusal.kind != "Conflict" or "webhook" not in refusal.said.lower():
            raise
        api.ask("delete_webhook", drop_pending_updates=False)  # magpie.toml names none any more
        updates = ask("get_updates", **given)
    return sorted(updates, key=lambda update: int(update.update_id))


@dataclass
class Held:
    """One batch of updates at a time, from when it came in until what is in it is known to be stored."""

    ring: Ring
    updates: Sequence[Any] = ()
    taken: str | None = None  # the cursor of the last of its events, once they were handed on
    _changed: Condition = field(default_factory=Condition, init=False, repr=False)

    def hold(self, updates: Sequence[Any], within: float | None, stopped: Event) -> bool:
        """Keep it, and ring, until it is let go; False when that took longer than ``within``, or all is stopped."""
        with self._changed:
            self.updates, self.taken = updates, None
        self.ring()
        with self._changed:
            self._changed.wait_for(lambda: not self.updates or stopped.is_set(), within)
            stored, self.updates = not self.updates, ()
        return stored

    def let_go(self) -> None:
        """It is stored, or there is nothing in it."""
        with self._changed:
            self.updates = ()
            self._changed.notify_all()

    def wake(self) -> None:
        """Let whoever waits look whether all is stopped."""
        with self._changed:
            self._changed.notify_all()


@dataclass
class Poller:
    """Long polling, in a thread of its own. An offset confirms the batch before, once that is stored.

    It is sent once and then forgotten: after a quiet week Telegram's numbers begin anew, and may be lower.
    """

    api: Api
    held: Held
    trouble: ChannelError | None = None
    _stopped: Event = field(default_factory=Event, init=False)

    def start(self) -> Callable[[], None]:
        """Begin; returns what ends it. The thread may outlive the end by one long wait."""
        Thread(target=self._follow, name="telegram-poll", daemon=True).start()
        return self._stop

    def _stop(self) -> None:
        self._stopped.set()
        self.held.wake()

    def _follow(self) -> None:
        introduce(self.api)
        offset, failed = None, 0
        while not self._stopped.is_set():
            try:
                updates = self._fetched(offset)
            except (AgainError, RefusedError) as trouble:
                failed, self.trouble = failed + 1, trouble
                self._rest(failed, trouble)
                continue
            except Exception:  # of an interpreter that shuts down under it, for example
                _log.info("event=poll_broke", exc_info=True)
                self._stopped.wait(_PAUSES[-1])
                continue
            offset, failed, self.trouble = None, 0, None
            if updates and self.held.hold(updates, None, self._stopped):
                offset = int(updates[-1].update_id) + 1

    def _fetched(self, offset: int | None) -> list[Any]:
        """What has come in: with words, what is forwarded after them. Raises RefusedError, AgainError."""
        updates = fetch(self.api, offset, LONG)
        if updates and may_be_a_note(updates[-1].message):
            self.api.sleep(MOMENT)
            updates = fetch(self.api, None)
        return updates

    def _rest(self, failed: int, trouble: AgainError | RefusedError) -> None:
        """As long as Telegram asks for, else ever longer, unless all is stopped."""
        if isinstance(trouble, AgainError) and trouble.seconds:
            self.api.sleep(trouble.seconds)
        else:
            self._stopped.wait(_PAUSES[min(failed, len(_PAUSES)) - 1])


def secret_of(token: SecretStr) -> str:
    """What Telegram shows at the webhook to prove that it is Telegram: made of the token, and worth nothing else."""
    return hmac.new(token.get_secret_value().encode(), b"magpie webhook", hashlib.sha256).hexdigest()


@dataclass
class Webhook:
    """Listens on this machine for what a reverse proxy hands on. Each update is acknowledged when it is stored."""

    api: Api
    held: Held
    url: str
    port: int
    trouble: ChannelError | None = None
    _stopped: Event = field(default_factory=Event, init=False)
    _one: Lock = field(default_factory=Lock, init=False)

    def start(self) -> Callable[[], None]:
        """Begin; returns what ends it. Telegram is told where to come, again and again until that works."""
        try:
            server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        except OSError as error:
            self.trouble = ChannelError(
                f"Nobody can listen on port {self.port} here ({error.strerror}); choose another webhook_port."
            )
            return lambda: None
        server.daemon_threads = True
        self.port = server.server_address[1]
        Thread(target=server.serve_forever, name="telegram-webhook", daemon=True).start()
        Thread(target=self._announce, name="telegram-webhook-set", daemon=True).start()

        def stop() -> None:
            self._stopped.set()
            self.held.wake()
            server.shutdown()
            server.server_close()

        return stop

    def takes(self, path: str, shown: str, body: bytes) -> int:
        """The status with which a request is answered."""
        if path != (urlsplit(self.url).path or "/"):
            return 404
        if not hmac.compare_digest(shown.encode(), secret_of(self.api.token).encode()):
            return 403
        try:
            update = self.api.read(json.loads(body))
        except ValueError:
            update = None
        if update is None:
            return 400
        with self._one:
            return 200 if self.held.hold([update], _STORED_WITHIN, self._stopped) else 503

    def _announce(self) -> None:
        introduce(self.api)
        failed = 0
        while not self._stopped.is_set():
            try:
                self.api.ask(
                    "set_webhook",
                    url=self.url,
                    secret_token=secret_of(self.api.token),
                    max_connections=1,
                    allowed_updates=list(ALLOWED),
                )
            except (AgainError, RefusedError) as trouble:
                failed, self.trouble = failed + 1, trouble
                self._stopped.wait(_PAUSES[min(failed, len(_PAUSES)) - 1])
            else:
                self.trouble = None
                return

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        door = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 30

            def do_POST(self) -> None:
                length = self.headers.get("Content-Length", "")
                size = int(length) if length.isdigit() else _LARGEST + 1
                shown = self.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
                status = 413 if size > _LARGEST else door.takes(self.path, shown, self.rfile.read(size))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nothing: what strangers send is not worth a line."""

        return Handler
