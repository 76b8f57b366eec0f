"""E-mail: threads, charsets, what a letter quotes, what is only attached."""

from __future__ import annotations

from pathlib import Path

import pytest

from memory.records import Fetched, Item, Kind
from tools.importers import RowError, importer
from tools.importers.letters import without_history
from tools.importers.opening import opened

EXPORT = Path(__file__).parent / "fixtures" / "importers" / "mbox" / "export.mbox"
HEAD = "From x@y.example Fri Mar 01 09:00:00 2024\nFrom: Mira <m@y.example>\nDate: Fri, 01 Mar 2024 09:00:00 +0000\n"


def read(path: Path, **settings: object) -> list[Fetched | Exception]:
    with opened(path) as export:
        return list(importer("mbox", export, settings).fetch(None))


def letter(tmp_path: Path, text: str, name: str = "a.mbox") -> Item:
    (tmp_path / name).write_text(text)
    (step,) = read(tmp_path / name)
    assert isinstance(step, Fetched) and step.item is not None
    return step.item


def test_letters_are_known_by_their_own_numbers_and_answer_each_other() -> None:
    one, two, junk = read(EXPORT, me="olek@pier.example")
    assert isinstance(one, Fetched) and isinstance(two, Fetched) and one.item and two.item
    assert (one.item.uri, two.item.uri, two.item.reply_to) == (
        "mid:one@harbour.example",
        "mid:two@pier.example",
        "mid:one@harbour.example",
    )
    assert (one.item.title, one.item.text) == (
        "The rowing club ⛵",
        "Grüße vom Hafen.\nFrom the pier one sees the island.",
    )
    assert one.accounts[0].name == "Mira Løvstad"
    assert (one.reactions, [reaction.kind for reaction in two.reactions]) == ((), [Kind.AUTHORED])
    assert two.item.text == "I join. See the club (https://rowing.example/club)."
    assert [media.url for media in two.item.media] == ["form.pdf"]
    assert isinstance(junk, RowError) and not junk.damaged


@pytest.mark.parametrize(
    ("letter", "own"),
    [
        ("Yes.\n\nOn Fri, 1 Mar 2024 at 09:00, Mira <m@y.example> wrote:\n> Shall we?\n", "Yes."),
        ("Ja.\n\nAm 01.03.24 um 09:00 schrieb Mira:\n> Wollen wir?\n> Ja?\n", "Ja."),
        ("Yes.\n\n-----Original Message-----\nFrom: Mira\nSent: Friday\n\nShall we?", "Yes."),
        ("Yes.\n\nFrom: Mira <m@y.example>\nSent: Friday\nTo: Olek\n\nShall we?", "Yes."),
        ("> Shall we?\nYes.\n> When?\nAt nine.\n", "Yes.\nAt nine."),
        ("Yes.\n-- \nOlek\nPier 4", "Yes."),
        ("On Friday I wrote:\nnothing", "On Friday I wrote:\nnothing"),
        ("> only a quotation", "> only a quotation"),
        ("", ""),
    ],
)
def test_only_what_the_writer_added_is_kept(letter: str, own: str) -> None:
    assert without_history(letter).strip() == own


def test_a_folder_of_sent_letters_is_the_owners(tmp_path: Path) -> None:
    (tmp_path / "Sent.mbox").write_text(HEAD + "\nhello\n")
    (step,) = read(tmp_path / "Sent.mbox")
    assert isinstance(step, Fetched) and [reaction.kind for reaction in step.reactions] == [Kind.AUTHORED]


def test_a_letter_by_itself_is_one(tmp_path: Path) -> None:
    assert letter(tmp_path, HEAD.partition("\n")[2] + "Subject: Hi\n\nhello\n", "one.eml").text == "hello"


def test_a_letter_without_a_number_is_known_by_what_it_says_of_itself(tmp_path: Path) -> None:
    assert letter(tmp_path, HEAD + "\nhello\n").uri == letter(tmp_path, HEAD + "\nhello again\n").uri


def test_a_script_is_no_word(tmp_path: Path) -> None:
    text = "Content-Type: text/html\n\n<style>x</style><p onclick=1>hello</p><script>alert(1)</script>\n"
    assert letter(tmp_path, HEAD + text).text == "hello"
