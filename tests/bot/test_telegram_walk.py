"""Through Telegram and back: a digest, what the owner does with it, and commands."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

pytest.importorskip("telegram")

from bot.menu import menu
from memory.records import Evidence, Kind
from tests.bot.street import Street


def test_a_digest_is_a_head_with_its_date_and_a_message_an_entry(street: Street) -> None:
    head, *entries = street.digest()
    today = datetime.now(UTC)
    assert head.text.startswith(f"Magpie · {today:%A} {today.day} {today:%B}\n3 stories")
    assert [one.text[0] for one in entries] == ["1", "2", "3"]
    contents = head.text.splitlines()[-3:]
    assert [line[:3] for line in contents] == ["1. ", "2. ", "3. "]
    assert all(line[3:30] in one.text for line, one in zip(contents, entries, strict=True))
    assert [one.buttons for one in entries] == [["👍", "👎", "🔖", "Why?", "More"]] * 3
    assert all(re.search("<send>|<again>|<old>", one.text) and not one.marked("bot_command") for one in entries)
    assert all(link.startswith("https://fedi.example/@") for one in entries for link in one.links)


def test_each_way_to_answer_counts_once_and_what_changes_is_said(street: Street) -> None:
    _, first, second, third = street.digest()
    street.nell.presses(first, "👍")
    street.nell.reacts(second, "🔥")
    street.nell.says("👎", reply_to=third)
    (told,) = street.hear()
    assert len(told.splitlines()) == 3
    assert [kind for kind, _ in street.felt()] == [Kind.MORE, Kind.MORE, Kind.LESS]
    assert first.buttons[0] == "👍 ✓"
    street.nell.says("2 👎 1 🔖")
    street.hear()
    assert [kind for kind, _ in street.felt()][3:] == [Kind.LESS, Kind.SAVE]
    street.nell.presses(first, "Why?")
    (why,) = street.hear()
    assert why.startswith("1 · “")
    assert street.town.said(street.nell)[-1].reply_to is first
    street.nell.presses(first, "More")
    assert any(said.startswith("1 · in full") for said in street.hear())


def test_the_compact_form_is_one_message_that_is_answered_by_number(street: Street) -> None:
    street.digests["form"] = "compact"
    street.begin()
    (one,) = street.digest()
    today = datetime.now(UTC)
    assert one.text.startswith(f"Magpie · {today:%A} {today.day} {today:%B}\n3 stories")
    assert [line[:4] for line in one.text.splitlines() if line[1:4] == " · "] == ["1 · ", "2 · ", "3 · "]
    assert (one.buttons, len(one.marked("italic")), one.preview) == ([], 3, {"is_disabled": True})
    assert (one.mentions, one.marked("bot_command"), one.marked("url")) == ([], [], [])
    assert [link.rpartition("/")[0] for link in one.links] == [
        f"https://fedi.example/@{by}" for by in re.findall(r"\d · @\u200b?(\w+)", one.text)
    ]
    street.nell.says("2 👎 3 🔖")
    street.nell.says("/why 2", reply_to=one)
    why, changed = street.hear()
    assert (len(changed.splitlines()), why[:4]) == (2, "2 · ")
    assert [kind for kind, _ in street.felt()] == [Kind.LESS, Kind.SAVE]
    street.nell.reacts(one, "👍")
    street.nell.says("👍", reply_to=one)
    assert street.hear()[0].count("👍: which entry? ") == 2
    assert len(street.felt()) == 2


def test_nothing_that_the_compact_form_told_is_told_again(street: Street) -> None:
    street.digests["form"] = "compact"
    street.begin()
    street.digest()
    with street.magpie.store.begin() as memory:
        digest = memory.digests.latest()
        assert digest is not None
        told = memory.seen.known("item", [entry.lead for entry in digest.entries])
    assert len(told) == 3
    assert {fact.evidence for facts in told.values() for fact in facts} == {Evidence.DELIVERED}


def test_a_restart_between_hearing_and_storing_counts_nothing_twice(street: Street) -> None:
    _, first, *_ = street.digest()
    street.nell.presses(first, "👍")
    list(street.magpie.channel.listen(street.magpie.home.router.cursor()))
    street.begin()
    assert len(street.hear()) == 1
    street.begin()
    assert street.hear() == []
    assert [kind for kind, _ in street.felt()] == [Kind.MORE]


def test_commands_and_a_help_with_examples_work_here_too(street: Street) -> None:
    street.nell.says("/help")
    street.nell.says("/digest")
    told = street.hear()
    assert "2 👎 5 🔖" in told[0]
    assert len(told) == 5
    (help_,) = [one for one in street.town.said(street.nell) if one.text == told[0]]
    assert {*help_.marked("bot_command")} == {f"/{name}" for name in menu()}


def test_what_notes_hint_at_can_be_tapped_and_what_they_quote_cannot(street: Street) -> None:
    street.nell.says("/remember tell Ana ” of /pause and evil.example")
    street.nell.says("/forget 1")
    street.nell.says("/edit 9 nothing")
    street.hear()
    noted, asked, edited = street.town.said(street.nell)[-3:]
    assert [one.marked("bot_command") for one in (noted, asked, edited)] == [["/forget"], ["/forget"], ["/notes"]]
    assert all("/\u2060" not in line for one in (asked, edited) for line in one.text.splitlines()[-1:])
