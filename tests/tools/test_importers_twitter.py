"""Archives of X: posts of all sorts, what was liked and passed on, and what means harm."""

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
from memory.records import Fetched, Kind, Media, Visibility
from memory.store import Store
from tests.tools.imported import FIXTURES, deeds, faults, kept, rows
from tools.importers import RowError, importer, kind_of
from tools.importers.opening import opened
from tools.importers.twitter_posts import Writing, somebody, status_in, time_of

X = "https://x.com/i/status/"


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


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 50, "ä"])
def test_names_that_are_none_there_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="its author has no name"):
        somebody(name)
