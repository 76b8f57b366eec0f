"""What Telegram allows: the limits of the Bot API and the words in which it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from telegram.constants import ChatAction, ReactionEmoji

from tests.telegram.entities import Entity, Marked, MarkupError, nothing_to_see, parse_html, plain, utf16

LONGEST_TEXT: Final = 4096  # UTF-16 units after entities are parsed
LONGEST_CAPTION: Final = 1024
LONGEST_NOTICE: Final = 200  # what a pressed button may pop up
LARGEST_DOWNLOAD: Final = 20 * 1024 * 1024
LARGEST_PHOTO: Final = 10 * 1024 * 1024
LARGEST_UPLOAD: Final = 50 * 1024 * 1024
MOST_COMMANDS: Final = 100
KEPT_FOR: Final = 24 * 3600
"""Seconds that an update waits for the bot."""
QUIET_WEEK: Final = 7 * 24 * 3600
DELETABLE_FOR: Final = 48 * 3600
REACTIONS: Final = frozenset(map(str, ReactionEmoji))
"""What anybody may react with; there is no other emoji in the menu."""
UNASKED: Final = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds of updates that come only where they are named."""
ACTIONS: Final = frozenset(map(str, ChatAction))
TOKEN: Final = re.compile(r"\d+:[\w-]{35}")


class RefusalError(Exception):
    """Telegram says no: an HTTP status, its own words, and sometimes parameters."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(f"{code} {description}")
        self.code, self.description, self.parameters = code, description, parameters


class UnknownHereError(Exception):
    """Telegram may know it; this server does not, and must not nod."""


def bad(description: str) -> RefusalError:
    """Status 400 in Telegram's words."""
    return RefusalError(400, f"Bad Request: {description}")


def marked(text: str, parse_mode: str) -> Marked:
    """A text with its markup taken apart. Raises RefusalError."""
    if parse_mode and parse_mode.lower() != "html":
        raise UnknownHereError(f"parse_mode {parse_mode!r}")
    try:
        return parse_html(text) if parse_mode else plain(text)
    except MarkupError as error:
        raise bad(f"can't parse entities: {error}") from None


def text_of(text: str, parse_mode: str) -> Marked:
    """The text of a message. Raises RefusalError where it is empty, too long, or no valid markup."""
    found = marked(text, parse_mode)
    if nothing_to_see(found.text):
        raise bad("message text is empty")
    if utf16(found.text) > LONGEST_TEXT:
        raise bad("message is too long")
    return found


def caption_of(text: str, parse_mode: str) -> Marked:
    """The words under a picture or a file; none are fine. Raises RefusalError."""
    found = marked(text, parse_mode)
    if utf16(found.text) > LONGEST_CAPTION:
        raise bad("message caption is too long")
    return found


def keyboard(markup: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """An inline keyboard, or None where it has no buttons. Raises RefusalError."""
    if markup is None:
        return None
    if set(markup) != {"inline_keyboard"}:
        raise UnknownHereError(f"a reply_markup of {sorted(markup)}")
    rows = [[_button(button) for button in row] for row in markup["inline_keyboard"]]
    rows = [row for row in rows if row]
    return {"inline_keyboard": rows} if rows else None


def _button(button: Mapping[str, Any]) -> dict[str, Any]:
    if not button.get("text"):
        raise bad('can\'t parse inline keyboard button: Field "text" must be non-empty')
    does = set(button) - {"text"}
    if not does:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if does == {"callback_data"}:
        if not 1 <= len(str(button["callback_data"]).encode()) <= 64:
            raise bad("BUTTON_DATA_INVALID")
    elif does == {"url"}:
        if urlsplit(str(button["url"])).scheme not in ("http", "https", "tg"):
            raise bad("BUTTON_URL_INVALID")
    else:
        raise UnknownHereError(f"a button with {sorted(does)}")
    return dict(button)


def commands(given: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """A list of commands for the menu. Raises RefusalError."""
    if len(given) > MOST_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in given:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", str(command.get("command", ""))):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= utf16(str(command.get("description", ""))) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        if set(command) != {"command", "description"}:
            raise UnknownHereError(f"a command with {sorted(command)}")
    return [dict(command) for command in given]


def reaction(given: Sequence[Mapping[str, Any]]) -> list[str]:
    """The emoji that a bot reacts with: at most one. Raises RefusalError."""
    if len(given) > 1:
        raise bad("REACTIONS_TOO_MANY")
    for one in given:
        if one.get("type") != "emoji":
            raise UnknownHereError(f"a reaction of type {one.get('type')!r}")
        if one.get("emoji") not in REACTIONS:
            raise bad("REACTION_INVALID")
    return [str(one["emoji"]) for one in given]


def webhook_url(url: str) -> None:
    """An HTTPS address on a port that Telegram calls; on this very machine plain HTTP, as with a local Bot API server.

    Raises RefusalError.
    """
    parts = urlsplit(url)
    if parts.hostname == "127.0.0.1" and parts.scheme == "http":
        return
    if parts.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in (443, 80, 88, 8443):
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


def secret_token(token: str) -> None:
    """What Telegram repeats in a header. Raises RefusalError."""
    if len(token) > 256:
        raise bad("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", token):
        raise bad("secret token contains unallowed characters")


def whole(value: str, name: str) -> Any:
    """A parameter that is an object or a list, written as JSON. Raises RefusalError."""
    try:
        return json.loads(value)
    except ValueError:
        raise bad(f"can't parse {name} JSON object") from None


def shown(text: str, entity: Entity) -> str:
    """The words that an entity covers."""
    units = text.encode("utf-16-le")
    return units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")
