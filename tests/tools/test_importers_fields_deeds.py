"""What importers of archives stand on: fields, addresses, deeds."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from memory.records import Evidence, Item, Kind
from tests.tools.imported import FIXTURES
from tools.importers import kind_of
from tools.importers.deeds import Bare, done
from tools.importers.fields import inner, listed, number, web, word, words
from tools.importers.opening import opened


def test_times_to_come_are_refused() -> None:
    item = Item("x:1", "x:1", "x:me", datetime(2101, 1, 1, tzinfo=UTC), "Words.")
    with pytest.raises(ValueError, match="no calendar"):
        done(item, [])
    step = Bare("x").deed("x:1", Kind.REPLY, datetime(2020, 1, 1, tzinfo=UTC))
    assert step.seen[0].evidence is Evidence.REPLIED


def test_a_vault_with_an_export_in_it_is_a_vault(tmp_path: Path) -> None:
    (tmp_path / ".obsidian").mkdir()
    (tmp_path / "note.md").write_text("Words.")
    for kind in ("bookmarks_html", "goodreads", "kindle", "github_stars", "bluesky"):
        path = next((FIXTURES / kind).glob("export*"))
        os.link(path, tmp_path / f"{kind}{path.suffix}") if path.stat().st_dev == tmp_path.stat().st_dev else (
            tmp_path / f"{kind}{path.suffix}"
        ).write_bytes(path.read_bytes())
    with opened(tmp_path) as export:
        assert kind_of(export) == "obsidian"


def test_fields_of_a_wrong_type_are_missing_ones() -> None:
    row: dict[str, Any] = {"a": True, "b": 7, "c": "", "d": "x", "e": [1, {}, "y"], "f": "9" * 99, "g": None}
    assert [word(row, key) for key in "abcdg"] == ["", "7", "", "x", ""]
    assert (word(row, "c", "d"), word(None, "a"), inner(row, "d", "x")) == ("x", "", {})
    assert (listed(row, "e"), words(row, "e"), words(row, "d"), number(row, "f")) == ([{}], ["y"], ["x"], 0)


@pytest.mark.parametrize("address", ["", "x", "javascript:alert(1)", "https://a b", "https://a\n", "HTTPS://x<y"])
def test_what_is_no_address_of_the_web_is_none(address: str) -> None:
    assert web(address) in ("", "https://a")
