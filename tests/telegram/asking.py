"""What a bot asks of the server: buttons under its words, and calls without a library between."""

from __future__ import annotations

from typing import Any

import requests
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from tests.telegram.world import Town

WRONG = "7000000001:AAwrong-in-its-last-part-0123456789"


def buttons(*texts: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(text, callback_data=f"do {text}") for text in texts]])


def raw(town: Town, method: str, **given: Any) -> tuple[int, Any]:
    """What comes over the wire."""
    answer = requests.post(f"{town.url}/bot{town.token}/{method}", data=given, timeout=5)
    return answer.status_code, answer.json()
