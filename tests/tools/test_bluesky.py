"""Bluesky as a source."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from config.errors import ConfigError, SourceError
from memory.records import Fetched, How, Kind, Visibility
from tests.tools.recorded import Recorded, fetched, recorded_web, source
from tools.sources.bluesky import build

PASSWORD = {"bluesky_password": SecretStr("abcd-efgh-ijkl-mnop")}


@pytest.fixture(scope="module")
def steps() -> dict[str, Fetched]:
    return {
        step.item.uri.rpartition("/")[2] + "".join(r.kind for r in step.reactions[:1]): step
        for step in fetched(source("bluesky"))
        if step.item
    }


def test_a_post_is_read_with_its_facets(steps: dict[str, Fetched]) -> None:
    item = steps["3ld4"].item
    assert item is not None
    assert item.url == "https://bsky.app/profile/did:plc:tomasz/post/3ld4"
    assert item.links == ("https://rail.example/malmo?utm_medium=social",)
    assert (item.tags, item.mentions, item.language) == (("nighttrains",), ("hollis@bsky.social",), "en")
    assert (item.media[0].alt, item.warning) == ("A blue train at night", "graphic-media")


def test_who_wants_to_be_seen_by_those_who_are_logged_in_is_kept_from_others(steps: dict[str, Fetched]) -> None:
    item = steps["3ld4"].item
    assert item is not None and item.visibility is Visibility.FOLLOWERS


def test_a_like_bears_the_time_it_was_given(steps: dict[str, Fetched]) -> None:
    (like,) = steps["3la1like"].reactions
    assert (like.kind, like.at) == (Kind.LIKE, datetime(2026, 11, 19, 8, 30, tzinfo=UTC))


def test_the_owners_own_answers_are_deeds(steps: dict[str, Fetched]) -> None:
    kinds = {reaction.kind: reaction.item for reaction in steps["3lc3authored"].reactions}
    assert kinds[Kind.REPLY] == "at://did:plc:hollis/app.bsky.feed.post/3la1"
    assert steps["3lc3authored"].shares == ()


def test_reposts_and_quotes_are_shares(steps: dict[str, Fetched]) -> None:
    assert [(share.account, share.how) for share in steps["3le5"].shares] == [("did:plc:tomasz", How.BOOSTED)]
    quoted = steps["3lf6"]
    assert quoted.quoted is not None and quoted.quoted.text == "Swarm's in the box."
    assert [share.how for share in quoted.shares] == [How.POSTED, How.QUOTED]


def test_the_password_goes_to_the_login_alone() -> None:
    web = recorded_web("bluesky")
    fetched(source("bluesky", web=web))
    forms = [(url.rpartition("/")[2], form) for url, _, form in web.asked if form]
    assert forms == [
        ("com.atproto.server.createSession", {"identifier": "wren.bsky.social", "password": "abcd-efgh-ijkl-mnop"})
    ]
    assert "abcd" not in repr(source("bluesky"))


def test_a_login_that_is_refused_is_one_sentence() -> None:
    web = Recorded()
    web.says(
        "https://bsky.social/xrpc/com.atproto.server.createSession", '{"error": "AuthenticationRequired"}', status=401
    )
    with pytest.raises(SourceError, match="refuses the app password of wren"):
        list(source("bluesky", web=web).fetch(None))


@pytest.mark.parametrize(
    ("settings", "secrets"),
    [({}, PASSWORD), ({"handle": "wren"}, PASSWORD), ({"handle": "wren.bsky.social"}, {}),
     ({"handle": "wren.bsky.social", "service": "http://bsky.social"}, PASSWORD)],
)  # fmt: skip
def test_what_cannot_work_is_refused(settings: dict[str, object], secrets: dict[str, SecretStr]) -> None:
    with pytest.raises(ConfigError):
        build(settings, secrets)
