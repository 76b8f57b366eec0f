"""The methods by which a bot speaks: sending, editing, reacting, answering buttons, fetching files."""

from __future__ import annotations

from typing import Any

from tests.telegram import rules
from tests.telegram.entities import Marked, utf16
from tests.telegram.given import Given, answers
from tests.telegram.messages import Json, Message
from tests.telegram.people import Chat, User
from tests.telegram.rules import RefusalError, UnknownHereError, bad
from tests.telegram.world import Town

_SENDING = "chat_id reply_markup reply_parameters disable_notification protect_content"


# -- speaking


@answers("sendMessage", f"{_SENDING} text parse_mode link_preview_options")
def _send_message(town: Town, given: Given) -> Json:
    chat = town.chat(given.number("chat_id"))
    words = _clean(town, rules.text_of(given.text("text"), given.text("parse_mode")))
    return _said(town, chat, given, words, preview=_preview(given)).as_json(town.bot)


@answers("sendPhoto", f"{_SENDING} photo caption parse_mode")
def _send_photo(town: Town, given: Given) -> Json:
    chat = town.chat(given.number("chat_id"))
    words = _clean(town, rules.caption_of(given.text("caption"), given.text("parse_mode")))
    name, data = _upload(given, "photo", rules.LARGEST_PHOTO)
    file = town.file(f"photos/{name}", len(data), data)
    sizes = [{**file.as_json(), "width": 800, "height": 600}]
    return _said(town, chat, given, words, media={"photo": sizes}).as_json(town.bot)


@answers("sendDocument", f"{_SENDING} document caption parse_mode disable_content_type_detection")
def _send_document(town: Town, given: Given) -> Json:
    chat = town.chat(given.number("chat_id"))
    words = _clean(town, rules.caption_of(given.text("caption"), given.text("parse_mode")))
    name, data = _upload(given, "document", rules.LARGEST_UPLOAD)
    file = town.file(f"documents/{name}", len(data), data)
    told = {**file.as_json(), "file_name": name}
    return _said(town, chat, given, words, media={"document": told}).as_json(town.bot)


def _said(town: Town, chat: Chat, given: Given, words: Marked, **more: Any) -> Message:
    keyboard, reply_to = rules.keyboard(given.whole("reply_markup")), _reply_to(town, chat, given)
    town.may_speak(chat)
    more |= {"keyboard": keyboard, "reply_to": reply_to, "protected": given.flag("protect_content")}
    return town.put(chat, None, words.text, words.entities, **more)


def _clean(town: Town, words: Marked) -> Marked:
    town.complaints += [f"sloppy HTML: {one}" for one in words.sloppy]
    return words


def _preview(given: Given) -> Json:
    options: Json = given.whole("link_preview_options", {})
    if set(options) - {"is_disabled"}:
        raise UnknownHereError(f"link_preview_options of {sorted(options)}")
    return options


def _reply_to(town: Town, chat: Chat, given: Given) -> Message | None:
    wanted: Json = given.whole("reply_parameters", {})
    if set(wanted) - {"message_id", "allow_sending_without_reply", "chat_id"}:
        raise UnknownHereError(f"reply_parameters of {sorted(wanted)}")
    if not wanted:
        return None
    found = town.message(chat, int(wanted["message_id"]))
    if found is None and not wanted.get("allow_sending_without_reply"):
        raise bad("message to be replied not found")
    return found


def _upload(given: Given, name: str, largest: int) -> tuple[str, bytes]:
    key = given.text(name).removeprefix("attach://") or name
    if key not in given.files:
        raise UnknownHereError(f"a {name} by id or address")
    if len(given.files[key][1]) > largest:
        raise RefusalError(413, "Request Entity Too Large")
    if not given.files[key][1]:
        raise bad("file must be non-empty")
    return given.files[key]


# -- changing what was said


@answers("editMessageText", "chat_id message_id text parse_mode reply_markup link_preview_options")
def _edit_text(town: Town, given: Given) -> Json:
    message = _own(town, given, "edit")
    words = _clean(town, rules.text_of(given.text("text"), given.text("parse_mode")))
    if message.media:
        raise bad("there is no text in the message to edit")
    keyboard = rules.keyboard(given.whole("reply_markup"))
    if (words.text, words.entities, keyboard) == (message.text, message.entities, message.keyboard):
        raise _not_modified()
    message.before.append(message.text)
    message.text, message.entities, message.keyboard = words.text, words.entities, keyboard
    message.preview, message.edited_at = _preview(given), town.now()
    return message.as_json(town.bot)


@answers("editMessageReplyMarkup", "chat_id message_id reply_markup")
def _edit_keyboard(town: Town, given: Given) -> Json:
    message, keyboard = _own(town, given, "edit"), rules.keyboard(given.whole("reply_markup"))
    if keyboard == message.keyboard:
        raise _not_modified()
    message.keyboard = keyboard
    return message.as_json(town.bot)


@answers("deleteMessage", "chat_id message_id")
def _delete(town: Town, given: Given) -> bool:
    chat = town.chat(given.number("chat_id"))
    message = town.message(chat, given.number("message_id"))
    if message is None:
        raise bad("message to delete not found")
    old = (town.now() - message.at).total_seconds() > rules.DELETABLE_FOR
    if old or not (message.sender is None or isinstance(chat, User)):
        raise bad("message can't be deleted")
    message.deleted = True
    return True


@answers("setMessageReaction", "chat_id message_id reaction is_big")
def _react(town: Town, given: Given) -> bool:
    chat = town.chat(given.number("chat_id"))
    town.must_reach(chat)
    message = town.message(chat, given.number("message_id"))
    if message is None:
        raise bad("message to react not found")
    message.reactions[int(town.bot["id"])] = rules.reaction(given.whole("reaction", []))
    return True


def _own(town: Town, given: Given, verb: str) -> Message:
    chat = town.chat(given.number("chat_id"))
    town.must_reach(chat)
    message = town.message(chat, given.number("message_id"))
    if message is None:
        raise bad(f"message to {verb} not found")
    if message.sender is not None:
        raise bad(f"message can't be {verb}ed")
    return message


def _not_modified() -> RefusalError:
    return bad(
        "message is not modified: specified new message content and reply markup are exactly the same as a current "
        "content and reply markup of the message"
    )


# -- beside the words


@answers("sendChatAction", "chat_id action")
def _act(town: Town, given: Given) -> bool:
    chat, action = town.chat(given.number("chat_id")), given.text("action")
    if action not in rules.ACTIONS:
        raise bad("wrong parameter action in request")
    town.must_reach(chat)
    town.actions.append((chat.id, action))
    return True


@answers("answerCallbackQuery", "callback_query_id text show_alert cache_time")
def _answer_query(town: Town, given: Given) -> bool:
    query = town.queries.get(given.text("callback_query_id"))
    if query is None or query.answered_at is not None or town.too_old(query):
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if utf16(given.text("text")) > rules.LONGEST_NOTICE:
        raise bad("MESSAGE_TOO_LONG")
    query.answered_at, query.notice, query.alert = town.now(), given.text("text"), given.flag("show_alert")
    return True


@answers("getFile", "file_id")
def _get_file(town: Town, given: Given) -> Json:
    file = town.files.get(given.text("file_id"))
    if file is None:
        raise bad("invalid file_id")
    if file.size > rules.LARGEST_DOWNLOAD:
        raise bad("file is too big")
    return {**file.as_json(), "file_path": file.path}
