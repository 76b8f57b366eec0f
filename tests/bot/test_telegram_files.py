"""Exports sent in Telegram: looked into, offered, and taken in when the owner says so."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import pytest

pytest.importorskip("telegram")

from bot.jobs.unpacking import FOLDER, PATIENCE, file_name
from config.errors import MagpieError
from memory.records import Kind
from tests.bot.street import Street
from tests.telegram import faults
from tests.telegram.messages import Message

CHAT = b"""20/11/2026, 09:14 - Ann: The heron stands on one leg at the lock again.
20/11/2026, 09:15 - Bea: It has stood there since Thursday, the lock keeper feeds it eels.
20/11/2026, 09:20 - Ann: We should bring the good binoculars on Sunday.
"""


def packed(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return held.getvalue()


def kept(street: Street) -> int:
    with street.magpie.store.begin() as memory:
        return memory.items.count()


def test_an_export_is_looked_into_offered_and_taken_in_when_its_button_is_pressed(street: Street) -> None:
    before = kept(street)
    street.nell.sends_document("WhatsApp Chat with Ann.txt", CHAT)
    (offer,) = street.ask()
    assert offer == (
        "“WhatsApp Chat with Ann.txt” (1 kB) is of the kind whatsapp: 3 to read, 3 new. Shall I take it in?"
    )
    assert kept(street) == before
    button = street.town.said(street.nell)[-1]
    assert button.buttons == ["Take it in", "No"]
    street.nell.presses(button, "Take it in")
    going, done = street.ask()
    assert going == "I take “WhatsApp Chat with Ann.txt” in, and tell you what came of it."
    assert done == "“WhatsApp Chat with Ann.txt” is in your archive: 3 read; 3 new."
    assert kept(street) == before + 3
    assert not (street.data / FOLDER).exists()
    street.nell.presses(button, "Take it in")
    assert street.ask() == ["There is no file that waits to be imported: send me one."]


@pytest.mark.parametrize(("word", "new"), [("yes", 3), ("ja", 3), ("/import", 3), ("no", 0), ("/import 1 no", 0)])
def test_a_word_is_an_answer_too(street: Street, word: str, new: int) -> None:
    before = kept(street)
    street.nell.sends_document("_chat.txt", CHAT)
    street.ask()
    street.nell.says(word)
    told = street.ask()
    assert kept(street) == before + new
    assert told[-1] == ("“_chat.txt” is in your archive: 3 read; 3 new." if new else "Then I leave it.")


GROUP = b"""20/11/2026, 09:14 - Nell: The heron stands on one leg at the lock again.
20/11/2026, 09:15 - Bea: It has stood there since Thursday, the lock keeper feeds it eels.
20/11/2026, 09:16 - no @eve /mute: Mine stands on two.
20/11/2026, 09:17 - Nell: We should bring the good binoculars on Sunday.
"""
WHO = "Shall I take it in? Who are you in it? Press or write the name, so that your own words count as yours."


def sends_the_group(street: Street) -> Message:
    """Returns the offer."""
    street.nell.sends_document("WhatsApp Chat with Lock friends.txt", GROUP)
    (offer,) = street.ask()
    assert offer.endswith(f"4 to read, 4 new. {WHO}")
    return street.town.said(street.nell)[-1]


def own_words(street: Street) -> int:
    return [kind for kind, _ in street.felt()].count(Kind.AUTHORED)


@pytest.mark.parametrize(
    ("word", "own"), [("Nell", 2), ("  nell ", 2), ("/import 1 Bea", 1), ("/import nell", 2), ("yes", 0)]
)
def test_in_a_chat_that_does_not_tell_it_the_owner_says_who_they_are(street: Street, word: str, own: int) -> None:
    offer = sends_the_group(street)
    assert offer.buttons == ["Nell", "Bea", "no @eve /mute", "None of them", "No"]
    street.nell.says(word)
    assert street.ask()[-1] == "“WhatsApp Chat with Lock friends.txt” is in your archive: 4 read; 4 new."
    assert own_words(street) == own


def test_ones_own_name_can_be_pressed_also_after_a_restart(street: Street) -> None:
    offer = sends_the_group(street)
    street.begin()
    street.nell.presses(offer, "Nell")
    street.hear()
    street.begin()
    assert "4 new" in street.ask()[-1]
    assert own_words(street) == 2


def test_a_name_that_nobody_bears_there_takes_nothing_in(street: Street) -> None:
    before = kept(street)
    sends_the_group(street)
    street.nell.says("/import 1 Nellie")
    assert street.ask() == [
        "Nobody is called that in “WhatsApp Chat with Lock friends.txt”; there are Nell, Bea, no @eve /mute."
    ]
    assert kept(street) == before
    assert street.town.said(street.nell)[-1].mentions == []
    street.nell.says("/import Nell")
    street.ask()
    assert (kept(street), own_words(street)) == (before + 4, 2)


def test_a_name_too_long_for_a_button_can_be_written(street: Street) -> None:
    long = "Nell of the Very Long House at the Lock by the Old Brewery"
    street.nell.sends_document("_chat.txt", GROUP.replace(b"Nell", long.encode()))
    street.ask()
    assert street.town.said(street.nell)[-1].buttons == ["Bea", "no @eve /mute", "None of them", "No"]
    street.nell.says(long)
    assert "4 new" in street.ask()[-1]
    assert own_words(street) == 2


def test_where_the_chat_tells_who_the_owner_is_nobody_is_asked(street: Street) -> None:
    street.nell.sends_document("WhatsApp Chat with Ann.txt", CHAT)  # so the other of the two is
    assert street.ask()[0].endswith("Shall I take it in?")
    street.nell.says("/import 1 Bea")
    assert street.ask() == ["I did not understand that. For example: /import 1"]
    street.nell.says("/import")
    street.ask()
    assert own_words(street) == 1


def test_a_yes_to_something_else_takes_nothing_in(street: Street) -> None:
    before = kept(street)
    street.nell.sends_document("_chat.txt", CHAT)
    street.ask()
    street.nell.says("/status")
    street.ask()
    street.nell.says("yes")
    street.ask()
    assert kept(street) <= before + 1  # the yes itself, which was said to Magpie
    street.nell.says("/import")
    assert "3 new" in street.ask()[-1]


def test_a_yes_after_a_question_to_forget_forgets_and_takes_nothing_in(street: Street) -> None:
    street.nell.says("/remember the key is with Ana")
    street.nell.sends_document("_chat.txt", CHAT)
    street.nell.says("/forget 1")
    street.ask()  # the offer comes after the question
    street.nell.says("yes")
    assert street.ask() == ["Forgotten. The next tidying up takes it out of backups and logs as well."]


def test_what_a_file_is_is_seen_in_it_and_not_by_its_name(street: Street) -> None:
    street.nell.sends_document("twitter-2026-11-20.zip", b"\x89PNG this is no archive at all")
    street.nell.sends_document("../../etc/holiday.exe", b"MZ" * 6000)
    street.nell.sends_document("bookmarks.json", b"", size=0)
    street.nell.sends_document("likes.csv", packed(a=b"1"))
    told = street.ask()
    assert len(told) == 4 and all(one.count("\n") == 0 and "Shall I" not in one for one in told)
    assert told[1] == (
        "I do not take “holiday.exe” in. I do not recognise it as an export of anything that I can read."
    )
    assert told[2] == "“bookmarks.json” is empty."


def bomb() -> bytes:
    return packed(**{"likes.json": b"[" + b" " * 60_000_000 + b"]"})


def escape() -> bytes:
    return packed(**{"../../outbox.json": json.dumps({"orderedItems": []}).encode()})


@pytest.mark.parametrize("hostile", [bomb, escape])
def test_a_hostile_file_is_refused_in_a_sentence(street: Street, hostile: Callable[[], bytes]) -> None:
    before = kept(street)
    street.nell.sends_document("archive-20261120.zip", hostile())
    (told,) = street.ask()
    assert told.startswith("I do not take “archive-20261120.zip” in. ") and "\n" not in told
    assert kept(street) == before and not (street.data / FOLDER).exists()
    assert [*street.data.parent.rglob("outbox.json")] == []


def test_what_is_too_large_to_be_fetched_is_told_with_what_to_do_instead(street: Street) -> None:
    street.nell.sends_document("twitter-2026-11-20.zip", size=25_000_000)
    (told,) = street.ask()
    assert told == (
        "“twitter-2026-11-20.zip” (25.0 MB) is larger than the 20 MB that a bot may fetch here: copy it to the machine "
        "that I run on, and say there: magpie import PATH"
    )
    assert not any(call.method == "getFile" for call in street.town.calls)


def test_an_export_of_magpies_own_is_left_to_the_command_line(street: Street) -> None:
    street.nell.sends_document("magpie.jsonl", b'{"noun":"magpie","version":1}\n')
    (told,) = street.ask()
    assert "export of Magpie's own" in told and told.endswith("magpie import PATH")


def test_a_file_that_cannot_be_fetched_now_waits_through_a_restart(street: Street) -> None:
    street.nell.sends_document("_chat.txt", CHAT)
    street.town.faults.add("getFile", faults.gateway(), times=5)
    assert street.ask() == []
    street.begin()
    (offer,) = street.ask()
    assert "Shall I take it in?" in offer
    street.nell.says("yes")
    street.hear()
    street.begin()  # between the yes and the import
    assert street.ask() == ["“_chat.txt” is in your archive: 3 read; 3 new."]


def test_a_file_that_could_not_be_fetched_for_a_day_is_given_up(street: Street) -> None:
    street.nell.sends_document("_chat.txt", CHAT)
    street.town.faults.add("getFile", faults.gateway(), times=10)
    assert street.ask() == []
    now = street.magpie.now
    street.magpie.home.unpacker = None  # type: ignore[assignment]
    del street.magpie.home.unpacker
    street.magpie.now = lambda: now() + PATIENCE
    (told,) = street.ask()
    assert told.startswith("I do not take “_chat.txt” in. ") and "try again later" in told


def test_a_reader_that_breaks_is_told_once(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("words of somebody")

    monkeypatch.setattr("bot.jobs.unpacking.importer", broken)
    street.nell.sends_document("_chat.txt", CHAT)
    assert street.ask() == ["I do not take “_chat.txt” in. Something in me broke over it; the log says where."]
    assert street.ask() == []


def test_an_import_that_is_interrupted_by_the_end_goes_on_after_the_next_start(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    class StoppedError(MagpieError):
        pass

    def stopped(*_: object) -> None:
        raise StoppedError("Magpie was told to stop.")

    street.nell.sends_document("_chat.txt", CHAT)
    street.magpie.ending = lambda: True
    with monkeypatch.context() as patch:
        patch.setattr("bot.jobs.unpacking.kind_of", stopped)
        street.hear()
        with pytest.raises(StoppedError):
            street.magpie.home.unpacker.unpack_next()
    street.begin()
    (offer,) = street.ask()
    assert "Shall I take it in?" in offer


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../x.txt", "_.._x.txt"),
        (".hidden", "hidden"),
        ("", "file"),
        ("a\x00b\\c.csv", "a_b_c.csv"),
        ("ü (2).zip", "ü (2).zip"),
    ],
)
def test_a_name_leads_nowhere_else(name: str, safe: str) -> None:
    assert file_name(name) == safe


def test_what_was_imported_is_found_and_no_deed_of_the_owner(street: Street) -> None:
    street.nell.sends_document("_chat.txt", CHAT)
    street.ask()
    street.nell.says("yes")
    street.ask()
    street.nell.says("what does the lock keeper feed the heron?")
    told = street.ask()
    assert "Bea @bea@whatsapp" in told[0]  # whose private words are not told where others could read along
    assert [kind for kind, _ in street.felt() if kind is Kind.BOOKMARK] == []
