"""The methods that are about the bot itself: who it is, where it is, its menu, and how it hears."""

from __future__ import annotations

from tests.telegram import rules
from tests.telegram.given import Given, answers
from tests.telegram.messages import Json
from tests.telegram.people import User
from tests.telegram.rules import RefusalError, UnknownHereError, bad
from tests.telegram.world import Town

# -- the bot itself


@answers("getMe")
def _get_me(town: Town, given: Given) -> Json:
    can = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
    return {**town.bot, **can, "can_connect_to_business": False, "has_main_web_app": False}


@answers("getChat", "chat_id")
def _get_chat(town: Town, given: Given) -> Json:
    chat = town.chat(given.number("chat_id"))
    if isinstance(chat, User) and not chat.started:  # a bot knows nobody who has not come to it
        raise bad("chat not found")
    if not isinstance(chat, User) and not chat.has_bot:
        raise RefusalError(403, "Forbidden: bot was kicked from the supergroup chat")
    kinds = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    full = {"accent_color_id": 1, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(kinds, False)}
    return {**chat.as_chat(), **full}


@answers("leaveChat", "chat_id")
def _leave(town: Town, given: Given) -> bool:
    chat = town.chat(given.number("chat_id"))
    if isinstance(chat, User):
        raise bad("chat member status can't be changed in private chats")
    if not chat.has_bot:
        raise RefusalError(403, "Forbidden: bot is not a member of the supergroup chat")
    chat.has_bot = False
    return True


@answers("setMyCommands", "commands scope language_code")
def _set_commands(town: Town, given: Given) -> bool:
    town.commands[_scope(town, given)] = rules.commands(given.whole("commands", []))
    return True


@answers("getMyCommands", "scope language_code")
def _get_commands(town: Town, given: Given) -> list[dict[str, str]]:
    return town.commands.get(_scope(town, given), [])


@answers("deleteMyCommands", "scope language_code")
def _delete_commands(town: Town, given: Given) -> bool:
    town.commands.pop(_scope(town, given), None)
    return True


def _scope(town: Town, given: Given) -> tuple[str, str]:
    scope: Json = given.whole("scope", {"type": "default"})
    if scope["type"] not in ("default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat"):
        raise UnknownHereError(f"a scope of type {scope['type']!r}")
    where = f" {town.chat(int(scope['chat_id'])).id}" if scope["type"] == "chat" else ""
    return f"{scope['type']}{where}", given.text("language_code")


# -- updates


@answers("getUpdates", "offset limit timeout allowed_updates")
def _get_updates(town: Town, given: Given) -> list[Json]:
    limit, timeout = given.number("limit", 100), given.number("timeout")
    allowed = given.whole("allowed_updates")
    return town.poll(given.number("offset"), min(100, max(1, limit)), min(50, max(0, timeout)), allowed)


@answers("setWebhook", "url secret_token allowed_updates max_connections drop_pending_updates")
def _set_webhook(town: Town, given: Given) -> bool:
    url, secret = given.text("url"), given.text("secret_token")
    if not url:
        return _without_webhook(town, given)
    rules.webhook_url(url)
    rules.secret_token(secret)
    if not 1 <= given.number("max_connections", 40) <= 100:
        raise bad("max_connections must be between 1 and 100")
    town.mailbox.allow(given.whole("allowed_updates"))
    if given.flag("drop_pending_updates"):
        town.mailbox.forget()
    town.webhook = {"url": url, "secret": secret, "max_connections": given.number("max_connections", 40)}
    town.changed.notify_all()
    return True


@answers("deleteWebhook", "drop_pending_updates")
def _delete_webhook(town: Town, given: Given) -> bool:
    return _without_webhook(town, given)


def _without_webhook(town: Town, given: Given) -> bool:
    if given.flag("drop_pending_updates"):
        town.mailbox.forget()
    town.webhook = {}
    town.changed.notify_all()
    return True


@answers("getWebhookInfo")
def _webhook_info(town: Town, given: Given) -> Json:
    told = {"url": town.webhook.get("url", ""), "has_custom_certificate": False}
    told["pending_update_count"] = len(town.mailbox)
    told |= {key: one for key, one in town.webhook.items() if key not in ("url", "secret")}
    if town.mailbox.allowed is not None:
        told["allowed_updates"] = sorted(town.mailbox.allowed)
    return told
