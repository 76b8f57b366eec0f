"""Numbers as a person says them."""

from __future__ import annotations

from collections import Counter

import pytest

from agents.numbers import counted
from bot.cli.keep import _told
from memory.keeping.forms import FORMS


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0 stories"), (1, "1 story"), (2, "2 stories"), (1234567, "1,234,567 stories")]
)
def test_one_is_told_as_one_and_more_as_many(number: int, told: str) -> None:
    assert counted(number, "story", "stories") == told


@pytest.mark.parametrize(("number", "told"), [(0, "0 posts"), (1, "1 post"), (2, "2 posts")])
def test_many_are_told_with_an_s_unless_it_is_said_how(number: int, told: str) -> None:
    assert counted(number, "post") == told


def test_what_an_export_holds_is_told_in_words_that_there_are() -> None:
    one, many = _told(Counter({form.noun: 1 for form in FORMS})), _told(Counter({form.noun: 2 for form in FORMS}))
    assert one.startswith("1 tombstone, 1 account, ") and "1 entry, " in one
    assert many.startswith("2 tombstones, 2 accounts, ") and "2 entries, " in many
    assert not {"entrys", "seens", "chaffs", "outgoings"} & set(many.replace(",", "").split())
