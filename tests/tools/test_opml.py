"""OPML: read as others write it, written so that others can read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import SourceError
from tools.sources.opml import Outline, listing, read_opml, written

OTHERS = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0"><head><title>Mine</title></head><body>
 <outline text="Trains" title="Trains">
  <outline type="rss" text="Night &amp; day" title="Night &amp; day" xmlUrl="https://rail.example/atom" htmlUrl="https://rail.example/"/>
  <outline text="Deeper"><outline TEXT="Bees" XMLURL="feed:https://bees.example/feed.xml"/></outline>
 </outline>
 <outline type="rss" text="Again" xmlUrl="https://rail.example/atom"/>
 <outline type="rss" text="Strange" xmlUrl="javascript:alert(1)"/>
 <outline type="link" text="No feed" url="https://x.example/"/>
</body></opml>"""


def saved(folder: Path, text: str | bytes) -> Path:
    path = folder / "list.opml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_feeds_are_found_in_whatever_folders_they_lie_each_once(tmp_path: Path) -> None:
    assert read_opml(saved(tmp_path, OTHERS)) == [
        Outline("https://rail.example/atom", "Night & day", "Trains"),
        Outline("https://bees.example/feed.xml", "Bees", "Deeper"),
    ]


def test_what_is_at_no_address_of_the_web_is_counted(tmp_path: Path) -> None:
    assert listing(saved(tmp_path, OTHERS)).left_out == 1


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    feeds = [
        Outline("https://a.example/?x=1&y=2", "A <b>", 'Fold "er"'),
        Outline("https://b.example/", "Bé", ""),
        Outline("https://c.example/", "C", 'Fold "er"'),
    ]
    assert sorted(read_opml(saved(tmp_path, written(feeds))), key=lambda f: f.url) == feeds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no XML",
        "<opml",
        '<!DOCTYPE o [<!ENTITY e SYSTEM "file:///etc/passwd">]><opml><body><outline xmlUrl="&e;"/></body></opml>',
        '<!DOCTYPE o [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><opml><body><outline text="&b;"/></body></opml>',
        b"\xff\xfe\x00",
        "x" * 5_000_001,
    ],
    ids=["empty", "no XML", "broken", "a file as an entity", "entities", "no text", "too large"],
)
def test_what_is_no_list_is_one_sentence(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(SourceError, match=r"^list\.opml [^\n]+\.$"):
        read_opml(saved(tmp_path, text))


def test_folders_may_nest_as_deep_as_they_like(tmp_path: Path) -> None:
    deep = '<outline text="x">' * 5000 + '<outline xmlUrl="https://a.example/"/>' + "</outline>" * 5000
    assert [feed.url for feed in read_opml(saved(tmp_path, f"<opml><body>{deep}</body></opml>"))] == [
        "https://a.example/"
    ]


def test_a_list_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none\.opml cannot be read, because it is not there: check its path\.$"):
        read_opml(tmp_path / "none.opml")
