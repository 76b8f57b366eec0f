"""What kind an export is of, what kinds are called, and what else lies in it."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from config.errors import ConfigError, SourceError
from tests.tools.imported import FIXTURES
from tools.importers import importer, kind_of, kinds
from tools.importers.opening import opened
from tools.importers.recognising import advice, beside, called, kind_named, mistaken


def read(path: Path, kind: str = "") -> tuple[str, dict[str, list[str]], list[str]]:
    """Read all of it; what lay beside, and what is said of that."""
    with opened(path) as export:
        kind = kind or kind_of(export)
        list(importer(kind, export, {}).fetch(None))
        left = beside(export, kind)
        return kind, left, [advice(export, other, names) for other, names in left.items()]


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """What somebody has downloaded in the course of a year."""
    path = tmp_path / "my exports"
    path.mkdir()
    for kind in ("goodreads", "whatsapp", "mbox"):
        for file in (FIXTURES / kind).glob("export*"):
            shutil.copytree(file, path, dirs_exist_ok=True) if file.is_dir() else shutil.copy(file, path)
    (path / "a.md").write_text("a note")
    (path / "b.md").write_text("another note")
    (path / "other.csv").write_text("at,text\n2024-01-01,words\n")
    (path / "picture.png").write_bytes(b"\x89PNG")
    with zipfile.ZipFile(path / "more.zip", "w") as archive:
        archive.writestr("c.md", "a third note")
    return path


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("mastodon", "mastodon_archive"),
        ("Mastodon-Archive", "mastodon_archive"),
        ("telegram", "telegram_export"),
        ("x", "twitter"),
        ("csv", "csv_mapping"),
        ("pocket", "reading_lists"),
    ],
)
def test_a_kind_has_the_names_that_people_say(word: str, kind: str) -> None:
    assert kind_named(word) == kind


def test_every_kind_is_known_by_what_it_is_called() -> None:
    assert [kind_named(called(kind)) for kind in kinds()] == kinds()
    assert called("mastodon_archive") == "mastodon"
    with pytest.raises(ConfigError, match=r"There is no importer 'myspace'; there are: .*mastodon, .*telegram"):
        kind_named("myspace")


def test_what_was_not_looked_at_is_named_and_what_to_type_for_it(mixed: Path) -> None:
    kind, left, said = read(mixed)
    assert kind == "goodreads"
    assert {name: len(files) for name, files in left.items()} == {
        "whatsapp": 1,
        "mbox": 1,
        "markdown": 2,
        "": 1,
        "csv_mapping": 1,
    }
    assert f"Not looked at: 2 files such as a.md (markdown). To take them in: magpie import markdown '{mixed}'" in said
    # As a table of anything, the books would go in once more: so the file itself is named.
    assert f"Not looked at: other.csv (csv). To take it in: magpie import '{mixed}/other.csv'" in said
    assert f"Not looked at: more.zip. To take it in: magpie import '{mixed}/more.zip'" in said


def test_what_is_advised_takes_in_just_that(mixed: Path) -> None:
    everything = {name for names in read(mixed)[1].values() for name in names}
    for kind in ("whatsapp", "mbox", "markdown"):
        with opened(mixed) as export:
            assert list(importer(kind, export, {}).fetch(None))
            assert export.looked_at < everything


def test_within_an_archive_files_are_not_named_by_a_path_that_nobody_can_type(mixed: Path, tmp_path: Path) -> None:
    packed = tmp_path / "all.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in sorted(mixed.iterdir()):
            if file.suffix != ".zip":
                archive.write(file, file.name)
    said = read(packed)[2]
    assert "Not looked at: other.csv (csv). To take it in, unpack all.zip and name it." in said
    assert f"Not looked at: 2 files such as a.md (markdown). To take them in: magpie import markdown {packed}" in said


@pytest.mark.parametrize("kind", kinds())
def test_an_export_of_one_kind_leaves_nothing_beside_it(kind: str) -> None:
    for path in (FIXTURES / kind).glob("export*"):
        assert read(path, kind)[1] == {}


def test_what_says_the_same_again_is_not_worth_a_word(tmp_path: Path) -> None:
    (tmp_path / "Mira").mkdir()
    row = '{"date": "2024-03-01T09:00:00", "sender": "Mira", "body": "Tea?", "quote": "", "attachments": []}'
    (tmp_path / "Mira" / "data.json").write_text(row)
    (tmp_path / "Mira" / "chat.md").write_text("[2024-03-01 09:00] Mira: Tea?")
    assert read(tmp_path) == ("signal", {}, [])


def test_pictures_and_the_like_are_not_worth_a_word(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("a note")
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    assert read(tmp_path)[1] == {}


def test_an_export_that_is_of_another_kind_is_said_to_be_so(mixed: Path) -> None:
    with opened(mixed / "a.md") as export:
        assert mistaken("whatsapp", export) == (
            f"a.md holds nothing of the kind whatsapp; it looks like markdown (magpie import markdown '{mixed}/a.md')."
        )
        assert mistaken("markdown", export) == ""
    with opened(mixed / "picture.png") as export:
        assert "holds nothing of the kind mastodon. picture.png is no export" in mistaken("mastodon_archive", export)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.json", b"", r"a\.json is empty\."),
        ("a.json", b'{\n "a": 1,\n "text": "b"\n}\n', "is no export that Magpie recognises"),
        ("a.json", b"[1, 2]", "is no export that Magpie recognises"),
        ("a.csv", b"", r"a\.csv is empty\."),
        ("a.pdf", b"words", "is no export that Magpie recognises"),
        ("a.txt", b"\x7fELF\x00\x00", "is no export that Magpie recognises"),
        (
            "a.opml",
            b'<?xml version="1.0"?><opml version="2.0">',
            r"a list of feeds: take it in as such \(magpie feeds ",
        ),
    ],
)
def test_what_is_none_is_not_taken_for_one_by_its_name(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)
    with opened(tmp_path / name) as export, pytest.raises(SourceError, match=said):
        kind_of(export)


def test_a_folder_of_archives_says_to_name_one(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    with (
        opened(tmp_path) as export,
        pytest.raises(SourceError, match=r"nothing but archives, such as x\.zip: "),
    ):
        kind_of(export)


def test_an_empty_folder_is_empty(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    with opened(tmp_path / "nothing") as export, pytest.raises(SourceError, match=r"^nothing is empty\.$"):
        kind_of(export)


@pytest.mark.parametrize("kind", kinds())
def test_a_look_into_a_file_tells_what_it_is(kind: str) -> None:
    for path in (FIXTURES / kind).glob("export*"):
        with opened(path) as export:
            assert kind_of(export) == kind


def test_a_file_is_named_once_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("words")
    with opened(tmp_path / "a.md") as export:
        (tmp_path / "a.md").unlink()
        with pytest.raises(SourceError, match=r"^a\.md cannot be opened: it is not there\.$"):
            export.whole("a.md")
