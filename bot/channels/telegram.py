"""Telegram: a bot that talks with its owner in their private chat, and with nobody else."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from bot.channels import NEW, Past
from bot.channels.telegram_api import Api
from bot.channels.telegram_buttons import Data, chosen, redrawn, spoken
from bot.channels.telegram_cursor import Stored
from bot.channels.telegram_door import Held, Poller, Webhook, fetch
from bot.channels.telegram_heard import Ear, number_of
from bot.channels.telegram_letter import Letters
from bot.channels.telegram_page import ROOM
from bot.channels.telegram_trouble import AgainError, RefusedError
from config.errors import ChannelError, ConfigError, SourceError
from config.settings import refuse_unknown
from memory.records import Message, Outgoing, Reaction

TOKEN: Final = "telegram_bot_token"  # noqa: S105 - the name of the secret, not the secret
CLOUD: Final = "https://api.telegram.org"
_SETTINGS: Final = {"owner_id", "base_url", "timeout", "attempts", "webhook", "webhook_port"}
_RANGES: Final = {"timeout": (0.1, 600), "attempts": (1, 100), "webhook_port": (1, 65535)}
LARGEST: Final = 20 << 20
"""Bytes of a file that a bot may fetch."""
_HOMES: Final = ("127.0.0.1", "::1", "localhost")
_log = logging.getLogger(__name__)


def build(settings: Mapping[str, Any], secrets: Mapping[str, SecretStr], owner_handle: str = "") -> TelegramChannel:
    """The channel for the bot of the secret ``telegram_bot_token`` and its owner, ``owner_id`` in Telegram's numbers.

    ``base_url`` is that of a Bot API server, Telegram's own if left out; ``timeout`` is in seconds, ``attempts`` how
    often a request is tried. With ``webhook``, an https address, updates are not fetched but brought to it; a reverse
    proxy hands them on to ``webhook_port`` of this machine. Raises ConfigError.
    """
    refuse_unknown(settings, _SETTINGS, "The channel telegram")
    token = secrets.get(TOKEN, SecretStr("")).get_secret_value().strip()
    if not re.fullmatch(r"\d+:[\w-]+", token):
        raise ConfigError(
            "The channel telegram has no token of a bot; run 'magpie login --telegram', or put it into the environment "
            "as MAGPIE_TELEGRAM_TOKEN."
        )
    return TelegramChannel(
        base_url=base_url(str(settings.get("base_url", CLOUD))),
        owner_id=_owner(settings.get("owner_id", 0)),
        token=SecretStr(token),
        timeout=_number(settings, "timeout", 30.0),
        attempts=int(_number(settings, "attempts", 5)),
        webhook=_webhook(str(settings.get("webhook", ""))),
        webhook_port=int(_number(settings, "webhook_port", 8443)),
    )


def base_url(given: str) -> str:
    """The address of a Bot API server as the library has it, ending in /bot. Raises ConfigError."""
    url = _parted(given)
    if url.scheme not in ("https", "http") or not url.hostname or url.username or {*given} & {*"{?# "}:
        raise ConfigError(
            f"The channel telegram cannot use the base_url {given!r}; leave it out, or give an https address."
        )
    if url.scheme == "http" and url.hostname not in _HOMES:
        raise ConfigError(f"The base_url {given!r} would show the token to the network; use https.")
    bare = given.rstrip("/")
    return bare if bare.endswith("/bot") else f"{bare}/bot"


def _owner(given: Any) -> int:
    if isinstance(given, bool) or not str(given).isdecimal() or not int(given):
        raise ConfigError(
            "The channel telegram does not know its owner; run 'magpie login --telegram', or give your number in "
            "Telegram as owner_id."
        )
    return int(given)


def _number(settings: Mapping[str, Any], key: str, otherwise: float) -> float:
    value, (least, most) = settings.get(key, otherwise), _RANGES[key]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not least <= value <= most or (value % 1 and key != "timeout"):
        raise ConfigError(f"The channel telegram needs {key} between {least} and {most}, not {value!r}; correct it.")
    return float(value)


def _webhook(given: str) -> str:
    url = _parted(given)
    if given and (url.scheme != "https" or not url.hostname or {*given} & {*"?# "}):
        raise ConfigError(
            f"Telegram comes to https addresses only, without ? and #, not to {given!r}; correct webhook."
        )
    return given


def _parted(given: str) -> SplitResult:
    """The parts of an address; empty ones where it is none."""
    try:
        parts = urlsplit(given)
        return parts if parts.port != 0 else urlsplit("")
    except ValueError:  # half a bracket, a port that there is not
        return urlsplit("")


@dataclass
class TelegramChannel:
    """One bot and one owner, who is known by number; chats with anybody else are not read, groups are left."""

    base_url: str
    owner_id: int
    token: SecretStr = field(repr=False)
    name: str = "telegram"
    largest: int = LARGEST
    timeout: float = 30.0
    attempts: int = 5
    webhook: str = ""
    webhook_port: int = 8443
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC), repr=False)
    _door: Poller | Webhook | None = field(default=None, init=False, repr=False)
    _shut: Callable[[], None] = field(default_factory=lambda: lambda: None, init=False, repr=False)
    _shown: dict[int, str] = field(default_factory=dict, init=False, repr=False)  # the choice that a message shows
    _left: set[int] = field(default_factory=set, init=False, repr=False)

    def send(self, out: Outgoing, past: Past = NEW) -> tuple[str, ...]:
        """Write it, in several messages if one does not hold it.

        Telegram knows no keys, and no bot can read back what it wrote: what may be there already says so, with the date
        of the first try.
        """
        return self._letters.deliver(out, past)

    def typing(self) -> None:
        """Seem to type for some seconds; nothing comes of it if that fails."""
        with suppress(Exception):
            self.api.hint("send_chat_action", chat_id=self.owner_id, action="typing")

    def mark(self, platform_id: str, out: Outgoing, says: str) -> None:
        """Mark a choice that was not made by its button, or made elsewhere. Raises ChannelError."""
        number = number_of(self.api.bot_id, platform_id)
        if number and self._shown.get(number) != says:
            markup = chosen(out.offers, out.key, says, int(self.now().timestamp()))
            self._redraw(number, markup, says)

    def _redraw(self, number: int, markup: Any, says: str) -> None:
        self.api.ask("edit_message_reply_markup", chat_id=self.owner_id, message_id=number, reply_markup=markup)
        self._shown[number] = says

    def fetch(self, ref: str) -> bytes:
        """What is in a file that the owner has sent. Raises ChannelError, or SourceError when it is gone."""
        try:
            return self.api.read_file(ref)
        except RefusedError as refusal:
            large = f"it is larger than the {self.largest >> 20} MB that a bot may fetch"
            why = large if "too big" in refusal.said.lower() else "send it again"
            raise SourceError(f"Telegram does not give it out: {why}.") from None

    def room(self) -> int:
        """Units of UTF-16 that one message holds."""
        return ROOM

    def wakes(self, ring: Callable[[], None]) -> Callable[[], None]:
        """Fetch by long polling, or take in at the webhook, from now on; returns what ends that."""
        held = Held(ring)
        self._door = (
            Webhook(self.api, held, self.webhook, self.webhook_port) if self.webhook else Poller(self.api, held)
        )
        shut = self._door.start()

        def end() -> None:
            shut()
            self._door = None

        self._shut = end
        return end

    def listen(self, cursor: str | None) -> Iterator[Message | Reaction]:
        """Yield what has come in and is not known to be stored: what is, the cursor says.

        Only then Telegram is told that it need not be told again.
        """
        stored = Stored.read(self.api.bot_id, cursor, self.now())
        try:
            updates, again = self._waiting(cursor, stored), self._door is not None and self._door.held.taken is not None
            events = self._heard(updates, stored, again)
            while updates and not events and self._door is None:  # of strangers, or known: they are not read again
                updates = fetch(self.api, int(updates[-1].update_id) + 1)
                events = self._heard(updates, stored)
        except (AgainError, RefusedError) as trouble:
            raise ChannelError(f"The owner cannot be heard: {trouble}") from None
        yield from events
        self._handed_on(updates, events)

    def _heard(self, updates: Sequence[Any], stored: Stored, again: bool = False) -> list[Message | Reaction]:
        new = [update for update in updates if update not in stored]
        self._mind(() if again else new)
        return list(self._ear.heard(new, self.now(), stored))

    def close(self) -> None:
        """Let go of the connections."""
        self._shut()
        if "api" in self.__dict__:
            self.api.close()

    def _waiting(self, cursor: str | None, stored: Stored) -> Sequence[Any]:
        """The updates at hand, else those that Telegram has."""
        if self._door is None:
            if self.webhook:
                raise ChannelError("Telegram brings messages to the webhook, where only 'magpie run' takes them in.")
            return fetch(self.api, stored.offset)
        held = self._door.held
        if held.taken is not None and held.taken == cursor:
            held.let_go()
        if not held.updates and self._door.trouble is not None:
            raise ChannelError(f"The owner cannot be heard: {self._door.trouble}")
        return held.updates

    def _handed_on(self, updates: Sequence[Any], events: Sequence[Message | Reaction]) -> None:
        """Whoever listens stores now what is new; that it is stored the next cursor will say, so it is asked for."""
        if self._door is None or not updates:
            return
        held = self._door.held
        if not events:
            held.let_go()
            return
        held.taken = events[-1].cursor
        held.ring()

    def _mind(self, updates: Sequence[Any]) -> None:
        """Pressed buttons stop spinning, and groups are left."""
        for update in updates:
            query, chat = update.callback_query, update.effective_chat
            if chat is not None and chat.type != "private":
                self._leave(chat.id)
            elif query is not None and query.from_user.id == self.owner_id:
                with suppress(ChannelError):
                    self.api.ask("answer_callback_query", callback_query_id=query.id, text=spoken(query) or None)
                markup = redrawn(query)
                if markup is not None:
                    with suppress(ChannelError):
                        self._redraw(int(query.message.message_id), markup, Data.read(query.data).says)

    def _leave(self, chat: int) -> None:
        if chat not in self._left:
            self._left.add(chat)
            with suppress(ChannelError):
                self.api.ask("leave_chat", chat_id=chat)
                _log.info("event=left_a_group channel=%s", self.name)

    @cached_property
    def api(self) -> Api:
        """The bot's own view of Telegram."""
        return Api(self.base_url, self.token, self.timeout, self.attempts, self.sleep)

    @cached_property
    def _ear(self) -> Ear:
        return Ear(self.name, self.owner_id, self.api.bot_id)

    @cached_property
    def _letters(self) -> Letters:
        return Letters(self.api, self.owner_id, self.now)
