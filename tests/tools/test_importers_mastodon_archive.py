"""Archives of Mastodon accounts: posts as the live source tells them, and bare addresses."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.jobs.collect import Collector
from bot.jobs.importing import Importing
from config.errors import SourceError
from memory.records import Account, Consent, Fetched, Item, Kind, Media, Reaction, Visibility
from memory.store import Store
from tests.tools.imported import FIXTURES, deeds, faults, kept, rows
from tools.importers import importer
from tools.importers.opening import opened
from tools.sources.statuses import parse_status

INA = "https://tide.example/users/ina/statuses/1100000000000000"


def test_an_archive_and_the_account_meet_in_the_same_item(collector: Collector, store: Store) -> None:
    live = {
        "id": "110000000000000001",
        "uri": f"{INA}01",
        "url": "https://tide.example/@ina/110000000000000001",
        "created_at": "2023-06-01T04:00:00Z",
        "content": '<p>Low water at six. <a href="https://tide.example/tags/tides" class="mention hashtag" rel="tag">'
        '#<span>tides</span></a> <a href="https://tables.example/june?utm_source=m">tables.example/june</a></p>',
        "visibility": "public",
        "language": "en",
        "tags": [{"name": "tides"}],
        "account": {
            "id": "7",
            "uri": "https://tide.example/users/ina",
            "url": "https://tide.example/@ina",
            "acct": "ina",
        },
    }
    fetched = parse_status(live, source="mastodon", base_url="https://tide.example")
    same = kept(rows("mastodon_archive"))[f"{INA}01"]
    assert fetched.item is not None
    told = ("uri", "ref", "url", "text", "links", "tags", "author", "created_at", "language", "visibility", "source")
    assert [getattr(same, name) for name in told] == [getattr(fetched.item, name) for name in told]


def test_who_may_see_a_post_is_read_from_whom_it_was_sent_to() -> None:
    found = kept(rows("mastodon_archive"))
    assert [found[f"{INA}0{n}"].visibility for n in (1, 5, 6, 7)] == [
        Visibility.PUBLIC,
        Visibility.FOLLOWERS,
        Visibility.DIRECT,
        Visibility.UNLISTED,
    ]


def test_warnings_polls_pictures_edits_and_answers_are_told() -> None:
    found = kept(rows("mastodon_archive"))
    assert found[f"{INA}05"].warning == "Book ending"
    assert found[f"{INA}08"].poll == ("red", "green")
    assert found[f"{INA}08"].media == (Media("image", "Two pairs of boots", "https://tide.example/media/boots.jpg"),)
    assert found[f"{INA}07"].edited_at == datetime(2023, 6, 3, 8, 10, tzinfo=UTC)
    assert found[f"{INA}02"].reply_to == "https://dune.example/users/jo/statuses/9"
    assert found[f"{INA}03"].reply_to == "https://tide.example#110000000000000002"
    assert found[f"{INA}02"].mentions == ("jo@dune.example",)


def test_bare_addresses_are_deeds_that_wait_for_their_items() -> None:
    jo = "https://dune.example/users/jo/statuses/"
    assert [one for one in deeds(rows("mastodon_archive")) if one[1] is not Kind.AUTHORED] == [
        (f"{jo}9", Kind.REPLY),
        (f"{jo}10", Kind.BOOST),
        (f"{jo}110453000000000000", Kind.LIKE),
        ("https://far.example/objects/5f", Kind.LIKE),
        (f"{jo}10", Kind.BOOKMARK),
    ]
    like = [row.reactions[0] for row in rows("mastodon_archive") if isinstance(row, Fetched) and row.reactions][-3]
    assert like.at.isoformat() == "2023-05-29T16:50:28.320000+00:00"  # what its number tells


def test_an_archive_does_not_count_likes_twice_that_the_account_has_told(collector: Collector, store: Store) -> None:
    uri = "https://far.example/objects/5f"
    with store.begin() as memory:
        memory.reactions.add(Reaction(Kind.LIKE, datetime(2023, 1, 1, tzinfo=UTC), uri, "home"))
    with opened(FIXTURES / "mastodon_archive" / "export") as export:
        Importing(collector).take_in(importer("mastodon_archive", export, {"source": "home"}))
    with store.begin() as memory:
        assert len([one for one in memory.reactions.of(uri) if one.kind is Kind.LIKE]) == 1


def jo_says(uri: str) -> Fetched:
    there = Account("https://dune.example/users/jo", "jo@dune.example")
    item = Item(uri, uri, there.uri, datetime(2022, 1, 1, tzinfo=UTC), "Sand.", source="mastodon")
    return Fetched(item=item, accounts=(there,))


def test_whoever_can_be_asked_tells_what_an_address_is(collector: Collector, store: Store) -> None:
    asked: list[str] = []

    def ask(uri: str) -> Fetched | None:
        asked.append(uri)
        if uri.startswith("https://far.example"):
            raise SourceError("far.example is away.")
        return jo_says(uri)

    for _ in range(2):
        with opened(FIXTURES / "mastodon_archive" / "export") as export:
            taken = Importing(collector, ask).take_in(importer("mastodon_archive", export, {}), embed=False)
        assert taken.whole
    post = "https://dune.example/users/jo/statuses/10"
    with store.begin() as memory:
        item, deeds = memory.items.get(post), memory.reactions.of(post)
        away = memory.reactions.of("https://far.example/objects/5f")
    assert item is not None and item.text == "Sand."
    # An archive tells when something was passed on, not when it was kept: for that the time of the post stands.
    assert {one.kind: one.at for one in deeds} == {
        Kind.BOOST: datetime(2023, 6, 2, 6, tzinfo=UTC),
        Kind.BOOKMARK: item.created_at,
    }
    assert [one.kind for one in away] == [Kind.LIKE]  # it is true though nobody tells what it was
    known = [uri for uri in asked if uri.startswith("https://dune.example")]
    assert sorted(known) == [post, f"{post[:-2]}110453000000000000", f"{post[:-2]}9"], "each is asked for once"


def test_whoever_asks_not_to_be_read_by_bots_is_not_read_by_way_of_an_archive(
    collector: Collector, store: Store
) -> None:
    def ask(uri: str) -> Fetched:
        said = jo_says(uri)
        return replace(said, accounts=tuple(replace(one, asks=frozenset({Consent.NOBOT})) for one in said.accounts))

    with opened(FIXTURES / "mastodon_archive" / "export") as export:
        Importing(collector, ask).take_in(importer("mastodon_archive", export, {}), embed=False)
    with store.begin() as memory:
        assert memory.items.get("https://dune.example/users/jo/statuses/10") is None


@pytest.mark.parametrize("address", [7, None, [], {}, "", "ftp://a.example/", "javascript:x", "https://ä.example/1"])
def test_addresses_that_are_none_are_left_out_of_likes(address: object, tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "mastodon_archive" / "export", tmp_path / "m")
    (tmp_path / "m" / "outbox.json").unlink()
    (tmp_path / "m" / "bookmarks.json").unlink()
    (tmp_path / "m" / "likes.json").write_text(
        json.dumps(
            {"@context": "https://www.w3.org/ns/activitystreams", "orderedItems": [[address], "https://a.example/1"]}
        )
    )
    found = rows("mastodon_archive", tmp_path / "m")
    assert deeds(found) == [("https://a.example/1", Kind.LIKE)] and len(faults(found)) == 1
