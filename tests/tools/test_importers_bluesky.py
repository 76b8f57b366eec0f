"""Repositories and records of Bluesky."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from memory.records import Fetched, Kind
from tests.tools.imported import deeds, faults, kept, rows
from tools.importers.bluesky_records import account, post
from tools.importers.opening import opened


def test_a_repository_is_read_by_its_tree() -> None:
    found = rows("bluesky", me="ina.tide.example")
    me, jo = "at://did:plc:inventedpersonabcdefghij/app.bsky.feed.post/3k", "at://did:plc:jo/app.bsky.feed.post/"
    assert sorted(kept(found)) == [f"{me}{n}" for n in (1, 2, 3, 4)]
    assert sorted(deeds(found)) == sorted(
        [(f"{me}{n}", Kind.AUTHORED) for n in (1, 2, 3, 4)]
        + [(f"{jo}2", Kind.REPLY), (f"{jo}4", Kind.LIKE), (f"{jo}5", Kind.BOOST)]
    )
    item = kept(found)[f"{me}1"]
    assert item.text == "Tide tables for June are out: https://tables.example/june #tides with @jo.dune.example"
    assert (item.links, item.tags, item.mentions) == (
        ("https://tables.example/june",),
        ("tides",),
        ("jo.dune.example@bsky.app",),
    )
    assert (kept(found)[f"{me}4"].quotes, kept(found)[f"{me}4"].warning) == (f"{jo}3", "graphic-media")
    accounts = [one for row in found if isinstance(row, Fetched) for one in row.accounts]
    assert {(one.handle, one.name) for one in accounts} == {("ina.tide.example@bsky.app", "Ina of the Tides")}


def test_records_as_json_are_the_same_as_in_a_repository(tmp_path: Path) -> None:
    did = "did:plc:inventedpersonabcdefghij"
    record = {"$type": "app.bsky.feed.post", "text": "Ebb.", "createdAt": "2024-06-01T04:00:00Z", "langs": ["en"]}
    like = {"subject": {"uri": "at://did:plc:jo/app.bsky.feed.post/4"}, "createdAt": "2024-06-04T05:00:00Z"}
    listed = [
        {"uri": f"at://{did}/app.bsky.feed.post/3k9", "cid": "x", "value": record},
        {"uri": f"at://{did}/app.bsky.feed.like/3l1", "cid": "x", "value": like},
        {"uri": f"at://{did}/app.bsky.graph.follow/3f1", "cid": "x", "value": {"subject": "did:plc:jo"}},
    ]
    (tmp_path / "posts.json").write_text(json.dumps({"records": listed, "cursor": "3k9"}))
    found = rows("bluesky", tmp_path / "posts.json")
    assert [item.text for item in kept(found).values()] == ["Ebb."]
    assert deeds(found)[1] == ("at://did:plc:jo/app.bsky.feed.post/4", Kind.LIKE)
    assert faults(found) == ["Record 3 of posts.json was left out: a record of another kind."]


@pytest.mark.parametrize("stretch", [(0, 9999), (-3, 4), (5, 2), ("0", "4"), (True, None)])
def test_marks_beside_the_text_are_not_believed(stretch: tuple[Any, Any]) -> None:
    feature = {"$type": "app.bsky.richtext.facet#link", "uri": "https://a.example/"}
    facet = {"index": {"byteStart": stretch[0], "byteEnd": stretch[1]}, "features": [feature]}
    record = {"text": "Short…", "createdAt": "2024-06-01T04:00:00Z", "facets": [facet]}
    assert post("at://did:plc:a/app.bsky.feed.post/1", record, account("did:plc:a")).text == "Short…"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80",
        b"\xff" * 12,
        b"\x3a\xa2eroots\x80gversion\x01",
        b"\x11\xa2eroots\x80gversion\x02",
        b"\x11\xa2eroots\x80gversion\x01\xff\xff\xff\xff\x0f",
        b"\x11\xa2eroots\x80gversion\x01\x03abc",
        b"\x11\xa2eroots\x80gversion\x01" + b"\x25\x01\x71\x12\x20" + b"z" * 32 + b"\x81",
    ],
)
def test_a_repository_that_is_none_says_so(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "repo.car").write_bytes(b"\x11\xa2eroots\x80gversion\x01" if data == b"" else data)
    with opened(tmp_path / "repo.car") as export:
        from tools.importers.bluesky_repo import Repo

        repo = Repo(export, "repo.car")
        repo.survey()
        assert list(repo.records()) == []
        assert repo.faults and all("\n" not in str(fault) for fault in repo.faults)
