"""What the Mastodon channel says on a running mock server: to the owner alone, within limits, and once."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("mastodon_mock")
from mastodon_mock.testing.server import MockServer

from bot.channels.mastodon import MastodonChannel
from config.errors import ChannelError
from memory.records import Span
from tests.bot.wire import POSTS, Wire, alice, heard_by, posts_of_the_bot, said, source_of, to


def test_a_message_is_a_direct_post_to_the_owner_alone(server: MockServer, channel: MastodonChannel) -> None:
    (posted,) = channel.send(said("Good morning.", language="en"))
    (status,) = posts_of_the_bot(server)
    assert str(status.id) == posted
    assert (status.visibility, status.language) == ("direct", "en")
    assert [mention.acct for mention in status.mentions] == ["alice"]
    assert source_of(server, posted) == "@alice Good morning."
    assert [n.type for n in heard_by(server, "alice_token")] == ["mention"]


def test_an_owner_on_another_server_is_called_by_the_full_handle(server: MockServer, naps: list[float]) -> None:
    (posted,) = to(server.base_url, naps, "dave@remote.example").send(said("Hello."))
    assert source_of(server, posted) == "@dave@remote.example Hello."
    assert len(heard_by(server, "dave_token")) == 1


def test_foreign_mentions_notify_nobody(server: MockServer, channel: MastodonChannel) -> None:
    (posted,) = channel.send(
        said(
            "@carol ",
            Span("quote", "ask @carol and carol@mock.local, or @carol@mock.local"),
            Span("handle", "carol@mock.local"),
            Span("link", "the post", "https://mock.local/@carol/1?to=@carol"),
            warning="@carol",
        )
    )
    assert heard_by(server, "carol_token") == []
    assert [m.acct for m in posts_of_the_bot(server)[0].mentions] == ["alice"]
    assert "https://mock.local/@%63arol/1?to=%40carol" in source_of(server, posted)


def test_a_server_that_knows_links_gets_them_as_they_are(wire: Wire, through: MastodonChannel) -> None:
    wire.back = lambda path, body: body.replace(b"matthewdeanmartin/mastodon_mock", b"mastodon/mastodon")
    assert through._texts(said(Span("link", "", "https://mock.local/@carol/1"))) == ["https://mock.local/@carol/1"]


def test_a_long_quote_is_shortened_to_fit_into_one_post(server: MockServer, channel: MastodonChannel) -> None:
    (posted,) = channel.send(said("1. Trains ", Span("quote", "very long words " * 100), warning="A long one"))
    (status,) = posts_of_the_bot(server)
    text = source_of(server, posted)
    assert text.endswith("…”")
    assert 450 < len(text) + len(status.spoiler_text) <= 500
    assert status.spoiler_text == "A long one"


def test_a_long_message_becomes_a_thread_in_order(server: MockServer, channel: MastodonChannel) -> None:
    sentences = [f"This is sentence number {n} of a long message." for n in range(40)]
    ids = channel.send(said(" ".join(sentences), warning="Long"))
    thread = posts_of_the_bot(server)
    texts = [source_of(server, status.id) for status in thread]
    assert ids == tuple(str(status.id) for status in thread)
    assert [str(status.in_reply_to_id) for status in thread[1:]] == [str(status.id) for status in thread[:-1]]
    assert all(len(text) + 4 <= 500 and text.startswith("@alice ") for text in texts)
    assert {status.spoiler_text for status in thread} == {"Long"}
    assert " ".join(text.removeprefix("@alice ") for text in texts) == " ".join(sentences)


def test_a_server_that_counts_links_in_full_gets_two_posts(server: MockServer, channel: MastodonChannel) -> None:
    url = "https://example.org/" + "x" * 100
    channel.send(said("Some words. " * 38, Span("link", "", url)))
    texts = [source_of(server, status.id) for status in posts_of_the_bot(server)]
    assert len(texts) == 2
    assert url in texts[1]


@pytest.mark.parametrize("missing", ["/api/v2/instance*", "/api/v*/instance*"])
def test_a_server_without_the_newest_description_is_understood(
    server: MockServer, channel: MastodonChannel, missing: str
) -> None:
    with server.fault(path=missing, status=404):
        assert channel._api.instance.limit == 500
        assert channel._api.instance.per_link == 23


def test_the_limit_is_the_servers_own(wire: Wire, through: MastodonChannel) -> None:
    wire.back = lambda path, body: re.sub(rb'"max_characters": ?\d+', b'"max_characters":5000', body)
    assert len(through._texts(said("word " * 600))) == 1


def test_an_answer_hangs_below_what_it_answers(server: MockServer, channel: MastodonChannel) -> None:
    question = alice(server).status_post("@magpie why 2?", visibility="direct")
    channel.send(said("Because.", reply_to=str(question.id)))
    assert str(posts_of_the_bot(server)[0].in_reply_to_id) == str(question.id)


def test_an_answer_to_something_deleted_is_sent_all_the_same(server: MockServer, channel: MastodonChannel) -> None:
    with server.fault(path=POSTS, methods=["POST"], status=404, count=1):
        channel.send(said("Because.", reply_to="12345"))
    assert [status.in_reply_to_id for status in posts_of_the_bot(server)] == [None]


def test_the_same_key_is_said_once(server: MockServer, naps: list[float]) -> None:
    ids = {to(server.base_url, naps).send(said("Once.")) for _ in range(2)}
    assert len(ids) == 1
    assert len(posts_of_the_bot(server)) == 1


def test_a_message_of_nothing_is_not_sent(server: MockServer, channel: MastodonChannel) -> None:
    with pytest.raises(ChannelError, match="empty"):
        channel.send(said(" "))
    assert posts_of_the_bot(server) == []


@pytest.mark.parametrize(
    ("meant", "became"),
    [(b"visibility=direct", b"visibility=public"), (b"status=%40alice", b"status=%40alice+%40carol")],
    ids=["it is public", "it mentions others"],
)
def test_a_post_that_others_could_see_is_deleted_at_once(
    server: MockServer, wire: Wire, through: MastodonChannel, meant: bytes, became: bytes
) -> None:
    wire.there = lambda path, body: (path, body.replace(meant, became))
    with pytest.raises(ChannelError, match="deleted at once because others could see it"):
        through.send(said("Private."))
    assert posts_of_the_bot(server) == []


def test_nothing_is_posted_to_an_owner_whom_this_server_should_know_and_does_not(
    server: MockServer, wire: Wire, naps: list[float]
) -> None:
    nobody = to(wire.url, naps, "nobody@mock.local")
    for _ in range(2):
        with pytest.raises(ChannelError, match=r"knows no account 'nobody@mock\.local': correct \[owner\] handle"):
            nobody.send(said("Private."))
    assert [asked for asked in wire.asked if asked.startswith("POST")] == []


def test_a_post_to_an_owner_elsewhere_that_nobody_knows_is_deleted_at_once(
    server: MockServer, naps: list[float]
) -> None:
    with pytest.raises(ChannelError, match=r"did not reach the owner.*nobody@remote\.example"):
        to(server.base_url, naps, "nobody@remote.example").send(said("Private."))
    assert posts_of_the_bot(server) == []


def test_a_post_can_be_taken_back_twice(server: MockServer, channel: MastodonChannel) -> None:
    (posted,) = channel.send(said("Oops."))
    channel.retract(posted)
    channel.retract(posted)
    assert posts_of_the_bot(server) == []
