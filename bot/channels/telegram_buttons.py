"""The buttons under a message: what they say, and how they look once a choice was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from memory.records import Offer

__all__ = ["Data", "chosen", "drawn", "key_of", "redrawn", "spoken"]

_MADE: Final = " ✓"
_MOST: Final = 64
"""Bytes that a button may bear."""


@dataclass(frozen=True, slots=True)
class Data:
    """What a button bears: how often it was drawn, what it says, and the key of the message that it is under.

    ``drawn`` is empty where it asks for something, and = where it is the choice that was made. Not every copy of a
    message is known by its id, but each bears the key.
    """

    drawn: str
    says: str
    key: str = ""

    @classmethod
    def read(cls, data: str | None) -> Data:
        """As it comes back."""
        return cls(*f"{data or ''}||".split("|")[:3])

    def __str__(self) -> str:
        bare = f"{self.drawn}|{self.says}"
        whole = f"{bare}|{self.key}"
        return whole if self.key and "|" not in self.key and len(whole.encode()) <= _MOST else bare


def drawn(offers: Sequence[Offer], key: str = "") -> Any:
    """One row of buttons under the message of that key; None for no offers."""
    from telegram import InlineKeyboardButton, InlineKeyboardMarkup

    row = [
        InlineKeyboardButton(
            offer.label, callback_data=str(Data("0" if offer.label == offer.says else "", offer.says, key))
        )
        for offer in offers
    ]
    return InlineKeyboardMarkup([row]) if row else None


def chosen(offers: Sequence[Offer], key: str, says: str, stamp: int) -> Any:
    """The row with a choice marked that was made elsewhere; ``stamp`` is higher than each number drawn before it."""
    from telegram import InlineKeyboardButton, InlineKeyboardMarkup

    row = []
    for offer in offers:
        choice, made = offer.label == offer.says, offer.says == says
        data = Data(("=" if made else str(stamp)) if choice else "", offer.says, key)
        row.append(InlineKeyboardButton(f"{offer.label}{_MADE * (choice and made)}", callback_data=str(data)))
    return InlineKeyboardMarkup([row])


def key_of(markup: Any) -> str:
    """The key of the message that these buttons are under, if they bear it."""
    rows = getattr(markup, "inline_keyboard", None) or ()
    return next((key for row in rows for button in row if (key := Data.read(button.callback_data).key)), "")


def redrawn(query: Any) -> Any:
    """The buttons after one was pressed, the choice that was made marked; None where nothing changes.

    Drawn anew, a choice can be made anew: whoever changes their mind is heard each time, a double press once.
    """
    from telegram import InlineKeyboardButton, InlineKeyboardMarkup

    pressed = Data.read(query.data)
    markup = getattr(query.message, "reply_markup", None)
    if not pressed.drawn.isdigit() or markup is None:
        return None
    rows = []
    for row in markup.inline_keyboard:
        buttons = []
        for button in row:
            before, label = Data.read(button.callback_data), button.text.removesuffix(_MADE)
            if not before.drawn:  # it asks for something, and is no choice
                buttons.append(button)
                continue
            made = before.says == pressed.says
            now = replace(before, drawn="=" if made else f"{int(pressed.drawn) + 1}")
            buttons.append(InlineKeyboardButton(f"{label}{_MADE * made}", callback_data=str(now)))
        rows.append(buttons)
    return InlineKeyboardMarkup(rows)


def spoken(query: Any) -> str:
    """What pops up where a button was pressed."""
    pressed = Data.read(query.data)
    if pressed.drawn == "=":
        return f"{pressed.says} counts already."
    return "" if pressed.says.startswith("/") else pressed.says
