"""The Mastodon source, against mastodon_mock."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from mastodon_mock.testing.server import MockServer
from pydantic import SecretStr

from config.errors import SourceError
from memory.records import Cursor, Evidence, Fetched, How, Kind, Visibility
from tools.sources import Rechecks
from tools.sources.mastodon import MastodonSource

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
Steps = list[Fetched | SourceError]


class Naps(list[float]):
    """A sleep that takes no time, and remembers how long it would have been."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def texts(steps: Steps) -> list[str]:
    return [step.item.text for step in steps if isinstance(step, Fetched) and step.item]


def errors(steps: Steps) -> list[str]:
    return [str(step) for step in steps if isinstance(step, SourceError)]


def cursor_of(steps: Steps) -> Cursor:
    return [step.cursor for step in steps if isinstance(step, Fetched)][-1]


def facts(steps: Steps, name: str) -> list[Any]:
    return [fact for step in steps if isinstance(step, Fetched) for fact in getattr(step, name)]


def by_feed(steps: Steps, feed: str) -> list[str]:
    """The texts that came with a step which moved the mark of ``feed``."""
    found, mark = [], None
    for step in steps:
        if isinstance(step, Fetched):
            if step.item and step.cursor.get(feed) != mark:
                found.append(step.item.text)
            mark = step.cursor.get(feed)
    return found


@pytest.fixture(scope="module")
def running() -> Iterator[MockServer]:
    with MockServer() as started:
        yield started


@pytest.fixture
def server(running: MockServer) -> MockServer:
    """Nobody has said anything, and nothing is broken."""
    running.reset()
    return running


def source(server: MockServer, **changes: Any) -> MastodonSource:
    given: dict[str, Any] = {"name": "home", "base_url": server.base_url, "token": SecretStr("alice_token")}
    return MastodonSource(**{**given, "sleep": Naps(), **changes})


def test_the_first_run_reads_the_newest_posts_oldest_first(server: MockServer) -> None:
    bob = server.client("bob")
    for number in range(55):
        bob.status_post(f"post {number}")
    assert by_feed(list(source(server, backfill=50).fetch(None)), "home") == [f"post {n}" for n in range(5, 55)]


def test_later_runs_bring_what_is_new_and_nothing_else(server: MockServer) -> None:
    bob = server.client("bob")
    bob.status_post("before")
    first = list(source(server).fetch(None))
    for number in range(90):
        bob.status_post(f"post {number}")
    second = list(source(server).fetch(cursor_of(first)))
    third = list(source(server).fetch(cursor_of(second)))
    assert by_feed(second, "home") == [f"post {n}" for n in range(90)]
    assert texts(third) == []
    assert errors(first + second + third) == []


def test_breaking_off_anywhere_loses_nothing(server: MockServer) -> None:
    bob = server.client("bob")
    for number in range(8):
        bob.status_post(f"post {number}")
    whole = list(source(server).fetch(None))
    for cut in range(1, len(whole)):
        begun = list(itertools.islice(source(server).fetch(None), cut))
        rest = list(source(server).fetch(cursor_of(begun)))
        assert set(texts(begun + rest)) == set(texts(whole)), cut
        assert by_feed(begun, "home") + by_feed(rest, "home") == by_feed(whole, "home"), cut


def test_likes_and_bookmarks_are_reactions_and_evidence(server: MockServer) -> None:
    bob, alice = server.client("bob"), server.client("alice")
    posts = [bob.status_post(f"post {number}") for number in range(3)]
    alice.status_favourite(posts[0])
    alice.status_bookmark(posts[1])
    first = list(source(server, now=lambda: NOON).fetch(None))
    reactions = {(r.kind, r.item, r.at) for r in facts(first, "reactions")}
    assert reactions == {
        (Kind.LIKE, posts[0]["uri"], posts[0]["created_at"]),
        (Kind.BOOKMARK, posts[1]["uri"], posts[1]["created_at"]),
    }
    assert {(s.key, s.evidence) for s in facts(first, "seen")} == {
        (posts[0]["uri"], Evidence.REACTED),
        (posts[1]["uri"], Evidence.REACTED),
    }
    alice.status_favourite(posts[2])
    later = list(source(server, now=lambda: NOON).fetch(cursor_of(first)))
    assert [(r.kind, r.item, r.at) for r in facts(later, "reactions")] == [(Kind.LIKE, posts[2]["uri"], NOON)]


def test_the_owners_own_posts_boosts_and_replies_are_known_as_such(server: MockServer) -> None:
    bob, alice = server.client("bob"), server.client("alice")
    question, boosted = bob.status_post("a question"), bob.status_post("worth a boost")
    alice.status_post("mine")
    answer = alice.status_reply(question, "an answer")
    boost = alice.status_reblog(boosted)
    steps = list(source(server).fetch(None))
    reactions = {(r.kind, r.item): r.at for r in reversed(facts(steps, "reactions"))}
    assert {kind for kind, _ in reactions} == {Kind.AUTHORED, Kind.REPLY, Kind.BOOST}
    assert reactions[(Kind.REPLY, question["uri"])] == answer["created_at"]
    assert reactions[(Kind.BOOST, boosted["uri"])] == boost["created_at"]
    assert (Kind.AUTHORED, answer["uri"]) in reactions
    seen = {(s.scope, s.key, s.evidence) for s in facts(steps, "seen")}
    assert ("item", question["uri"], Evidence.REPLIED) in seen
    assert ("thread", f"{server.base_url}#{question['id']}", Evidence.REPLIED) in seen
    assert ("item", answer["uri"], Evidence.AUTHORED) in seen
    assert How.BOOSTED in {share.how for share in facts(steps, "shares")}


@pytest.mark.parametrize(
    "fault",
    [
        {"type": "ratelimit", "count": 2},
        {"type": "status", "status": 502, "count": 3},
        {"type": "malformed", "count": 3},
        {"type": "latency", "delay_ms": 30, "count": 5},
    ],
    ids=["429", "502", "malformed", "latency"],
)
def test_faults_lose_and_double_nothing(server: MockServer, fault: dict[str, Any]) -> None:
    bob = server.client("bob")
    for number in range(50):
        bob.status_post(f"post {number}")
    paths = ("/api/v1/timelines/home", "/api/v1/accounts/verify_credentials", "/api/v1/favourites")
    with ExitStack() as faults:
        for path in paths:
            faults.enter_context(server.fault(path=path, **fault))
        steps = list(source(server).fetch(None))
    assert by_feed(steps, "home") == [f"post {n}" for n in range(50)]
    assert errors(steps) == []


def test_a_limit_is_waited_for_as_long_as_the_server_says(server: MockServer) -> None:
    naps = Naps()
    with server.fault(path="/api/v1/timelines/home", type="ratelimit", headers={"Retry-After": "77"}, count=1):
        assert errors(list(source(server, sleep=naps).fetch(None))) == []
    assert set(naps) == {0.0, 77.0}


def test_a_long_limit_ends_the_run_politely_and_nothing_is_lost(server: MockServer) -> None:
    server.client("bob").status_post("hello #rail")
    naps = Naps()
    far = {"Retry-After": "900"}
    with server.fault(path="/api/v1/timelines/home", type="ratelimit", headers=far):
        steps = list(source(server, sleep=naps, hashtags=("rail",)).fetch(None))
    assert not [nap for nap in naps if nap > 305]
    assert "15 minutes" in errors(steps)[0]
    assert by_feed(steps, "tag:rail") == []
    assert texts(list(source(server).fetch(cursor_of(steps)))) == ["hello #rail"]


def test_a_feed_that_fails_does_not_stop_the_others(server: MockServer) -> None:
    server.client("bob").status_post("hello #rail")
    with server.fault(path="/api/v1/timelines/home", type="status", status=502):
        steps = list(source(server, hashtags=("rail",)).fetch(None))
    assert [("502" in error, "home timeline" in error) for error in errors(steps)] == [(True, True)]
    assert by_feed(steps, "tag:rail") == ["hello #rail"]


def test_a_refused_token_is_told_without_telling_the_token(server: MockServer) -> None:
    with pytest.raises(SourceError, match="refuses the token") as caught:
        list(source(server, token=SecretStr("s3cret-token")).fetch(None))
    assert "s3cret-token" not in str(caught.value) + repr(source(server, token=SecretStr("s3cret-token")))


def test_lists_are_found_by_title_and_unknown_ones_are_told(server: MockServer) -> None:
    alice, bob = server.client("alice"), server.client("bob")
    bob.status_post("from the list")
    alice.list_accounts_add(alice.list_create("Trains"), [bob.me().id])
    steps = list(source(server, lists=("Trains", "Boats")).fetch(None))
    assert by_feed(steps, "list:Trains") == ["from the list"]
    assert errors(steps) == [f"There is no list 'Boats' at 127.0.0.1:{server.port}; there are: Trains."]


def test_what_the_owner_decided_comes_as_one_snapshot(server: MockServer) -> None:
    alice, bob, carol = (server.client(name) for name in ("alice", "bob", "carol"))
    alice.account_mute(bob.me())
    alice.account_block(carol.me())
    alice.create_filter_v2("f", ["home"], "hide", keywords_attributes=[{"keyword": "crypto", "whole_word": True}])
    alice.tag_follow("rail")
    [rules] = [
        step.rules for step in source(server).fetch(None) if isinstance(step, Fetched) and step.rules is not None
    ]
    assert {(rule.kind, rule.key) for rule in rules} == {
        ("mute", bob.me()["url"]),
        ("block", carol.me()["url"]),
        ("word", "crypto"),
        ("tag", "rail"),
    }


def test_no_snapshot_is_better_than_half_a_snapshot(server: MockServer) -> None:
    with server.fault(path="/api/v1/blocks", type="status", status=503):
        steps = list(source(server).fetch(None))
    assert [step for step in steps if isinstance(step, Fetched) and step.rules is not None] == []
    assert len(errors(steps)) == 1


def test_the_followed_are_asked_for_every_six_hours(server: MockServer) -> None:
    def followed(now: datetime, cursor: Cursor | None) -> tuple[list[frozenset[str]], Cursor]:
        steps = list(source(server, now=lambda: now).fetch(cursor))
        found = [step.followed for step in steps if isinstance(step, Fetched) and step.followed is not None]
        return found, cursor_of(steps)

    first, cursor = followed(NOON, None)
    assert first == [frozenset({server.client("bob").me()["url"]})]
    assert followed(NOON + timedelta(hours=5), cursor)[0] == []
    assert followed(NOON + timedelta(hours=6), cursor)[0] == first


def test_what_others_address_to_the_owner_comes_in(server: MockServer) -> None:
    server.client("carol").status_post("@alice have you seen this?", visibility="direct")
    steps = list(source(server).fetch(None))
    [item] = [step.item for step in steps if isinstance(step, Fetched) and step.item]
    assert item.visibility is Visibility.DIRECT
    assert "have you seen this?" in item.text
    assert texts(list(source(server).fetch(cursor_of(steps)))) == []


def test_talk_with_an_ignored_account_stays_out(server: MockServer) -> None:
    carol, alice = server.client("carol"), server.client("alice")
    carol.status_post("@alice your digest", visibility="direct")
    alice.status_post("@carol more of this", visibility="direct")
    alice.status_post("@carol is a good bot")
    handle = f"carol@{urlsplit(carol.me()['url']).netloc}"
    steps = list(source(server, ignore=frozenset({handle})).fetch(None))
    assert {text.partition(" ")[2] for text in texts(steps)} == {"is a good bot"}


def test_the_read_marker_tells_how_far_the_owner_has_read(server: MockServer) -> None:
    post = server.client("bob").status_post("read")
    server.client("alice").markers_set(["home"], [post["id"]])
    steps = list(source(server).fetch(None))
    assert [s.read_up_to for s in steps if isinstance(s, Fetched) and s.read_up_to] == [("home", post["created_at"])]
    again = list(source(server).fetch(cursor_of(steps)))
    assert [s.read_up_to for s in again if isinstance(s, Fetched) and s.read_up_to] == []
    silent = list(source(server, home_marker=False).fetch(None))
    assert [s.read_up_to for s in silent if isinstance(s, Fetched) and s.read_up_to] == []


def test_a_recheck_shows_edits_and_deletions(server: MockServer) -> None:
    bob = server.client("bob")
    kept, gone = bob.status_post("old words"), bob.status_post("going")
    bob.status_update(kept, "new words")
    bob.status_delete(gone)
    home = source(server)
    assert isinstance(home, Rechecks)
    refs = [f"{server.base_url}#{post['id']}" for post in (kept, gone)]
    steps = list(home.recheck([*refs, "https://elsewhere.example#1"]))
    assert texts(steps) == ["new words"]
    assert facts(steps, "gone") == [refs[1]]
