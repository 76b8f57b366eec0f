"""What the Mastodon channel hears on a running mock server: the owner alone, in order, nothing missed or twice."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytest.importorskip("mastodon_mock")
from mastodon_mock.testing.server import MockServer

from bot.channels.mastodon import MastodonChannel
from config.errors import ChannelError
from memory.records import Kind, Message, Reaction
from tests.bot.wire import Wire, alice, said, to


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
