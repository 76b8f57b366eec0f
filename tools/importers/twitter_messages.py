"""The private messages in an archive of X: numbers of people stand for names, which it does not tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from config.errors import SourceError
from memory.records import Account, Fetched
from tools.importers.chats import Chat, Line
from tools.importers.fields import Json, inner, listed, web, word
from tools.importers.reading import Path, walk
from tools.importers.rows import RowError, Whose, empty
from tools.importers.twitter_files import Scripts
from tools.importers.twitter_posts import SOURCE, Writing
from tools.importers.words import instant, person

_NAME: Final[Path] = ("", "dmConversation", "conversationId")


def messages(scripts: Scripts, whose: Whose, account: Json, owner: Account) -> Iterator[Fetched | RowError]:
    """All messages of all conversations; who joined and left is not told."""
    for name in scripts.parts("direct-messages", "direct-messages-group"):
        chat = Chat(SOURCE, "messages", "Messages on X", whose)
        try:
            for number, (path, value) in enumerate(walk(scripts, name, _is_message), 1):
                if path == _NAME and value:
                    chat = Chat(SOURCE, f"messages-{value}", f"Messages on X {value}", whose)
                elif _is_message(path):
                    yield _message(chat, inner(value, "messageCreate"), account, owner, f"Message {number} of {name}")
        except SourceError as error:
            yield RowError(f"The rest of {name}", str(error).rstrip("."))


def _is_message(path: Path) -> bool:
    return path == ("", "dmConversation", "messages", "")


def _message(chat: Chat, row: Json, account: Json, owner: Account, place: str) -> Fetched | RowError:
    key, sender = word(row, "id"), word(row, "senderId")
    if not key or not sender:
        return empty(place, "a line of the app itself")
    writing = Writing()
    urls = listed(row, "urls")
    writing.learn(urls, "url", "expanded")
    text, links = writing.words(word(row, "text"))
    if not text:
        return empty(place, "a picture or file without words")
    own = sender == word(account, "accountId")
    try:
        author = owner if own else person(SOURCE, sender, f"user {sender}")
        return chat.message(Line(key, author, instant(word(row, "createdAt")), text, own=own, links=filter(web, links)))
    except ValueError as error:
        return RowError(place, str(error))
