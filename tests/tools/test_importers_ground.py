"""The ground that importers stand on: opening, reading, words, chats."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.jobs.collect import Collector
from config.errors import ConfigError, SourceError
from memory.records import Kind
from memory.store import Store
from tools.importers import RowError, Whose
from tools.importers.chats import Chat, Line
from tools.importers.contacts import Contacts
from tools.importers.opening import Limits, Opened, opened
from tools.importers.reading import charset, decoded, lines, table, walk
from tools.importers.words import clean, instant, links_in, person, tags_in, uri

# -- opening


def tarred(path: Path, files: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_is_opened_as_a_folder_is(tmp_path: Path, mode: str) -> None:
    with opened(tarred(tmp_path / "notes.tar.gz", {"a.txt": b"one", "b/c.txt": b"two"}, mode)) as export:
        assert export.names == ("a.txt", "b/c.txt")
        assert [export.whole(name) for name in export.names] == [b"one", b"two"]
        assert export.stem == "notes"


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("outside")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("inside")
    (tmp_path / "notes" / "b.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "notes" / "c").symlink_to(tmp_path)
    with opened(tmp_path / "notes") as export:
        assert export.names == ("a.txt",)
        assert [row.reason for row in export.left_out] == ["links are not followed"] * 2


def test_a_file_that_becomes_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("outside")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("inside")
    with opened(tmp_path / "notes") as export:
        (tmp_path / "notes" / "a.txt").unlink()
        (tmp_path / "notes" / "a.txt").symlink_to(tmp_path / "secret.txt")
        with pytest.raises(SourceError, match=r"a\.txt in notes cannot be opened"):
            export.whole("a.txt")


def test_a_file_longer_than_it_may_be_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 5000)
    with opened(tmp_path / "a.txt", Limits(entry=4000)) as export, pytest.raises(SourceError, match="more than it may"):
        export.whole("a.txt")


def test_nothing_is_where_nothing_is(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="There is no "), opened(tmp_path / "nothing"):
        pass


def test_archives_within_archives_stay_shut(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("inner.zip", b"PK\x03\x04")
        archive.writestr("a.txt", b"words")
    with opened(tmp_path / "a.zip") as export:
        assert (export.names, len(export.left_out)) == (("a.txt",), 1)


def test_only_what_has_changed_is_fresh(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("a")
    (tmp_path / "b.md").write_text("b")
    with opened(tmp_path) as export:
        whole = export.fingerprint
        export.narrow(["b.md"])
        assert (export.names, export.fresh) == (("a.md", "b.md"), ("b.md",))
        assert export.fingerprint != whole


# -- reading


def file(tmp_path: Path, data: bytes, name: str = "a.txt") -> Opened:
    from tools.importers.shelves import shelf

    (tmp_path / name).write_bytes(data)
    return shelf(tmp_path / name, Limits())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_the_charset_of_a_text_is_seen(encoding: str) -> None:
    data = "Grüße aus dem Café, schön war es".encode(encoding)
    assert decoded(data) == "Grüße aus dem Café, schön war es"
    assert decoded(data * 1) and charset(b"") == "utf-8"


def test_lines_are_numbered_and_a_line_without_end_is_not_held(tmp_path: Path) -> None:
    export = file(tmp_path, b"one\r\n" + b"x" * (9 << 20) + b"\nthree\n")
    found = list(lines(export, "a.txt"))
    assert [found[0], found[2]] == [(1, "one"), (3, "three")]
    assert str(found[1]) == "Line 2 of a.txt was left out: it is too long."


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_is_read_by_its_first_row(tmp_path: Path, separator: str) -> None:
    rows = [["Name", "Words"], ["Mira", '"two\nlines"'], ["Olek", "one"]]
    export = file(tmp_path, "\n".join(separator.join(row) for row in rows).encode("utf-8-sig"))
    found = [row for row in table(export, "a.txt") if not isinstance(row, RowError)]
    assert found == [
        ("Row at line 2 of a.txt", {"Name": "Mira", "Words": "two\nlines"}),
        ("Row at line 4 of a.txt", {"Name": "Olek", "Words": "one"}),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_document_is_walked_a_piece_at_a_time(tmp_path: Path, encoding: str) -> None:
    data = json.dumps({"name": "é", "list": [{"a": [1, {"b": None}]}, {"a": []}], "end": True}, ensure_ascii=False)
    export = file(tmp_path, data.encode(encoding))
    found = list(walk(export, "a.txt", lambda path: path == ("list", "")))
    assert found == [
        (("name",), "é"),
        (("list", ""), {"a": [1, {"b": None}]}),
        (("list", ""), {"a": []}),
        (("end",), True),
    ]


def test_damage_in_a_document_is_told_with_its_place_and_loses_nothing_before_it(tmp_path: Path) -> None:
    export, found = file(tmp_path, b'[{"a": 1}, {"a": 2}, {"a": ]'), []
    with pytest.raises(SourceError, match=r"^a\.txt is damaged before its byte 28: .*; what came before was read\.$"):
        for _, value in walk(export, "a.txt", lambda path: path == ("",)):
            found.append(value)
    assert found == [{"a": 1}, {"a": 2}]


# -- words


def test_links_end_before_the_sentence_does() -> None:
    text = "See https://a.example/x, (http://b.example/y?z=1) and <https://c.example>. https://a.example/x!"
    assert links_in(text) == ("https://a.example/x", "http://b.example/y?z=1", "https://c.example")


def test_tags_are_words_with_a_sign_before_them() -> None:
    assert tags_in("#Bread and #bread/rye, not #1, a#b nor https://x.example/#frag") == ("bread", "bread/rye")


def test_clean_text_keeps_its_indents_and_pages_and_loses_what_is_unseen() -> None:
    assert clean("a\u200b\n    b\x07\n\fe\u0301\r\n") == "a\n    b\n\fé"


@pytest.mark.parametrize(
    ("written", "there"),
    [
        ("2024-03-01T09:00:00Z", datetime(2024, 3, 1, 9, tzinfo=UTC)),
        ("2024-03-01T09:00:00.123+01:00", datetime(2024, 3, 1, 8, tzinfo=UTC)),
        ("2024-03-01 09:00", datetime(2024, 3, 1, 8, tzinfo=UTC)),
        ("2024-03-01", datetime(2024, 2, 29, 23, tzinfo=UTC)),
        (1709283600, datetime(2024, 3, 1, 9, tzinfo=UTC)),
        ("1709283600000", datetime(2024, 3, 1, 9, tzinfo=UTC)),
    ],
)
def test_times_are_told_in_utc(written: object, there: datetime) -> None:
    assert Whose(zone=ZoneInfo("Europe/Berlin")).instant(instant(written)) == there


@pytest.mark.parametrize("written", ["", "soon", "2024-13-01", "2024-02-30T00:00:00Z", "9" * 40, None, True])
def test_what_is_no_time_is_said_to_be_none(written: object) -> None:
    with pytest.raises(ValueError, match="time cannot be read"):
        instant(written)


def test_whose_it_is_goes_by_names_in_any_case() -> None:
    whose = Whose.of({"me": ["Olek  Berg", "@olek"]}, "importer x")
    assert whose.is_me("olek berg") and whose.is_me("OLEK") and not whose.is_me("", "Mira")
    with pytest.raises(ConfigError, match="is not a time zone"):
        Whose.of({"zone": "Mars/Olympus"}, "importer x")


def test_a_name_is_one_name_in_every_form() -> None:
    assert uri("x", "a/b c", "e\u0301") == uri("x", "a/b c", "é") == "x:a%2Fb%20c/%C3%A9"
    assert person("x", "Mira Berg").handle == "mira.berg@x"
    assert person("x", "m@y.example", "Mira").handle == "m@y.example"


# -- chats


def test_a_chat_is_a_thread_with_a_name(collector: Collector, store: Store, tmp_path: Path) -> None:
    chat = Chat("x", "42", "The Crew", Whose(frozenset({"olek"})))
    mira = person("x", "mira", "Mira")
    at = datetime(2024, 3, 1, tzinfo=UTC)
    one = chat.message(Line("1", mira, at, "Look: https://map.example/?utm_source=x"))
    two = chat.message(Line("2", mira, at, "again", answers="1", own=True))
    three = chat.message(Line("3", mira, at, "what?", answers="never seen"))
    assert [account.name for account in one.accounts] == ["The Crew", "Mira"]
    assert two.accounts == ()
    assert [(fact.scope, fact.key, fact.strength) for fact in one.seen] == [("link", "https://map.example/", 0.5)]
    assert [reaction.kind for reaction in two.reactions] == [Kind.AUTHORED]
    with store.begin() as memory:
        for step in (one, two, three):
            assert step.item is not None
            memory.items.keep(step.item, at)
        assert {item.thread for item in memory.items.all(["x:42/1", "x:42/2", "x:42/3"]).values()} == {"x:42"}


def test_contacts_know_who_hides_behind_a_number(tmp_path: Path) -> None:
    head = "First Name,Middle Name,Last Name,Phone 1 - Value,Phone 2 - Value\r\n"
    export = file(tmp_path, (head + 'Mira,,"Berg, Dr.",+1 555-0100-001 ::: 0044 20 1,\r\nOlek,,,,\r\n').encode())
    contacts = Contacts.read(export, "a.txt")
    assert contacts.name_of("15550100001@s.whatsapp.net") == "Mira Berg, Dr."
    assert contacts.name_of("Mira") == ""
