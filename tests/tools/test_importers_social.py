"""Archives of networks: X, Mastodon, Bluesky, Reddit, GitHub."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.collect import Collector
from bot.jobs.importing import Importing
from config.errors import ConfigError, SourceError
from memory.records import Account, Evidence, Fetched, Item, Kind, Media, Reaction, Visibility
from memory.store import Store
from tools.importers import RowError, importer, kind_of
from tools.importers.bluesky_records import account, post
from tools.importers.deeds import Bare, done
from tools.importers.opening import opened
from tools.importers.twitter_posts import Writing, somebody, status_in, time_of
from tools.sources.statuses import parse_status

FIXTURES = Path(__file__).parent / "fixtures" / "importers"
X = "https://x.com/i/status/"
INA = "https://tide.example/users/ina/statuses/1100000000000000"


def rows(kind: str, path: Path | None = None, **settings: Any) -> list[Fetched | SourceError]:
    path = path or next((FIXTURES / kind).glob("export*"))
    with opened(path) as export:
        return list(importer(kind, export, settings).fetch(None))


def kept(found: list[Fetched | SourceError]) -> dict[str, Item]:
    return {row.item.uri: row.item for row in found if isinstance(row, Fetched) and row.item}


def deeds(found: list[Fetched | SourceError]) -> list[tuple[str, Kind]]:
    return [(one.item, one.kind) for row in found if isinstance(row, Fetched) for one in row.reactions]


def faults(found: list[Fetched | SourceError]) -> list[str]:
    return [str(row) for row in found if isinstance(row, SourceError)]


def archive(tmp_path: Path, **files: str) -> Path:
    """An archive of X with these files in data/."""
    shutil.copytree(FIXTURES / "twitter" / "damaged" / "data", tmp_path / "x" / "data")
    (tmp_path / "x" / "data" / "like.js").unlink()
    for name, text in files.items():
        (tmp_path / "x" / "data" / f"{name.replace('_', '-')}.js").write_text(text)
    return tmp_path / "x"


def tweets(*rows: object) -> str:
    return "window.YTD.tweets.part0 = " + json.dumps([{"tweet": row} for row in rows])


def tweet(key: str, text: str, **more: Any) -> dict[str, Any]:
    return {"id_str": key, "created_at": "Sat Mar 05 08:00:00 +0000 2022", "full_text": text, **more}


# -- X


def test_posts_are_told_in_their_own_signs_with_links_in_full() -> None:
    item = kept(rows("twitter"))[f"{X}1500000000000000101"]
    assert item.text == ("Mending nets & drinking tea <3 #netmaking https://knots.example/nets?utm_source=twitter&id=4")
    assert item.links == ("https://knots.example/nets?utm_source=twitter&id=4",)
    assert (item.tags, item.language, item.author) == (("netmaking",), "en", "https://x.com/lena_knots")
    assert (item.counts.likes, item.counts.boosts) == (3, 1)
    assert item.created_at == datetime(2022, 3, 5, 8, tzinfo=UTC)


def test_what_was_passed_on_are_the_words_of_another() -> None:
    found = rows("twitter")
    item = kept(found)[f"{X}1500000000000000104"]
    assert (item.author, item.text) == (
        "https://x.com/harbour_light",
        "The ferry is back on Monday. https://ferry.example/monday",
    )
    assert (item.uri, Kind.BOOST) in deeds(found) and (item.uri, Kind.AUTHORED) not in deeds(found)
    assert item.mentions == () and item.counts.boosts == 0


def test_pictures_tell_the_number_of_what_was_passed_on() -> None:
    assert kept(rows("twitter"))[f"{X}1498000000000000700"].author == "https://x.com/rope_walk"


def test_an_answer_to_another_is_a_deed_on_what_it_answers() -> None:
    found = rows("twitter")
    answers = [one for one in deeds(found) if one[1] is Kind.REPLY]
    assert answers == [(f"{X}1499999999999999000", Kind.REPLY)]
    assert kept(found)[f"{X}1500000000000000103"].reply_to == f"{X}1500000000000000102"


def test_a_quote_names_what_it_quotes_and_loses_the_link_that_does_so() -> None:
    item = kept(rows("twitter"))[f"{X}1500000000000000105"]
    assert (item.text, item.quotes) == ("So clear, and so short.", f"{X}1499000000000000500")
    assert item.links == (item.quotes,)


def test_long_posts_are_whole_and_those_without_a_post_are_kept() -> None:
    found = kept(rows("twitter"))
    assert found[f"{X}1500000000000000106"].text.endswith("That is all I know. https://knots.example/winters")
    assert found["x:note/2"].text == "A long post whose short beginning was lost."
    assert "x:note/1" not in found


def test_of_an_edited_post_the_last_state_counts() -> None:
    found = rows("twitter")
    assert f"{X}1500000000000000107" not in kept(found)
    last = next(row for row in found if isinstance(row, Fetched) and row.item and row.item.uri.endswith("108"))
    assert last.gone == (f"{X}1500000000000000107",)
    assert last.item and last.item.text == "A bowline in three pictures."
    assert last.item.media == (Media("image", "Hands tying a bowline", "https://pbs.twimg.com/media/Invented.jpg"),)


def test_an_edit_is_dated_by_its_first_state(tmp_path: Path) -> None:
    edit = {"edit": {"editControlInitial": {"editTweetIds": ["1500000000000000000", "1500000000000000777"]}}}
    row = {**tweet("1500000000000000777", "Later."), "created_at": "Sat Mar 05 06:50:00 +0000 2022", "edit_info": edit}
    item = kept(rows("twitter", archive(tmp_path, tweets=tweets(row))))[f"{X}1500000000000000777"]
    assert item.created_at < datetime(2022, 3, 5, 6, 48, tzinfo=UTC) < (item.edited_at or item.created_at)


def test_parts_are_read_in_their_order() -> None:
    found = list(kept(rows("twitter")))
    assert found.index(f"{X}1498000000000000700") < found.index(f"{X}1600000000000000201")


def test_what_was_deleted_goes(collector: Collector, store: Store, tmp_path: Path) -> None:
    written = archive(tmp_path, tweets=tweets(tweet("1500000000000000199", "never mind")))
    with opened(written) as export:
        Importing(collector).take_in(importer("twitter", export, {}))
    with opened(FIXTURES / "twitter" / "export") as export:
        taken = Importing(collector).take_in(importer("twitter", export, {}))
    assert taken.counts["deleted"] == 1
    with store.begin() as memory:
        assert memory.items.get(f"{X}1500000000000000199") is None


def test_likes_are_whose_other_posts_say_they_are() -> None:
    found = kept(rows("twitter"))
    assert found[f"{X}1499999999999999000"].author == "https://x.com/tar_and_twine"
    assert found[f"{X}1499000000000000500"].author == "https://x.com/rope_walk"
    assert found[f"{X}9000000000"].author == "https://x.com/i"


def test_short_links_of_likes_are_known_from_ones_own_posts() -> None:
    assert kept(rows("twitter"))[f"{X}1499000000000000500"].links == ("https://ferry.example/monday",)


def test_a_like_of_ones_own_post_does_not_rewrite_it_and_one_without_words_is_a_deed_alone() -> None:
    found = rows("twitter")
    assert deeds(found).count((f"{X}1500000000000000101", Kind.LIKE)) == 1
    assert kept(found)[f"{X}1500000000000000101"].author == "https://x.com/lena_knots"
    assert (f"{X}1300000000000000001", Kind.LIKE) in deeds(found) and f"{X}1300000000000000001" not in kept(found)
    assert (f"{X}1400000000000000002", Kind.BOOKMARK) in deeds(found)


def test_messages_come_on_request_alone() -> None:
    assert [item.text for item in kept(rows("twitter")).values() if item.kind == "chat"] == []
    found = [item for item in kept(rows("twitter", messages="yes")).values() if item.kind == "chat"]
    assert [item.text for item in found] == ["Needle is in the post https://post.example/track/7", "Thank you!"]
    assert {item.visibility for item in found} == {Visibility.DIRECT}
    assert [item.author for item in found] == ["x:person/7002", "https://x.com/lena_knots"]
    with pytest.raises(ConfigError, match="neither yes nor no"):
        rows("twitter", messages="perhaps")


def test_posts_of_a_protected_account_are_for_followers(tmp_path: Path) -> None:
    acts = [("2020-01-01T00:00:00.000Z", "Unprotect"), ("2021-01-01T00:00:00.000Z", "Protect")]
    history = [{"protectedHistory": {"protectedAt": at, "action": action}} for at, action in acts]
    path = archive(tmp_path, protected_history="window.YTD.protected_history.part0 = " + json.dumps(history))
    assert {item.visibility for item in kept(rows("twitter", path)).values()} == {Visibility.FOLLOWERS}
    assert {item.visibility for item in kept(rows("twitter", protected=True)).values()} == {Visibility.FOLLOWERS}


@pytest.mark.parametrize(
    ("key", "about"),
    [
        ("20", "2006-03-21"),
        ("5000000000", "2009-10-19"),
        ("29999999999", "2010-11-04"),
        ("1500000000000000000", "2022-03-05"),
    ],
)
def test_the_number_of_a_post_tells_its_time(key: str, about: str) -> None:
    assert time_of(key).date().isoformat() == about


@pytest.mark.parametrize(
    "link",
    [
        "https://twitter.com/a/status/7?s=20",
        "http://mobile.twitter.com/a/statuses/7/photo/1",
        "https://x.com/i/web/status/7",
    ],
)
def test_a_post_has_one_name_however_it_is_linked(link: str) -> None:
    assert status_in(link) == f"{X}7"


# -- Mastodon


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


def test_whoever_can_be_asked_tells_what_an_address_is() -> None:
    asked: list[str] = []

    def resolve(uri: str) -> Fetched | None:
        asked.append(uri)
        if uri.startswith("https://far.example"):
            raise SourceError("far.example is away.")
        there = Account("https://dune.example/users/jo", "jo@dune.example")
        item = Item(uri, uri, there.uri, datetime(2023, 1, 1, tzinfo=UTC), "Sand.")
        return Fetched(item=item, accounts=(there,), shares=())

    found = rows("mastodon_archive", resolve=resolve)
    item = kept(found)["https://dune.example/users/jo/statuses/10"]
    assert item.text == "Sand." and (item.uri, Kind.BOOST) in deeds(found)
    assert ("https://far.example/objects/5f", Kind.LIKE) in deeds(found)
    assert len(asked) == 5
    with pytest.raises(ConfigError, match="resolve cannot be set in a file"):
        rows("mastodon_archive", resolve="yes")


# -- Bluesky


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


# -- Reddit and GitHub


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


# -- hostile


HOSTILE_TWEETS: Mapping[str, object] = {
    "a number of 400 digits": {"id_str": "9" * 400, "full_text": "x"},
    "a number that is none": {"id_str": "1e9", "full_text": "x"},
    "a number with signs of another script": {"id_str": "١٢٣", "full_text": "x"},
    "a list for a number": {"id_str": ["1"], "full_text": "x"},
    "a list for a text": {"id_str": "1500000000000000001", "full_text": ["x"]},
    "no text": {"id_str": "1500000000000000001"},
    "a time that no calendar has": tweet("1500000000000000001", "x") | {"created_at": "Sat Feb 31 08:00:00 +0000 2022"},
    "a time in the year 9999": tweet("1500000000000000001", "x") | {"created_at": "Fri Dec 31 23:59:59 -2359 9999"},
    "a month that is none": tweet("1500000000000000001", "x") | {"created_at": "Sat Foo 05 08:00:00 +0000 2022"},
}


@pytest.mark.parametrize("row", HOSTILE_TWEETS.values(), ids=HOSTILE_TWEETS)
def test_a_hostile_post_is_left_out_and_the_next_one_is_read(row: object, tmp_path: Path) -> None:
    found = rows("twitter", archive(tmp_path, tweets=tweets(row, tweet("1500000000000000002", "Next."))))
    assert [item.text for item in kept(found).values()] == ["Next."]
    assert len(faults(found)) == 1


@pytest.mark.parametrize("wrong", [None, 7, "x", [], [7], {"urls": 7}, {"urls": [{"url": 7, "expanded_url": {}}]}])
def test_entities_of_a_wrong_type_are_none(wrong: object, tmp_path: Path) -> None:
    row = tweet(
        "1500000000000000002", "Words. https://t.co/a", entities=wrong, extended_entities=wrong, edit_info=wrong
    )
    found = kept(rows("twitter", archive(tmp_path, tweets=tweets(row))))
    assert [item.links for item in found.values()] == [("https://t.co/a",)]


@pytest.mark.parametrize("bad", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "https://a b", " "])
def test_links_to_anything_but_the_web_are_not_followed_from_short_ones(bad: str) -> None:
    writing = Writing()
    writing.learn([{"url": "https://t.co/a", "expanded_url": bad}])
    assert writing.words("See https://t.co/a")[1] == ("https://t.co/a",)


def test_unseen_signs_and_lines_of_ten_megabytes_do_no_harm(tmp_path: Path) -> None:
    text = "Be\u200bfore\u202e\x07 " + "long " * 2_000_000
    found = kept(rows("twitter", archive(tmp_path, tweets=tweets(tweet("1500000000000000002", text)))))
    item = found[f"{X}1500000000000000002"]
    assert item.text.startswith("Before long") and len(item.text) <= 2_000_000


@pytest.mark.parametrize("prefix", ["", "window.YTD.tweets.part0=", "\ufeffwindow.YTD.tweets.part0 = ", "YTD.x = \n"])
def test_the_prefix_may_be_another_or_missing(prefix: str, tmp_path: Path) -> None:
    text = prefix + json.dumps([{"tweet": tweet("1500000000000000002", "Words.")}])
    assert len(kept(rows("twitter", archive(tmp_path, tweets=text)))) == 1


@pytest.mark.parametrize(
    "text", ["", "window.YTD.tweets.part0 = ", "window.YTD", "{", "[[[[", "null", "7", "[" * 100_000]
)
def test_a_part_that_is_none_stops_nothing(text: str, tmp_path: Path) -> None:
    likes = json.dumps([{"like": {"tweetId": "1300000000000000001", "fullText": "Kept."}}])
    path = archive(tmp_path, tweets=text, like="window.YTD.like.part0 = " + likes)
    with opened(path) as export:
        assert kind_of(export) == "twitter"
    found = rows("twitter", path)
    assert [item.text for item in kept(found).values()] == ["Kept."]
    assert all(isinstance(row, RowError) for row in found if isinstance(row, SourceError))


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


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 50, "ä"])
def test_names_that_are_none_there_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="its author has no name"):
        somebody(name)


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


def test_times_to_come_are_refused() -> None:
    item = Item("x:1", "x:1", "x:me", datetime(2101, 1, 1, tzinfo=UTC), "Words.")
    with pytest.raises(ValueError, match="no calendar"):
        done(item, [])
    step = Bare("x").deed("x:1", Kind.REPLY, datetime(2020, 1, 1, tzinfo=UTC))
    assert step.seen[0].evidence is Evidence.REPLIED
