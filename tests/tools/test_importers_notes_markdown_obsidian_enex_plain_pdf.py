"""Notes and documents: vaults, Markdown, Evernote, plain text, PDF."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from memory.records import Fetched, Item, Kind, Media, Visibility
from tools.importers import RowError, importer
from tools.importers.frontmatter import parted
from tools.importers.markdown import Found
from tools.importers.opening import opened
from tools.importers.words import from_html

FIXTURES = Path(__file__).parent / "fixtures" / "importers"


def read(path: Path, kind: str, **settings: object) -> dict[str, Fetched]:
    with opened(path) as export:
        rows = list(importer(kind, export, settings).fetch(None))
    return {row.item.title: row for row in rows if isinstance(row, Fetched) and row.item}


def item(step: Fetched) -> Item:
    assert step.item is not None
    return step.item


def test_a_vault_is_read_with_its_links_tags_and_days() -> None:
    found = read(FIXTURES / "obsidian" / "export", "obsidian", zone="Europe/Berlin")
    day, shed = item(found["2024-05-05"]), item(found["Boathouse"])
    assert day.created_at == datetime(2024, 5, 4, 22, tzinfo=UTC)
    assert day.links == ("https://rowing.example/club", shed.uri)
    assert shed.uri == "obsidian:export/Rooms%2FBoathouse.md"
    assert shed.url == "obsidian://open?vault=export&file=Rooms%2FBoathouse"
    assert shed.tags == ("club", "club/rowing")
    assert shed.media == (Media("image", "", "map.png"),)
    assert "Keys hang behind the Sunday board." in shed.text and "guests" not in shed.text
    assert 'echo "#nottag [[nolink]]"' in shed.text and "Aliases: The shed" in shed.text
    assert (shed.visibility, shed.kind, shed.source) == (Visibility.DIRECT, "note", "obsidian")
    assert [reaction.kind for reaction in found["Boathouse"].reactions] == [Kind.AUTHORED]


def test_a_folder_of_markdown_needs_no_vault() -> None:
    note = item(read(FIXTURES / "markdown" / "export", "markdown")["On knots"])
    assert (note.language, note.tags, note.url) == ("en", ("sea", "knots"), "")
    assert note.text.startswith("## The bowline") and note.links == ("https://knots.example/bowline",)
    assert note.media == (Media("image", "a rope", "img/rope.jpg"),)


@pytest.mark.parametrize(
    ("head", "tags"),
    [
        ("tags: [a, b/c]", ("a", "b/c")),
        ("tags: a b", ("a", "b")),
        ("tags: a, b", ("a", "b")),
        ("tags:\n  - a\n  - [b]", ("a",)),
        ("tags: {a: b}", ()),
        ("Tags: 2024", ()),
    ],
)
def test_frontmatter_is_read_as_it_is_written(head: str, tags: tuple[str, ...]) -> None:
    front, body = parted(f"---\n{head}\n---\nwords\n")
    assert (front.words("tags"), body, front.fault) == (tags, "words\n", False)


@pytest.mark.parametrize("text", ["---\nno end", "words\n---\na: b\n---\n", "", "--- \n"])
def test_what_is_no_frontmatter_is_text(text: str) -> None:
    assert parted(text)[1] == text


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("[[A note|shown]] and [[A note]] and [[A note#Part]]", "shown and A note and A note › Part"),
        ("a %%hidden%% b", "a  b"),
        ("end ^block-id", "end"),
        ("`[[code]]` ![[b.png|300x200]]![[c.png|a map]]", "`[[code]]` a map"),
        ("# Head\n> [!tip] Hint\n- [ ] do", "# Head\n> [!tip] Hint\n- [ ] do"),
    ],
)
def test_markdown_is_kept_as_it_reads(written: str, kept: str) -> None:
    assert Found(lambda link: None).read(written).strip() == kept


def test_a_broken_head_does_not_lose_the_note() -> None:
    with opened(FIXTURES / "obsidian" / "damaged") as export:
        rows = list(importer("obsidian", export, {}).fetch(None))
    assert [type(row) for row in rows] == [RowError, Fetched, Fetched]
    assert str(rows[0]) == "Part of Broken.md was left out: its frontmatter is no YAML."


def test_evernote_knows_what_was_clipped() -> None:
    found = read(FIXTURES / "enex" / "export.enex", "enex")
    packing, tides = found["Packing list"], found["How tides work"]
    assert item(packing).text == "Rope & knife\n\nCompass"
    assert (item(packing).tags, item(packing).media) == (("travel", "boat"), (Media("image", "", "boat.png"),))
    assert item(packing).created_at == datetime(2024, 3, 10, 8, 15, tzinfo=UTC)
    assert [step.reactions[0].kind for step in (packing, tides)] == [Kind.AUTHORED, Kind.BOOKMARK]
    assert item(tides).url == "https://tides.example/how"


def test_text_is_read_in_its_own_charset() -> None:
    found = read(FIXTURES / "plain" / "export", "plain")
    assert {title: item(step).text for title, step in found.items()} == {
        "idea": "A plain note\nof two lines.",
        "wide": "Wide",
        "latin": "café and crème",
    }


def test_a_pdf_keeps_its_pages_apart() -> None:
    step = read(FIXTURES / "pdf" / "export.pdf", "pdf")["Harbour rules"]
    assert item(step).text.split("\n\f\n") == ["Boats under oars go first.", "Sails give way to rowers."]
    assert (item(step).kind, step.accounts[0].name, step.reactions) == ("article", "Mira", ())
    assert item(step).created_at == datetime(2024, 1, 5, 8, 30, tzinfo=UTC)


def test_html_that_nests_without_end_is_read_without_its_form() -> None:
    assert from_html("<div><blockquote>" * 50_000 + "hello") == ("hello", ())
    assert from_html('<p>a <a href="https://x.example">b</a><br>c</p>') == (
        "a b (https://x.example)\nc",
        ("https://x.example",),
    )
