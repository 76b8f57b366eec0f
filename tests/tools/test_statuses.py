"""Mastodon's JSON → the nouns. The fixtures are invented."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.errors import SourceError
from memory.records import Consent, Counts, Fetched, How, Item, Kind, Rule, Visibility
from tools.sources.statuses import parse_account, parse_filter, parse_status

FIXTURES = Path(__file__).parent / "fixtures" / "mastodon"
BASE = "https://harbour.example"
MARA, ODO = "https://rails.example/users/mara", "https://harbour.example/users/odo"
NEWS = f"{MARA}/statuses/115480000000000001"


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def parsed(name: str, **changes: Any) -> Fetched:
    return parse_status({**load("statuses")[name], **changes}, source="home", base_url=BASE)


def item(name: str, **changes: Any) -> Item:
    found = parsed(name, **changes).item
    assert found is not None
    return found


def test_a_post_becomes_an_item_shared_by_its_author() -> None:
    fetched, post = parsed("post"), item("post")
    assert (post.uri, post.ref, post.author) == (NEWS, f"{BASE}#115480000000000001", MARA)
    assert post.text.startswith(
        "It is back: https://www.railpost.example/2026/11/the-sleeper-to-malmo-returns?utm_source="
    )
    assert post.text.endswith("Thank you, @odo@harbour.example! #NightTrain")
    assert (post.tags, post.mentions, post.language) == (("nighttrain",), ("odo@harbour.example",), "en")
    assert post.counts == Counts(replies=3, boosts=21, likes=48)
    assert post.edited_at == datetime(2026, 11, 2, 7, 31, tzinfo=UTC)
    assert [(share.how, share.account, share.item) for share in fetched.shares] == [(How.POSTED, MARA, NEWS)]
    assert [account.handle for account in fetched.accounts] == ["mara@rails.example"]
    assert post.raw["id"] == "115480000000000001"


def test_a_card_of_a_known_link_is_not_a_second_link() -> None:
    assert len(item("post").links) == 1
    other = {"url": "https://elsewhere.example/", "title": "Elsewhere"}
    assert item("post", card=other).links[1:] == ("https://elsewhere.example/",)


def test_a_card_of_a_hashtag_page_is_no_link() -> None:
    assert len(item("post", card={"url": "https://harbour.example/tags/nighttrain", "title": "Tag"}).links) == 1


def test_the_card_gives_a_title_only_to_a_post_without_words() -> None:
    assert item("post").title == ""
    assert item("link_alone").title == "Winter timetable"


def test_a_boost_is_a_share_not_a_new_item() -> None:
    boost = parsed("boost")
    assert boost.item is not None
    assert boost.item.uri == NEWS
    [share] = boost.shares
    assert (share.how, share.account, share.ref) == (How.BOOSTED, ODO, f"{BASE}#115480000000000002")
    assert share.at == datetime(2026, 11, 2, 8, tzinfo=UTC)
    assert {account.uri for account in boost.accounts} == {MARA, ODO}


def test_a_reply_names_what_it_answers() -> None:
    reply = parsed("reply")
    assert reply.item is not None
    assert reply.item.reply_to == f"{BASE}#115480000000000001"
    assert reply.item.visibility is Visibility.UNLISTED
    assert [share.how for share in reply.shares] == [How.REPLIED]


def test_a_quote_keeps_the_quoted_text_apart() -> None:
    quote = parsed("quote")
    assert quote.item is not None
    assert quote.quoted is not None
    assert (quote.item.text, quote.item.quotes, quote.item.links) == ("Booked for the 14th.", NEWS, ())
    assert quote.quoted.uri == NEWS
    assert [(share.how, share.item) for share in quote.shares] == [(How.POSTED, quote.item.uri), (How.QUOTED, NEWS)]


def test_a_quote_without_its_post_keeps_the_link_to_it() -> None:
    pending = parsed("quote", quote={"state": "pending", "quoted_status": None})
    assert pending.quoted is None
    assert pending.item is not None
    assert pending.item.text.startswith("RE: https://rails.example/@mara/115480000000000001")


def test_a_bare_quote_of_other_servers_is_a_quote() -> None:
    assert parsed("quote", quote=load("statuses")["post"]).quoted is not None
    assert parsed("quote", quote=None, pleroma={"quote": load("statuses")["post"]}).quoted is not None


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("public", Visibility.PUBLIC),
        ("unlisted", Visibility.UNLISTED),
        ("private", Visibility.FOLLOWERS),
        ("direct", Visibility.DIRECT),
        ("local", Visibility.FOLLOWERS),
        ("mutuals_only", Visibility.FOLLOWERS),
        (None, Visibility.FOLLOWERS),
    ],
)
def test_an_unknown_visibility_is_never_more_open_than_followers(given: str | None, meant: Visibility) -> None:
    assert item("post", visibility=given).visibility is meant


def test_poll_pictures_and_warning_can_be_searched() -> None:
    assert item("poll").poll == ("Window", "Aisle :seat:")
    picture = item("picture")
    assert picture.searchable == "food\nToday.\nA bowl of plum dumplings on a train's folding table"
    assert [media.url for media in picture.media] == [
        "https://files.harbour.example/9.jpg",
        "https://gts.example/10.mp4",
    ]


def test_what_a_filter_hides_brings_nothing() -> None:
    assert parsed("hidden") == Fetched()


def test_what_a_filter_only_warns_about_comes_through() -> None:
    assert parsed("hidden", filtered=[{"filter": {"filter_action": "warn"}}]).item is not None


def test_the_owners_flags_are_reactions_and_evidence() -> None:
    boost = parsed("boost")
    assert boost.item is not None
    [reaction] = boost.reactions
    assert (reaction.kind, reaction.item, reaction.at, reaction.source) == (
        Kind.LIKE,
        NEWS,
        boost.item.created_at,
        "home",
    )
    assert [(seen.scope, seen.key) for seen in boost.seen] == [("item", NEWS)]


def test_a_known_time_of_a_reaction_is_better_than_the_flag() -> None:
    when = datetime(2026, 11, 3, tzinfo=UTC)
    status = {**load("statuses")["post"], "favourited": True}
    [reaction] = parse_status(status, source="s", base_url=BASE, reacted={Kind.LIKE: when}).reactions
    assert (reaction.kind, reaction.at) == (Kind.LIKE, when)


def test_an_account_of_2018_has_its_address_as_uri() -> None:
    old = item("from_2018")
    assert old.author == "https://harbour.example/@odo"
    assert old.counts == Counts()


def test_ids_are_opaque() -> None:
    ulid = item("gotosocial")
    assert ulid.ref == f"{BASE}#01JBNPZ7Q3V8K2M4W6X9Y0A1B2"
    assert ulid.text == "@odo@harbour.example five thousand characters and not one to spare"


def test_dates_may_be_datetimes_already() -> None:
    assert item("post", created_at=datetime(2026, 1, 1)).created_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_accents_make_no_second_tag() -> None:
    content = '<a href="https://h.example/tags/Grün" class="hashtag">#Grün</a>'
    assert item("post", content=content, tags=[{"name": "grun"}, {"name": "bahn"}]).tags == ("grün", "bahn")


@pytest.mark.parametrize(
    ("note", "asks"),
    [
        ('<p>hi <a href="https://h.example/tags/nobot">#<span>NoBot</span></a></p>', {Consent.NOBOT}),
        ("<p>#nobots #NOINDEX</p>", {Consent.NOBOT, Consent.NOINDEX}),
        ("<p>#noml</p>", {Consent.NOAI}),
        ("<p>#nobotany #noairports nobot</p>", set()),
        ("", set()),
    ],
)
def test_a_profile_asks_by_whole_hashtags(note: str, asks: set[Consent]) -> None:
    account = {**load("accounts")["odo"], "note": note}
    assert parse_account(account, base_url=BASE).asks == asks


def test_fields_and_noindex_are_asked_too_but_indexable_is_nothing() -> None:
    accounts = load("accounts")
    assert parse_account(accounts["ines"], base_url=BASE).asks == {Consent.NOAI}
    assert parse_account({**accounts["odo"], "noindex": True}, base_url=BASE).asks == {Consent.NOINDEX}
    assert parse_account({**accounts["odo"], "indexable": False}, base_url=BASE).asks == frozenset()


def test_an_account_is_read_whole() -> None:
    mara = parse_account(load("accounts")["mara"], base_url=BASE, followed=True)
    assert (mara.handle, mara.name, mara.followers, mara.followed) == ("mara@rails.example", "Mara 🚂", 2310, True)
    assert parse_account(load("accounts")["tidebot"], base_url=BASE).bot
    assert parse_account({"id": "1", "acct": "new"}, base_url=BASE).handle == "new@harbour.example"


def test_filters_of_both_versions_become_rules() -> None:
    filters = load("filters")
    until = datetime(2026, 12, 1, tzinfo=UTC)
    assert parse_filter(filters["v2"]) == (Rule("word", "finale", until, True), Rule("word", "season 3", until, False))
    assert parse_filter(filters["v1"]) == (Rule("word", "crypto", None, True),)


def test_filters_of_other_places_are_no_rules() -> None:
    filters = load("filters")
    assert parse_filter(filters["v2_elsewhere"]) == ()
    assert parse_filter({**filters["v2"], "filter_action": "blur"}) == ()


@pytest.mark.parametrize("missing", ["id", "created_at", "account"])
def test_what_cannot_be_read_names_the_post(missing: str) -> None:
    status = {key: value for key, value in load("statuses")["post"].items() if key != missing}
    with pytest.raises(SourceError, match="without id" if missing == "id" else "115480000000000001"):
        parse_status(status, source="s", base_url=BASE)


def _nothing(_: Any) -> None:
    return None


@pytest.mark.parametrize("spoil", [_nothing, str, lambda value: [value], lambda value: {"x": value}, lambda _: 7])
@pytest.mark.parametrize("name", ["post", "boost", "quote", "poll", "picture"])
def test_any_odd_value_is_read_or_refused_in_one_way(name: str, spoil: Callable[[Any], Any]) -> None:
    whole = load("statuses")[name]
    for key in whole:
        status = copy.deepcopy(whole)
        status[key] = spoil(status[key])
        try:
            fetched = parse_status(status, source="s", base_url=BASE)
        except SourceError as error:
            assert "left out" in str(error)
        else:
            assert fetched.item is None or fetched.item.ref.startswith(BASE)
