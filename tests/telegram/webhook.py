"""Telegram calls a bot: one update at a time, in order, again and again until the bot has taken it."""

from __future__ import annotations

from threading import Thread
from urllib.parse import urlsplit

import requests

from tests.telegram.mailbox import Update
from tests.telegram.messages import Json, stamp
from tests.telegram.world import Town

HEADER = "X-Telegram-Bot-Api-Secret-Token"
PAUSE, PATIENCE = 0.05, 10.0
"""Seconds between two tries, and for one of them."""


def delivering(town: Town) -> Thread:
    """A thread that calls the town's webhook, wherever it is set to, until the town closes."""
    thread = Thread(target=_deliver, args=(town,), daemon=True)
    thread.start()
    return thread


def _deliver(town: Town) -> None:
    with requests.Session() as session:
        session.trust_env = False
        while not town.closing.is_set():
            with town.changed:
                hook, update = dict(town.webhook), town.mailbox.first()
                if not _at_home(hook) or update is None:
                    town.changed.wait(0.5)
                    continue
            trouble = _told(session, hook, update, town)
            with town.changed:
                if trouble and town.webhook:
                    town.webhook |= {"last_error_date": stamp(town.now()), "last_error_message": trouble}
                elif not trouble:
                    town.mailbox.delivered(update)
            if trouble:
                town.closing.wait(PAUSE)


def _at_home(hook: Json) -> bool:
    """Nobody outside this machine is ever called."""
    return urlsplit(str(hook.get("url", ""))).hostname == "127.0.0.1"


def _told(session: requests.Session, hook: Json, update: Update, town: Town) -> str:
    """What went wrong, if anything."""
    headers = {HEADER: str(hook["secret"])} if hook["secret"] else {}
    try:
        answer = session.post(str(hook["url"]), json=update, headers=headers, timeout=PATIENCE, allow_redirects=False)
    except requests.Timeout:
        return "Read timeout expired"
    except requests.RequestException:
        return "Connection refused"
    if not answer.ok or answer.is_redirect:
        return f"Wrong response from the webhook: {answer.status_code} {answer.reason}"
    if '"method"' in answer.text:
        town.complaints.append("a method is called in the answer to a webhook, which this server does not know")
    return ""
