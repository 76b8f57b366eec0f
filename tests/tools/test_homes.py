"""Where notes lie: the same note however it is come by, and two notes wherever they only bear the same name."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from memory.records import Fetched, Item
from tools.importers import importer, kind_of
from tools.importers.opening import opened


def items(path: Path, kind: str = "") -> dict[str, Item]:
    with opened(path) as export:
        rows = list(importer(kind or kind_of(export), export, {}).fetch(None))
    return {row.item.text.partition("\n")[0]: row.item for row in rows if isinstance(row, Fetched) and row.item}


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder of two vaults, each with a plan, and a loose note."""
    for vault in ("Home", "Work"):
        (tmp_path / "Notes" / vault / ".obsidian").mkdir(parents=True)
        (tmp_path / "Notes" / vault / ".obsidian" / "app.json").write_text("{}")
        (tmp_path / "Notes" / vault / "Later").mkdir()
        (tmp_path / "Notes" / vault / "Later" / "Plan.md").write_text(f"plan of {vault}")
    (tmp_path / "Notes" / "Work" / "Tides.md").write_text("tides, see [[Plan]] and [[Loose]]")
    (tmp_path / "Notes" / "Loose.md").write_text("loose, see [[Tides]]")
    return tmp_path / "Notes"


def test_a_vault_within_a_folder_is_known_and_opened_as_itself(notes: Path) -> None:
    plan = items(notes)["plan of Work"]
    assert plan == items(notes / "Work")["plan of Work"]
    assert plan.uri == "obsidian:Work/Later%2FPlan.md"
    assert plan.url == "obsidian://open?vault=Work&file=Later%2FPlan"


def test_a_note_outside_of_every_vault_opens_in_none(notes: Path) -> None:
    loose = items(notes)["loose, see Tides"]
    assert (loose.uri, loose.url) == ("obsidian:Notes/Loose.md", "")


def test_links_of_notes_stay_within_their_vault(notes: Path) -> None:
    found = items(notes)
    assert found["tides, see Plan and Loose"].links == (found["plan of Work"].uri,)
    assert found["loose, see Tides"].links == ()


def test_vaults_in_an_archive_are_found_as_in_a_folder(notes: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "backup.zip", "w") as archive:
        for file in notes.rglob("*"):
            archive.write(file, file.relative_to(tmp_path))
    packed = {text: (item.uri, item.url, item.links) for text, item in items(tmp_path / "backup.zip").items()}
    assert packed == {text: (item.uri, item.url, item.links) for text, item in items(notes).items()}


def test_a_vault_within_a_vault_keeps_its_own_notes(notes: Path) -> None:
    (notes / ".obsidian").mkdir()
    found = items(notes)
    assert found["plan of Home"].uri == "obsidian:Home/Later%2FPlan.md"
    assert found["loose, see Tides"].url == "obsidian://open?vault=Notes&file=Loose"


@pytest.mark.parametrize("name", ["notes.txt", "README.md"])
def test_files_of_one_name_in_two_folders_are_two_notes(tmp_path: Path, name: str) -> None:
    for folder in ("boat", "house"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(f"of the {folder}")
    boat, house = items(tmp_path / "boat" / name), items(tmp_path / "house" / name)
    assert boat["of the boat"].uri != house["of the house"].uri
    assert boat == items(tmp_path / "boat")  # a file by itself is the one that its folder holds


@pytest.mark.parametrize("typed", [".", "../Work"])
def test_a_folder_bears_its_name_however_it_is_typed(notes: Path, monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.chdir(notes / "Work")
    assert items(Path(typed))["plan of Work"].uri == "obsidian:Work/Later%2FPlan.md"


def test_a_file_bears_the_name_of_the_folder_that_one_stands_in(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(notes)
    assert items(Path("Loose.md"))["loose, see Tides"].uri == "markdown:Notes/Loose.md"
