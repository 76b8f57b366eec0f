"""Logging in at Telegram: a token is checked, and whoever opens the link that only this screen shows is the owner."""

from __future__ import annotations

import hmac
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import SecretStr

from bot.channels.telegram import CLOUD, base_url
from bot.channels.telegram_api import Api
from bot.channels.telegram_door import fetch
from bot.channels.telegram_menu import introduce
from bot.channels.telegram_trouble import AgainError, RefusedError
from config.errors import ChannelError, ConfigError
from config.tokens import Login

PATIENCE: Final = 300.0
"""Seconds that the owner has to press START."""

_WAIT: Final = 20
_LOOK: Final = 1.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Meeting:
    """A bot that is met by its owner. ``say`` shows lines on the screen at which the owner sits."""

    say: Callable[[str], None]
    patience: float = PATIENCE
    wait: int = _WAIT  # seconds of one long poll
    steady: Callable[[], float] = field(default=time.monotonic, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def held(self, token: SecretStr, server: str = CLOUD) -> Login:
        """Check the token, show the link, wait for START. Raises ConfigError, or ChannelError when Telegram is away."""
        address = base_url(server)
        if not token.get_secret_value().partition(":")[2] or not token.get_secret_value().partition(":")[0].isdecimal():
            raise ConfigError(
                "That is no token of a bot: copy all of what @BotFather shows, digits, colon and letters."
            )
        api = Api(address, token, timeout=30.0, attempts=3, sleep=self.sleep)
        try:
            return self._held(api, address, token)
        except RefusedError as refusal:
            raise ConfigError(f"{refusal} Nothing was kept.") from None
        except AgainError as trouble:
            raise ChannelError(f"{trouble} Nothing was kept.") from None
        finally:
            api.close()

    def _held(self, api: Api, address: str, token: SecretStr) -> Login:
        name = str(api.insist("get_me", even_in_doubt=True).username)
        code = secrets.token_urlsafe(18)
        self.say(
            f"Open this link on any device where you use Telegram, and press START within {_span(self.patience)}:\n\n"
            f"https://t.me/{name}?start={code}\n"
        )
        owner = self._met(api, code)
        introduce(api)
        greeting = "This is your Magpie. From now on it hears you here, and nobody else. /help shows what it can do."
        api.insist("send_message", chat_id=owner.id, text=greeting)
        _log.info("event=connected role=telegram")
        return Login(
            role="telegram",
            handle=name,
            base_url=address,
            scopes=(),
            client_id="",
            client_secret=SecretStr(""),
            token=token,
            owner_id=owner.id,
        )

    def _met(self, api: Api, code: str) -> Any:
        """Whoever shows the code in a private chat. Nothing is confirmed meanwhile: what else waits is not lost."""
        until, known, offset = self.steady() + self.patience, set[int](), None
        while self.steady() < until:
            updates = fetch(api, offset, self.wait)
            fresh = [update for update in updates if update.update_id not in known]
            for update in fresh:
                known.add(update.update_id)
                if _shows(update, code):
                    return update.effective_user
            if not fresh:
                offset = _past(updates)
                self.sleep(_LOOK)
        raise ConfigError(f"Nobody pressed START within {_span(self.patience)}: log in again.")


def _shows(update: Any, code: str) -> bool:
    message = update.message
    if message is None or update.effective_user is None or message.chat.type != "private":
        return False
    return hmac.compare_digest((message.text or "").strip().encode(), f"/start {code}".encode())


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"


def _past(updates: list[Any]) -> int | None:
    """A full page of what others have sent hides what comes after it."""
    return int(updates[-1].update_id) + 1 if len(updates) >= 100 else None
