"""WhatsApp: dates of all locales, what the app says itself, files, names, and the exporter."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from memory.records import Fetched, Item, Kind
from tools.importers import RowError, importer, kind_of
from tools.importers.opening import opened
from tools.importers.whatsapp_lines import Survey, head, instant
from tools.importers.whatsapp_marks import deleted, files, title_in, unmarked

LOCALES = {  # the 13th of June 2018, 9:25 (:15) in the evening
    "German, Android": "13.06.18, 21:25 - Ann: hi",
    "German, iPhone": "[13.06.18, 21:25:15] Ann: hi",
    "British": "13/06/2018, 21:25 - Ann: hi",
    "American, Android": "6/13/18, 9:25\u202fPM - Ann: hi",
    "American, iPhone": "[6/13/18, 9:25:15\u202fPM] Ann: hi",
    "Australian": "13/6/18, 9:25 pm - Ann: hi",
    "Spanish": "13/6/18 9:25 p.\u00a0m. - Ann: hi",
    "Mexican, iPhone": "[13/06/18 9:25:15 p.m.] Ann: hi",
    "Dutch": "13-06-18 21:25 - Ann: hi",
    "Swedish": "2018-06-13 21:25 - Ann: hi",
    "Canadian French, iPhone": "[2018-06-13 à 21:25:15] Ann: hi",
    "Finnish": "13.6.2018 klo 21.25 - Ann: hi",
    "Croatian": "13. 6. 2018. 21:25:15 Ann: hi",
    "Hungarian": "2018. 06. 13. 21:25 - Ann: hi",
    "Turkish": "13.06.2018 21:25 - Ann: hi",
    "Greek": "13/6/2018, 9:25 μ.μ. - Ann: hi",
    "Arabic": "[١٣\u200f/٦\u200f/٢٠١٨، ٩:٢٥:١٥ م] Ann: hi",
    "Persian": "۲۰۱۸/۶/۱۳،\u200f ۲۱:۲۵ - Ann: hi",
    "Hindi": "१३/६/१८, ९:२५ अपराह्न - Ann: hi",
    "Bengali": "১৩/৬/১৮, ৯:২৫ PM - Ann: hi",
    "Chinese": "2018/6/13 下午9:25 - Ann: hi",
    "Japanese": "2018年6月13日 21:25 - Ann: hi",
    "Korean": "2018. 6. 13. 오후 9:25 - Ann: hi",
    "Thai": "13/6/2561 21:25 - Ann: hi",
    "Vietnamese": "21:25".join(("13/06/2018, ", " - Ann: hi")),
    "with marks": "\u200e[13/06/2018, 21:25:15] \u200eAnn\u200e: hi",
    "with a colon": "13.06.18 21.25.15: Ann: hi",
    "month first and dots": "[06.13.18 21:25:15] Ann: hi",
    "year in the middle": "[06/2018/13, 21:25:15] Ann: hi",
}


def order(*lines: str, latest: date = date.max, days_first: bool = True) -> str:
    survey = Survey()
    for line in lines:
        survey.see(line)
    return survey.order(days_first, latest)


def chat(tmp_path: Path, text: str, name: str = "WhatsApp Chat with Ann.txt", **settings: object) -> list[Item]:
    (tmp_path / name).write_text(text)
    return [step.item for step in steps(tmp_path / name, **settings) if step.item is not None]


def steps(path: Path, **settings: object) -> list[Fetched]:
    with opened(path) as export:
        assert kind_of(export) == "whatsapp"
        return [row for row in importer("whatsapp", export, settings).fetch(None) if isinstance(row, Fetched)]


@pytest.mark.parametrize("locale", LOCALES)
def test_a_date_is_read_in_every_locale(locale: str) -> None:
    line = LOCALES[locale]
    found = head(line)
    assert found is not None
    assert (found.author, found.text.strip()) == ("Ann", "hi")
    assert instant(found, order(line)).replace(second=0) == datetime(2018, 6, 13, 21, 25)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_whole_chat_is_read_in_every_locale(locale: str, tmp_path: Path) -> None:
    line = LOCALES[locale]
    (item, other) = chat(
        tmp_path, f"{line}\nand more\n{line.replace('hi', '2016-04-29 10:30:00')}\n2016-04-29 10:30:00\n"
    )
    assert item.text == "hi\nand more"
    assert other.text == "2016-04-29 10:30:00\n2016-04-29 10:30:00"


@pytest.mark.parametrize(
    ("dates", "there"),
    [
        (["03/06/18", "04/06/18", "13/06/18"], "dmy"),  # there is no thirteenth month
        (["06/03/18", "06/04/18", "06/13/18"], "mdy"),
        (["18/06/03", "18/06/30", "18/07/31"], "ymd"),
        (["03/06/18", "04/06/18", "01/07/18"], "dmy"),  # time does not run backwards
        (["06/11/18", "06/12/18", "07/01/18"], "mdy"),
        (["03/01/18", "03/02/18", "03/04/18", "03/05/18"], "mdy"),  # days follow each other, months hardly do
        (["03/06/18"], "dmy"),  # nobody knows
    ],
)
def test_what_one_line_leaves_open_is_decided_from_all(dates: list[str], there: str) -> None:
    assert order(*(f"{day}, 10:00 - Ann: hi" for day in dates)) == there


def test_what_all_lines_leave_open_is_the_owners_to_say() -> None:
    assert order("03/06/18, 10:00 - Ann: hi", days_first=False) == "mdy"
    assert order("03/06/18, 10:00 - Ann: hi", latest=date(2018, 4, 1)) == "mdy"  # a chat does not know the future


@pytest.mark.parametrize("said", [False, "no"])
def test_the_owner_can_say_that_months_come_first(tmp_path: Path, said: object) -> None:
    (item,) = chat(tmp_path, "03/06/18, 10:00 - Ann: hi\n", days_first=said)
    assert item.created_at.month == 3


@pytest.mark.parametrize("clock", ["12:05 AM", "12:05 a. m.", "上午12:05", "00:05"])
def test_midnight_is_the_first_hour(clock: str) -> None:
    found = head(f"13/06/2018, {clock} - Ann: hi")
    assert found is not None and found.clock == (0, 5, 0)


@pytest.mark.parametrize(
    "line", ["", "hello", "2016-04-29 10:30:00", "12/13", "[13/06/2018, 21:25:15 Ann: hi", "25:61 - a: b"]
)
def test_what_begins_no_message_is_a_line_of_one(line: str) -> None:
    assert head(line) is None


def test_what_the_app_says_is_left_out(tmp_path: Path) -> None:
    lines = ['20:08 - +12 345 578 created group "Crew"', "20:09 - You were added", 'x 20:10 - Ann changed it to "a: b"']
    text = "".join(f"13/06/2018, {line.removeprefix('x ')}\n" for line in lines) + "13/06/2018, 20:11 - Ann: hi\n"
    assert [item.text for item in chat(tmp_path, text)] == ["hi"]


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("<attached: 0042-PHOTO.jpg>", "0042-PHOTO.jpg", ""),
        ("\u200e< attached: 0042.pdf >\nsee page 2", "0042.pdf", "see page 2"),
        ("IMG-1.jpg (file attached)", "IMG-1.jpg", ""),
        ("\u200eIMG-1.jpg (Datei angehängt)\nFrohe Ostern", "IMG-1.jpg", "Frohe Ostern"),
        ("2015-PHOTO.jpg <\u200eattached>", "2015-PHOTO.jpg", ""),
        ("<Media omitted>", "", ""),
        ("<Medien ausgeschlossen>", "", ""),
    ],
)
def test_a_file_is_named_and_its_caption_kept(text: str, name: str, rest: str) -> None:
    words, (media,) = files(text)
    assert (media.url, words) == (name, rest)


@pytest.mark.parametrize("text", ["see <this> there", "a.jpg", "<3", "I < you"])
def test_words_are_no_file(text: str) -> None:
    assert files(text) == (text, ())


def test_marks_of_the_app_are_no_words() -> None:
    assert unmarked("yes \u200e<This message was edited>") == "yes"
    assert unmarked("ja <Diese Nachricht wurde bearbeitet>") == "ja"
    assert deleted("\u200eThis message was deleted.") and deleted("Du hast diese Nachricht gelöscht.")
    assert not deleted("He said this message was deleted")


@pytest.mark.parametrize(
    ("stem", "title"),
    [
        ("WhatsApp Chat with Ann Lee", "Ann Lee"),
        ("WhatsApp Chat - Crew (2)", "Crew"),
        ("WhatsApp-Chat mit Zoë", "Zoë"),
        ("Chat de WhatsApp con Ana", "Ana"),
        ("Conversa do WhatsApp com Rui", "Rui"),
        ("_chat", ""),
    ],
)
def test_a_chat_is_called_as_its_file_is(stem: str, title: str) -> None:
    assert title_in(stem) == title


def test_who_the_owner_is_in_a_chat_of_two_is_known(tmp_path: Path) -> None:
    text = "13/06/2018, 20:11 - Ann: hi\n13/06/2018, 20:12 - Olek: ho\n"
    (tmp_path / "WhatsApp Chat with Ann.txt").write_text(text)
    own = [[reaction.kind for reaction in step.reactions] for step in steps(tmp_path / "WhatsApp Chat with Ann.txt")]
    assert own == [[], [Kind.AUTHORED]]


def test_an_iphone_names_the_chat_in_its_first_line(tmp_path: Path) -> None:
    text = "[13/06/2018, 20:10:00] Crew: \u200eMessages are encrypted.\n[13/06/2018, 20:11:00] Ann: hi\n"
    (item,) = chat(tmp_path, text, "_chat.txt")
    assert item.reply_to == "whatsapp:crew"


def test_an_export_with_pictures_finds_the_messages_of_one_without(tmp_path: Path) -> None:
    bare = "13/06/2018, 20:11 - Ann: <Media omitted>\n13/06/2018, 20:11 - Ann: hi\n"
    full = bare.replace("<Media omitted>", "IMG-1.jpg (file attached)\nthe pier")
    assert {item.uri for item in chat(tmp_path, bare)} < {item.uri for item in chat(tmp_path, full)}


def test_a_chat_without_a_name_is_the_same_whoever_the_owner_is_said_to_be(tmp_path: Path) -> None:
    text = "13/06/2018, 20:11 - Ann: hi\n13/06/2018, 20:12 - Ben: hello\n"
    bare, told = chat(tmp_path, text, "_chat.txt"), chat(tmp_path, text, "_chat.txt", me="Ben")
    assert [item.uri for item in bare] == [item.uri for item in told]
    (first, *_) = steps(tmp_path / "_chat.txt", me="Ben")
    assert [account.name for account in first.accounts] == ["Ann", "Ann"]  # the chat, and who speaks in it


def test_times_are_those_of_the_telephone(tmp_path: Path) -> None:
    (item,) = chat(tmp_path, "13/06/2018, 20:11 - Ann: hi\n", zone="Asia/Tokyo")
    assert item.created_at == datetime(2018, 6, 13, 11, 11, tzinfo=UTC)


def test_the_exporter_knows_who_and_when(tmp_path: Path) -> None:
    message = {
        "from_me": False,
        "timestamp": 1709197260,
        "data": "Yes.<br>Boots & coat",
        "key_id": "K2",
        "sender": None,
    }
    rows = {
        "1": message | {"from_me": True, "key_id": "K1", "data": "Open?"},
        "2": message | {"reply": "K1"},
        "3": message
        | {"key_id": "K3", "media": True, "data": "Media/a.jpg", "caption": "a heron", "mime": "image/jpeg"},
        "4": message | {"key_id": "K4", "meta": True, "data": "Message deleted"},
        "5": 7,
        "6": message | {"key_id": "K6", "sender": "15550100003"},
    }
    chats = {"15550100001@s.whatsapp.net": {"name": None, "messages": rows}}
    (tmp_path / "result.json").write_text(json.dumps(chats))
    (tmp_path / "contacts.csv").write_text(
        "First Name,Last Name,Phone 1 - Value\nBea,Lund,+1 5550100001\nKen,,15550100003\n"
    )
    with opened(tmp_path) as export:
        found = list(importer("whatsapp", export, {}).fetch(None))
    items = [row.item for row in found if isinstance(row, Fetched) and row.item]
    assert [item.text for item in items] == ["Open?", "Yes.\nBoots & coat", "a heron", "Yes.\nBoots & coat"]
    assert [item.author.rpartition("/")[2] for item in items] == ["me", "bea%20lund", "bea%20lund", "ken"]
    assert items[1].reply_to == items[0].uri
    assert [row.gone for row in found if isinstance(row, Fetched) and row.gone] == [
        ("whatsapp:15550100001%40s.whatsapp.net/K4",)
    ]
    assert [type(row) for row in found].count(RowError) == 1
