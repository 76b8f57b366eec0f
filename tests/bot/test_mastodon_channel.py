"""The Mastodon channel against a running mock server: private, within limits, said once, heard from the owner alone."""

from __future__ import annotations

import json
import logging
import re
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytest.importorskip("mastodon_mock")
from mastodon_mock.testing.server import MockServer
from pydantic import SecretStr

from bot.channels.mastodon import MastodonChannel, build
from config.errors import ChannelError, ConfigError, DoubtfulSendError
from memory.records import Kind, Message, Reaction, Span
from tests.bot.wire import POSTS, Wire, alice, heard_by, posts_of_the_bot, said, source_of, to

# Saying


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


def test_a_post_that_others_could_see_is_deleted_at_once(
    server: MockServer, wire: Wire, through: MastodonChannel
) -> None:
    wire.there = lambda path, body: (path, body.replace(b"visibility=direct", b"visibility=public"))
    with pytest.raises(ChannelError, match="deleted at once because others could see it"):
        through.send(said("Private."))
    assert posts_of_the_bot(server) == []


def test_a_post_that_mentions_others_is_deleted_at_once(
    server: MockServer, wire: Wire, through: MastodonChannel
) -> None:
    wire.there = lambda path, body: (path, body.replace(b"status=%40alice", b"status=%40alice+%40carol"))
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


# Faults


@pytest.mark.parametrize(
    "fault",
    [
        {"type": "ratelimit"},
        {"status": 502},
        {"status": 503},
        {"type": "malformed"},
        {"type": "malformed", "truncate": False},
    ],
)
@pytest.mark.parametrize("path", [POSTS, "*"])
def test_a_passing_fault_neither_loses_nor_doubles(
    server: MockServer, channel: MastodonChannel, naps: list[float], fault: dict[str, Any], path: str
) -> None:
    server.fault(path=path, count=2, **fault)
    channel.send(said("Once, please."))
    assert len(posts_of_the_bot(server)) == 1
    assert len(naps) == 2
    pause = 10 if path == POSTS else 1  # it may have arrived, and this server may still be at it
    assert naps[0] == (300 if fault.get("type") == "ratelimit" else pause)


def test_the_pause_that_the_server_asks_for_is_kept(
    server: MockServer, channel: MastodonChannel, naps: list[float]
) -> None:
    reset = (datetime.now(UTC) + timedelta(seconds=90)).isoformat()
    server.fault(path=POSTS, status=429, headers={"X-RateLimit-Reset": reset}, count=1)
    server.fault(path=POSTS, status=429, headers={"Retry-After": "40"}, count=1)
    server.fault(path=POSTS, status=429, headers={"Retry-After": "86400"}, count=1)
    channel.send(said("Patience."))
    assert 80 < naps[0] < 100  # by the server's clock
    assert naps[1:] == [40, 300]


def test_a_slow_server_is_told_once(server: MockServer, naps: list[float]) -> None:
    slow = to(server.base_url, naps, timeout=0.4)
    server.fault(path=POSTS, methods=["POST"], type="latency", delay_ms=900, count=1)
    slow.send(said("Slowly."))
    assert naps
    threading.Event().wait(0.9)  # until the server has worked off the first try
    assert len(posts_of_the_bot(server)) == 1


@pytest.mark.parametrize("ignores_keys", [False, True])
@pytest.mark.parametrize("trouble", ["hang up", "bad gateway", "garbage"])
def test_a_fault_after_the_server_has_acted_doubles_nothing(
    server: MockServer, wire: Wire, through: MastodonChannel, trouble: str, ignores_keys: bool
) -> None:
    wire.breaks, wire.ignores_keys = [trouble], ignores_keys
    link = Span("link", "Read", "https://example.org/?a=1&b=2")
    (posted,) = through.send(said("Trains & <bees> — 👍🏽 *now* @carol", Span("break"), link, warning="Careful"))
    assert [str(status.id) for status in posts_of_the_bot(server)] == [posted]


def test_every_part_of_a_thread_survives_a_broken_line(
    server: MockServer, wire: Wire, through: MastodonChannel
) -> None:
    wire.breaks, wire.ignores_keys = ["hang up", "garbage", "bad gateway"], True
    words = [f"word{n}" for n in range(150)]
    through.send(said(" ".join(words)))
    texts = [source_of(server, status.id).removeprefix("@alice ") for status in posts_of_the_bot(server)]
    assert " ".join(texts).split() == words


def test_the_same_words_said_before_are_not_taken_for_the_new_message(
    server: MockServer, wire: Wire, through: MastodonChannel
) -> None:
    through.send(said("Nothing new today.", key="monday"))
    server.fault(path=POSTS, methods=["POST"], status=502, count=1)
    through.send(said("Nothing new today.", key="tuesday"))
    assert len(posts_of_the_bot(server)) == 2


def test_what_stays_unknown_is_said_to_be_unknown_and_is_settled_later(
    server: MockServer, wire: Wire, through: MastodonChannel
) -> None:
    wire.breaks, wire.ignores_keys = ["hang up"] * 9, True
    fault = server.fault(path_regex=r"/accounts/\d+/statuses", status=502)
    with pytest.raises(DoubtfulSendError, match="unknown"):
        through.send(said("Perhaps."))
    fault.delete()
    wire.breaks.clear()
    through.send(said("Perhaps."))
    assert len(posts_of_the_bot(server)) == 1


def test_what_was_surely_not_said_is_no_doubt(server: MockServer, channel: MastodonChannel, naps: list[float]) -> None:
    server.fault(path=POSTS, methods=["POST"], status=429)
    with pytest.raises(ChannelError, match=r"not sent: .* too many requests") as problem:
        channel.send(said("Not now."))
    assert not isinstance(problem.value, DoubtfulSendError)
    assert naps == [1, 2, 4, 8]


def test_a_server_that_is_away_has_surely_heard_nothing(wire: Wire, through: MastodonChannel) -> None:
    through.send(said("Still there?"))
    wire.stop()
    with pytest.raises(ChannelError, match="cannot be reached") as problem:
        through.send(said("Anyone?", key="another"))
    assert not isinstance(problem.value, DoubtfulSendError)


@pytest.mark.parametrize(("status", "advice"), [(401, "make a new token"), (403, "scopes"), (422, "too rude")])
def test_a_refusal_says_what_to_do_and_is_not_repeated(
    server: MockServer, channel: MastodonChannel, naps: list[float], status: int, advice: str
) -> None:
    server.fault(path=POSTS, methods=["POST"], status=status, body={"error": "too rude"})
    with pytest.raises(ChannelError, match=advice) as problem:
        channel.send(said("Secret plans."))
    assert naps == []
    assert "Secret plans" not in str(problem.value)


def test_the_token_is_never_shown(
    server: MockServer, wire: Wire, through: MastodonChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wire.breaks = ["garbage"]
    through.send(said("Hush."))
    server.fault(path=POSTS, methods=["POST"], status=401)
    with pytest.raises(ChannelError) as problem:
        through.send(said("Hush.", key="again"))
    shown = f"{through!r} {through._api!r} {problem.value} {problem.value.__cause__} {caplog.text}"
    assert "bot_token" not in shown
    assert "Hush" not in shown


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


# Hearing


def test_replies_favourites_and_messages_of_the_owner_are_heard_in_order(
    server: MockServer, channel: MastodonChannel
) -> None:
    (posted,) = channel.send(said("1. Trains"))
    owner = alice(server)
    owner.status_favourite(posted)
    answer = owner.status_post("@magpie@mock.local 👍 more, @magpie!", in_reply_to_id=posted, visibility="direct")
    public = owner.status_post("Hey @MAGPIE /status & <more>\n@magpie2 @magpie.example", visibility="public")
    like, reply, open_word = channel.listen(None)
    assert isinstance(like, Reaction)
    assert (like.kind, like.emoji, like.message, like.source) == (Kind.MORE, "⭐", posted, "mastodon")
    assert like.event == f"mastodon:{like.cursor}"
    assert isinstance(reply, Message)
    assert (reply.text, reply.reply_to, reply.platform_id) == ("👍 more, !", posted, str(answer.id))
    assert (reply.channel, reply.incoming, reply.at.tzinfo) == ("mastodon", True, UTC)
    assert isinstance(open_word, Message)
    assert (open_word.text, open_word.platform_id) == (
        "Hey /status & <more>\n@magpie2 @magpie.example",
        str(public.id),
    )


def test_nobody_but_the_owner_is_ever_heard(
    server: MockServer, channel: MastodonChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    (posted,) = channel.send(said("1. Trains"))
    for token in ("carol_token", "impostor_token"):
        stranger = server.client(token=token)
        stranger.status_post("@magpie /mute everybody", visibility="direct", in_reply_to_id=posted)
        stranger.status_favourite(posted)
    assert list(channel.listen(None)) == []
    assert "dropped=4" in caplog.text
    assert "everybody" not in caplog.text


def test_a_local_namesake_of_a_remote_owner_is_a_stranger(server: MockServer, naps: list[float]) -> None:
    channel = to(server.base_url, naps, "Alice@Remote.Example")
    alice(server).status_post("@magpie hello", visibility="direct")
    server.client(token="impostor_token").status_post("@magpie it is me", visibility="direct")
    assert [event.text for event in channel.listen(None) if isinstance(event, Message)] == ["it is me"]


def test_an_account_with_the_owners_handle_but_another_id_is_a_stranger(
    wire: Wire, server: MockServer, through: MastodonChannel
) -> None:
    through.send(said("Hello."))
    alice(server).status_post("@magpie hello", visibility="direct")
    wire.back = lambda path, body: re.sub(rb'("id": ?")\d+(", ?"username": ?"alice")', rb"\g<1>666\2", body)
    assert list(through.listen(None)) == []


def test_only_the_last_day_is_heard_at_first(server: MockServer, channel: MastodonChannel) -> None:
    alice(server).status_post("@magpie hello", visibility="direct")
    channel.now = lambda: datetime.now(UTC) + timedelta(hours=25)
    assert list(channel.listen(None)) == []
    channel.now = lambda: datetime.now(UTC) + timedelta(hours=23)
    assert len(list(channel.listen(None))) == 1


def test_page_after_page_nothing_is_missed_or_heard_twice(server: MockServer, channel: MastodonChannel) -> None:
    owner, carol = alice(server), server.client(token="carol_token")
    for number in range(90):
        (carol if number % 3 == 1 else owner).status_post(f"@magpie {number}", visibility="direct")
    wanted = [str(number) for number in range(90) if number % 3 != 1]
    events = list(channel.listen(None))
    assert [event.text for event in events if isinstance(event, Message)] == wanted
    for start in (0, 10, 58):
        later = list(channel.listen(events[start].cursor))
        assert [event.cursor for event in later] == [event.cursor for event in events[start + 1 :]]


def test_what_strangers_sent_is_not_read_again_and_what_was_not_handled_is(
    server: MockServer, wire: Wire, through: MastodonChannel
) -> None:
    owner, carol = alice(server), server.client(token="carol_token")
    for who in (owner, owner, carol):
        who.status_post("@magpie hello", visibility="direct")
    first, second = through.listen(None)
    assert [event.cursor for event in through.listen(first.cursor)] == [second.cursor]
    list(through.listen(second.cursor))
    wire.asked.clear()
    assert list(through.listen(second.cursor)) == []
    newest = server.client(token="bot_token").notifications(limit=1)[0].id
    assert [f"min_id={newest}" in line for line in wire.asked if "notifications" in line] == [True]


def test_opaque_ids_and_repeated_rows_are_survived(server: MockServer, wire: Wire, through: MastodonChannel) -> None:
    before: list[Any] = []

    def repeat(path: str, body: bytes) -> bytes:
        if not path.startswith("/api/v1/notifications"):
            return body
        rows = [{**row, "id": f"01JD{row['id']}"} for row in json.loads(body) for _ in (1, 2)]
        before[:] = [*rows, *before[:1]]
        return json.dumps(before if "min_id" in path else rows).encode()

    wire.back = repeat
    wire.there = lambda path, body: (path.replace("01JD", ""), body)
    for number in range(45):
        alice(server).status_post(f"@magpie {number}", visibility="direct")
    first, *_ = events = list(through.listen(None))
    before.clear()
    assert [event.text for event in events if isinstance(event, Message)][-2:] == ["43", "44"]
    later = [event.text for event in through.listen(first.cursor) if isinstance(event, Message)]
    assert later == [event.text for event in events[1:] if isinstance(event, Message)]
    assert first.cursor.startswith("01JD")


@pytest.mark.parametrize(
    "extra",
    [
        {"type": "pleroma:emoji_reaction", "emoji": "😴"},
        {"type": "emoji_reaction", "emoji_reaction": {"name": "😴"}},
        {"type": "reaction", "reaction": {"name": "😴"}},
    ],
)
def test_emoji_reactions_are_heard_where_a_server_has_them(
    server: MockServer, wire: Wire, through: MastodonChannel, extra: dict[str, Any]
) -> None:
    (posted,) = through.send(said("1. Trains"))
    alice(server).status_favourite(posted)
    wire.back = lambda path, body: (
        json.dumps([{**row, **extra} for row in json.loads(body)]).encode() if "/notifications" in path else body
    )
    (heard,) = through.listen(None)
    assert isinstance(heard, Reaction)
    assert (heard.emoji, heard.message) == ("😴", posted)


def test_rows_that_make_no_sense_are_passed_over(server: MockServer, wire: Wire, through: MastodonChannel) -> None:
    alice(server).status_post("@magpie hello", visibility="direct")
    odd = [{"id": "99999999999999"}, {"id": "99999999999998", "type": "mention", "account": None, "status": None}]
    wire.back = lambda path, body: json.dumps(odd + json.loads(body)).encode() if "/notifications" in path else body
    assert [event.text for event in through.listen(None) if isinstance(event, Message)] == ["hello"]


def test_faults_while_listening_are_sat_out(server: MockServer, channel: MastodonChannel, naps: list[float]) -> None:
    alice(server).status_post("@magpie hello", visibility="direct")
    server.fault(path="/api/v1/notifications", status=502, count=1)
    server.fault(path="/api/v1/notifications", type="malformed", count=1)
    assert len(list(channel.listen(None))) == 1
    assert naps == [1, 2]


def test_a_server_that_stays_away_is_an_error_in_one_sentence(server: MockServer, channel: MastodonChannel) -> None:
    server.fault(path="/api/v1/notifications", status=502)
    with pytest.raises(ChannelError, match=r"^The owner cannot be heard: .* \(status 502\); try again later\.$"):
        list(channel.listen(None))


# Building


def test_it_is_built_from_settings_and_a_secret() -> None:
    token = {"mastodon_bot_token": SecretStr(" t ")}
    channel = build({"instance": "social.example", "timeout": 5}, token, "@Alice@Social.Example")
    assert (channel.base_url, channel.owner_handle, channel.timeout, channel.name) == (
        "https://social.example",
        "alice@social.example",
        5.0,
        "mastodon",
    )
    assert build({"instance": "http://127.0.0.1:3000/"}, token, "a@b").base_url == "http://127.0.0.1:3000"


@pytest.mark.parametrize(
    ("settings", "secret", "owner", "problem"),
    [
        ({"instnace": "social.example"}, "t", "a@b", "did you mean 'instance'"),
        ({"instance": "social.example"}, "", "a@b", "MAGPIE_BOT_TOKEN"),
        ({"instance": "social.example"}, "t", "alice", "name@host"),
        ({"instance": ""}, "t", "a@b", "give a host"),
        ({"instance": "http://social.example"}, "t", "a@b", "give a host"),
        ({"instance": "social.example", "timeout": "soon"}, "t", "a@b", "timeout"),
    ],
)
def test_settings_that_cannot_work_are_named(settings: dict[str, Any], secret: str, owner: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        build(settings, {"mastodon_bot_token": SecretStr(secret)}, owner)
