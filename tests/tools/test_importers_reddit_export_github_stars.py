"""What Reddit sends on request, and stars on GitHub."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from memory.records import Fetched, Kind, Visibility
from tests.tools.imported import deeds, faults, kept, rows


def test_posts_and_comments_are_ones_own_and_the_rest_is_what_one_did() -> None:
    found = rows("reddit_export")
    items, place = kept(found), "https://reddit.com/comments/"
    assert items[f"{place}aaa111"].title == "Which needle for thin twine?"
    assert items[f"{place}aaa112"].links == ("https://tables.example/june",)
    assert items[f"{place}bbb222/_/ccc112"].reply_to == f"{place}bbb222/_/ccc110"
    assert items[f"{place}bbb222/_/ccc111"].reply_to == f"{place}bbb222"
    assert (items[f"{place}ddd111"].title, items[f"{place}ddd111"].tags) == (
        "cold proof overnight or not",
        ("breadit",),
    )
    assert {account.handle for row in found if isinstance(row, Fetched) for account in row.accounts} == {
        "lena_knots@reddit.com",
        "breadit@reddit.com",
    }
    chosen = [one for one in deeds(found) if one[1] in (Kind.LIKE, Kind.BOOKMARK, Kind.LESS)]
    assert chosen == [
        (f"{place}ddd111", Kind.BOOKMARK),
        (f"{place}ddd112/_/eee111", Kind.BOOKMARK),
        (f"{place}fff111", Kind.LIKE),
    ]


def test_a_downvote_tells_only_that_it_was_seen() -> None:
    step = next(row for row in rows("reddit_export") if isinstance(row, Fetched) and row.seen[0].key.endswith("fff112"))
    assert step.item is None and step.reactions == ()


def test_stars_are_likes_with_their_times_where_these_are_told() -> None:
    found = rows("github_stars")
    star, private = kept(found).values()
    assert (star.uri, star.title, star.tags) == (
        "https://github.com/harbour/netmaker",
        "harbour/netmaker",
        ("nets", "craft", "python"),
    )
    assert star.counts.likes == 42 and private.visibility is Visibility.DIRECT
    likes = [row.reactions[0].at for row in found if isinstance(row, Fetched)]
    assert likes[0] == datetime(2024, 3, 1, 9, tzinfo=UTC)


def test_pages_of_stars_within_a_list_are_stars(tmp_path: Path) -> None:
    repo = {"full_name": "a/b", "html_url": "https://github.com/a/b"}
    (tmp_path / "stars.json").write_text(json.dumps([[repo], [{**repo, "html_url": "https://github.com/a/c"}, repo]]))
    found = rows("github_stars", tmp_path / "stars.json")
    assert list(kept(found)) == ["https://github.com/a/b", "https://github.com/a/c"]
    assert faults(found) == ["Entry 3 of stars.json was left out: the same repository once more."]
