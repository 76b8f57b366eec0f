"""A town on Telegram: its people and groups, one bot, and everything that stands in their chats."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Condition, Event
from typing import Any

from tests.telegram.entities import Entity
from tests.telegram.faults import Faults
from tests.telegram.mailbox import Mailbox, Update
from tests.telegram.messages import Call, File, Json, Message, Query
from tests.telegram.people import Chat, User
from tests.telegram.rules import RefusalError, bad

TOKEN = "7000000001:AAcanary-of-the-town-0123456789abcd"
PRIVATE_GROUP = -1_001_000_000_001
WEBHOOK_TAKEN = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
TWO_POLLERS = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass
class Town:
    """All that Telegram knows. Tests act through its people; the bot acts over HTTP (``url``), with ``token``.

    What the bot must not do and Telegram lets pass, and what this server does not know, is in ``complaints``.
    """

    token: str = TOKEN
    url: str = ""
    enforce_rate: bool = False  # one message a second in each chat, strictly
    patience: float = 60.0  # seconds, by the town's clock, in which a pressed button must be answered
    changed: Condition = field(default_factory=Condition, repr=False)
    closing: Event = field(default_factory=Event, repr=False)
    mailbox: Mailbox = field(default_factory=Mailbox)
    faults: Faults = field(default_factory=Faults)
    chats: dict[int, Chat] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    queries: dict[str, Query] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)  # by scope and language
    actions: list[tuple[int, str]] = field(default_factory=list)  # chat id, what the bot seemed to do there
    webhook: Json = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _away: timedelta = timedelta()
    _numbers: Iterator[int] = field(default_factory=lambda: count(101), repr=False)
    _poller: int = 0
    _spoken: dict[int, datetime] = field(default_factory=dict)  # chat id → when the bot wrote there last

    @property
    def bot(self) -> Json:
        """The bot as a user."""
        number = int(self.token.partition(":")[0])
        return {"id": number, "is_bot": True, "first_name": "Magpie", "username": "magpie_of_nell_bot"}

    @property
    def base_url(self) -> str:
        """What python-telegram-bot calls base_url."""
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        """What python-telegram-bot calls base_file_url."""
        return f"{self.url}/file/bot"

    def now(self) -> datetime:
        """The town's own time."""
        return datetime.now(UTC) + self._away

    def it_is(self, moment: datetime) -> None:
        """From now on the town's time runs from that instant."""
        with self.changed:
            self._away = moment - datetime.now(UTC)

    def later(self, **span: float) -> None:
        """So much time goes by: ``later(hours=25)``."""
        self.it_is(self.now() + timedelta(**span))

    def person(self, name: str, username: str = "", started: bool = False) -> User:
        """Somebody with an account, who may have pressed START long ago."""
        user = User(40_001 + len(self.chats), name, self, username=username, started=started)
        self.chats[user.id] = user
        return user

    def group(self, title: str) -> Chat:
        """A group without the bot."""
        chat = Chat(PRIVATE_GROUP - len(self.chats), title, self)
        self.chats[chat.id] = chat
        return chat

    def said(self, to: Chat) -> list[Message]:
        """What the bot has said there and has not deleted, oldest first, as it stands now."""
        return [one for one in self.messages if one.chat is to and one.sender is None and not one.deleted]

    def message(self, chat: Chat, number: int) -> Message | None:
        """A message by its id, unless it was deleted."""
        found = (one for one in self.messages if one.chat is chat and one.id == number and not one.deleted)
        return next(found, None)

    def unanswered(self) -> list[Query]:
        """Pressed buttons that the bot has left spinning for longer than they do."""
        return [one for one in self.queries.values() if one.answered_at is None and self.too_old(one)]

    def too_old(self, query: Query) -> bool:
        """Whether nobody waits for its answer any more."""
        return (self.now() - query.at).total_seconds() > self.patience

    def called(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [call for call in self.calls if call.method.lower() == method.lower()]

    def file(self, path: str, size: int, data: bytes) -> File:
        """Bytes to be kept under an id of their own."""
        number = len(self.files) + 1
        file = File(f"file-{number}-{size}", path.replace("file_", f"file_{number}_"), size, data)
        self.files[file.id] = file
        return file

    def put(self, chat: Chat, sender: User | None, text: str, entities: list[Entity], **more: Any) -> Message:
        """A message comes to stand in a chat."""
        message = Message(next(self._numbers), chat, sender, self.now(), text, entities, **more)
        self.messages.append(message)
        return message

    def tell(self, kind: str, body: Json) -> None:
        """Something that the bot may want to know has happened."""
        with self.changed:
            self.mailbox.put(kind, body, self.now())
            self.changed.notify_all()

    def may_speak(self, chat: Chat) -> None:
        """Raises RefusalError where the bot cannot write, or not yet."""
        self.must_reach(chat)
        if self.enforce_rate:
            last = self._spoken.get(chat.id)
            left = 1.0 - (self.now() - last).total_seconds() if last else 0.0
            if left > 0:
                raise RefusalError(429, "Too Many Requests: retry after 1", retry_after=1)
        self._spoken[chat.id] = self.now()

    @staticmethod
    def must_reach(chat: Chat) -> None:
        """Raises RefusalError where the bot has no business."""
        if isinstance(chat, User) and chat.blocked:
            raise RefusalError(403, "Forbidden: bot was blocked by the user")
        if isinstance(chat, User) and not chat.started:
            raise RefusalError(403, "Forbidden: bot can't initiate conversation with a user")
        if not isinstance(chat, User) and not chat.has_bot:
            raise RefusalError(403, "Forbidden: bot was kicked from the supergroup chat")

    def chat(self, number: int) -> Chat:
        """A chat that exists. Raises RefusalError."""
        if number not in self.chats:
            raise bad("chat not found")
        return self.chats[number]

    def poll(self, offset: int, limit: int, timeout: float, allowed: list[str] | None) -> list[Update]:
        """Updates, at once or as soon as there are any within so many seconds. Raises RefusalError.

        Who polls while another waits ends the wait of the other.
        """
        with self.changed:
            if self.webhook.get("url"):
                raise RefusalError(409, WEBHOOK_TAKEN)
            self.mailbox.allow(allowed)
            self._poller += 1
            mine, until = self._poller, time.monotonic() + timeout
            self.changed.notify_all()
            while not (batch := self.mailbox.take(offset, limit, self.now())):
                left = until - time.monotonic()
                if left <= 0 or self.closing.is_set():
                    break
                self.changed.wait(min(left, 0.5))
                if mine != self._poller:
                    raise RefusalError(409, TWO_POLLERS)
                if self.webhook.get("url"):
                    raise RefusalError(409, "Conflict: terminated by setWebhook request")
            return batch

    @contextmanager
    def complaining(self) -> Iterator[list[str]]:
        """Within it complaints are expected, and are forgotten after it."""
        before = list(self.complaints)
        yield self.complaints
        self.complaints[:] = before
