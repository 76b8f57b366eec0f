"""The bot on Telegram: whether its token is good, whether it may write to its owner, how its updates come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_api import Api
from bot.channels.telegram_trouble import AgainError, RefusedError
from bot.doctor.findings import Finding, fault, warning, well

_LOGIN = "run 'magpie login --telegram'"


def look(channel: TelegramChannel) -> Iterator[Finding]:
    """Nothing is fetched: another Magpie may be at it. Raises AgainError when Telegram is away."""
    api = Api(channel.base_url, channel.token, channel.timeout, 1, channel.sleep)
    try:
        yield from _look(api, channel)
    finally:
        api.close()


def _look(api: Api, channel: TelegramChannel) -> Iterator[Finding]:
    try:
        me = api.ask("get_me")
    except RefusedError:
        yield fault("token", f"{api.host} refuses the bot's token: it is revoked or copied wrongly", _LOGIN)
        return
    yield well("token", f"that of @{me.username}")
    yield _owner(api, channel)
    yield _groups(me)
    yield from _updates(api.ask("get_webhook_info"), channel)


def _owner(api: Api, channel: TelegramChannel) -> Finding:
    try:
        api.ask("get_chat", chat_id=channel.owner_id)
    except RefusedError:
        found = f"the bot has no chat with its owner ({channel.owner_id})"
        return fault("owner", found, f"open the bot's chat and press START; if that is not your number, {_LOGIN}")
    except AgainError:
        raise
    return well("owner", "the bot may write to you, and hears nobody else")


def _groups(me: Any) -> Finding:
    if me.can_join_groups:
        advice = "it leaves them by itself; to forbid it for good, tell @BotFather /setjoingroups"
        return well("groups", f"others can add it to groups; {advice}")
    return well("groups", "nobody can add it to one")


def _updates(hook: Any, channel: TelegramChannel) -> Iterator[Finding]:
    waiting = hook.pending_update_count or 0
    if channel.webhook and hook.url != channel.webhook:
        advice = "start Magpie with 'magpie run', which registers it"
        yield warning("updates", f"Telegram does not know the webhook {channel.webhook} yet", advice)
    elif channel.webhook and hook.last_error_message and waiting:
        advice = f"see that the reverse proxy hands {channel.webhook} on to port {channel.webhook_port}"
        yield warning("updates", "Telegram cannot deliver to the webhook", advice)
    elif not channel.webhook and hook.url:
        advice = "nothing, if it was Magpie's: it is taken away when Magpie listens"
        yield warning("updates", "Telegram delivers to a webhook that magpie.toml does not name", advice)
    else:
        how = "brought to the webhook" if channel.webhook else "fetched by long polling"
        yield well("updates", f"{how}; {waiting} waiting")
