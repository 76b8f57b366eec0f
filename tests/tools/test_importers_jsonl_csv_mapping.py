"""Tables of anything, by a mapping."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigError
from memory.records import Fetched, Item, Kind
from tools.importers import RowError, importer, mapping
from tools.importers.opening import opened

FIXTURES = Path(__file__).parent / "fixtures" / "importers"


def read(path: Path, by: str, /, **settings: object) -> list[Fetched]:
    with opened(path) as export:
        return [row for row in importer(by, export, settings).fetch(None) if not isinstance(row, RowError)]  # type: ignore[misc]


def one(tmp_path: Path, row: dict[str, Any], /, **settings: object) -> Item:
    (tmp_path / "a.jsonl").write_text(json.dumps(row))
    (step,) = read(tmp_path / "a.jsonl", "jsonl", **settings)
    assert step.item is not None
    return step.item


def test_usual_names_need_no_mapping() -> None:
    found = [step.item for step in read(FIXTURES / "jsonl" / "export.jsonl", "jsonl") if step.item]
    assert [item.uri for item in found] == [
        "jsonl:export.jsonl/7",
        "jsonl:export.jsonl/8",
        "https://knots.example/hitch",
    ]
    assert (found[0].tags, found[1].reply_to, found[2].title) == (("knots",), "jsonl:export.jsonl/t1", "Hitches")


def test_a_table_is_read_with_its_quotation_marks() -> None:
    found = [step.item for step in read(FIXTURES / "csv_mapping" / "export.csv", "csv_mapping") if step.item]
    assert [(item.title, item.text, item.tags) for item in found] == [
        ("Knots; a list", "Two\nlines", ("knots", "sea")),
        ("Second", "Words", ()),
    ]


def test_a_mapping_names_the_keys_also_those_within_others(tmp_path: Path) -> None:
    row = {"post": {"words": "hello", "by": {"name": "Mira"}}, "ts": 1709283600}
    item = one(tmp_path, row, text="post.words", author="post.by.name", at="ts", source="forum", kind="post")
    assert (item.text, item.author, item.source, item.kind) == ("hello", "forum:person/Mira", "forum", "post")


def test_a_row_without_number_and_address_is_known_by_what_it_says(tmp_path: Path) -> None:
    row = {"text": "hello", "date": "2024-01-01"}
    assert one(tmp_path, row).uri == one(tmp_path, row | {"other": 1}).uri != one(tmp_path, {"text": "hi"}).uri


@pytest.mark.parametrize(
    ("settings", "deeds"), [({"own": "yes"}, [Kind.AUTHORED]), ({"deed": "like"}, [Kind.LIKE]), ({}, [])]
)
def test_what_the_owner_did_with_all_of_it_is_said_once(
    tmp_path: Path, settings: dict[str, str], deeds: list[Kind]
) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "hello"}')
    (step,) = read(tmp_path / "a.jsonl", "jsonl", **settings)
    assert [reaction.kind for reaction in step.reactions] == deeds


def test_an_unknown_deed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="write like, bookmark or authored"):
        one(tmp_path, {"text": "hello"}, deed="love")


@pytest.mark.parametrize(
    "told",
    ['{"id": 1, "text": "one"}\n{"id": 2, "text": "two"}', '[{"id": 1, "text": "one"}, {"id": 2, "text": "two"}]'],
)
def test_a_byte_order_mark_is_no_part_of_the_first_row(tmp_path: Path, told: str) -> None:
    (tmp_path / "a.jsonl").write_text(told, encoding="utf-8-sig")
    assert [step.item.text for step in read(tmp_path / "a.jsonl", "jsonl") if step.item] == ["one", "two"]


def test_a_list_of_objects_is_as_good_as_lines(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"id": 1, "text": "one"}, 5, {"id": 2.5, "text": "two"}]')
    assert [step.item.text for step in read(tmp_path / "a.json", "jsonl") if step.item] == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "series"),
    [
        ("kept-2026-10.csv", "kept.csv"),
        ("kept 2026-10-03.csv", "kept.csv"),
        ("kept_20261003.csv", "kept.csv"),
        ("export-2026-10-03T12:30:00Z.jsonl", "export.jsonl"),
        ("kept (2).csv", "kept.csv"),
        ("kept-2026-10(1).csv", "kept.csv"),
        ("winter 1984.csv", "winter 1984.csv"),
        ("2026-10.csv", "2026-10.csv"),
        ("chapter 2", "chapter 2"),
    ],
)
def test_a_newer_export_of_a_series_is_known_by_its_name(name: str, series: str) -> None:
    assert mapping.series(name) == series


def test_a_newer_export_brings_the_same_rows_under_the_same_addresses(tmp_path: Path) -> None:
    found = []
    for month, more in (("09", ""), ("10", "2026-10-02,new\n")):
        path = tmp_path / f"kept-2026-{month}.csv"
        path.write_text("date,text\n2026-09-01,old\n" + more)
        found.append([step.item.uri for step in read(path, "csv_mapping") if step.item])
    assert found[1][:1] == found[0] and len(found[1]) == 2
