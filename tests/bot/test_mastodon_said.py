"""What was in doubt when a process was killed is read back from the server, and only what is missing is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytest.importorskip("mastodon_mock")
from mastodon_mock.testing.server import MockServer

from bot.channels import Past
from bot.channels.mastodon import MastodonChannel
from bot.channels.mastodon_said import says
from config.errors import ChannelError, DoubtfulSendError
from memory.records import Span
from tests.bot.wire import Wire, posts_of_the_bot, said, source_of, to

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LONG = " ".join(f"This is sentence number {n} of a long message." for n in range(40))


def in_doubt(*recorded: str, ago: timedelta = MINUTE) -> Past:
    """Tried once, a while ago, by a process that was killed over it."""
    tried = datetime.now(UTC) - ago
    return Past(tried, tried, lambda: frozenset(recorded))


@pytest.fixture
def restarted(wire: Wire, naps: list[float]) -> Callable[[], MastodonChannel]:
    """A channel that knows nothing of what another has said, on a server that knows no keys."""
    wire.ignores_keys = True
    return lambda: to(wire.url, naps)


def texts(server: MockServer) -> list[str]:
    return [source_of(server, status.id).removeprefix("@alice ") for status in posts_of_the_bot(server)]


def test_what_was_said_before_the_kill_is_not_said_again(
    server: MockServer, restarted: Callable[[], MastodonChannel]
) -> None:
    link = Span("link", "Read", "https://example.org/?a=1&b=2")
    out = said("Trains & <bees> — 👍🏽 *now* @carol “so”", Span("break"), link, warning="Careful")
    posted = restarted().send(out)
    assert restarted().send(out, in_doubt()) == posted
    assert len(posts_of_the_bot(server)) == 1


def test_what_was_not_said_before_the_kill_is_said_now(
    server: MockServer, restarted: Callable[[], MastodonChannel]
) -> None:
    restarted().send(said("The day before."))
    restarted().send(said("The day after."), in_doubt())
    assert texts(server) == ["The day before.", "The day after."]


@pytest.mark.parametrize("arrived", [0, 1, 2, 3, 4])
def test_a_message_of_which_a_part_was_said_goes_on_with_the_others(
    server: MockServer, wire: Wire, restarted: Callable[[], MastodonChannel], arrived: int
) -> None:
    class Killed(BaseException):
        pass

    dying, parts = restarted(), []

    def deliver(letter: Any, past: Past, deliver: Any = dying._post.deliver) -> str:
        if len(parts) == arrived:
            raise Killed
        parts.append(deliver(letter, past))
        return str(parts[-1])

    dying._post.deliver = deliver  # type: ignore[method-assign]
    try:
        dying.send(said(LONG))
    except Killed:
        assert len(posts_of_the_bot(server)) == arrived
    ids = restarted().send(said(LONG), in_doubt())
    thread = posts_of_the_bot(server)
    assert " ".join(texts(server)) == LONG
    assert ids == tuple(str(status.id) for status in thread)
    assert [str(status.in_reply_to_id) for status in thread[1:]] == list(ids[:-1])


def test_two_messages_of_the_same_words_are_not_taken_for_each_other(
    server: MockServer, restarted: Callable[[], MastodonChannel]
) -> None:
    (first,) = restarted().send(said("Noted.", key="a"))
    (second,) = restarted().send(said("Noted.", key="b"), in_doubt(first))
    assert second != first
    assert restarted().send(said("Noted.", key="b"), in_doubt(first)) == (second,)
    assert len(posts_of_the_bot(server)) == 2


def test_the_words_of_an_earlier_process_are_not_taken_for_what_fails_now(
    server: MockServer, restarted: Callable[[], MastodonChannel]
) -> None:
    (first,) = restarted().send(said("Noted.", key="a"))
    server.fault(path="/api/v1/statuses", methods=["POST"], status=502, count=1)
    restarted().send(said("Noted.", key="b"), Past(recorded=lambda: {first}))
    assert len(posts_of_the_bot(server)) == 2


@pytest.mark.parametrize("ago", [-DAY, DAY])
def test_clocks_that_are_a_day_apart_do_not_matter(
    server: MockServer, restarted: Callable[[], MastodonChannel], ago: timedelta
) -> None:
    (before,) = restarted().send(said("The day before."))
    posted = restarted().send(said("Today."))
    assert restarted().send(said("Today."), in_doubt(before, ago=ago)) == posted
    assert len(posts_of_the_bot(server)) == 2


def test_what_an_account_said_long_before_magpie_had_it_is_not_taken_for_the_first_message(
    server: MockServer, restarted: Callable[[], MastodonChannel]
) -> None:
    restarted().send(said("Good morning."))
    later = restarted()
    later.now = lambda: datetime.now(UTC) + DAY
    tried = later.now()
    later.send(said("Good morning."), Past(tried, tried))
    assert len(posts_of_the_bot(server)) == 2


def test_what_was_said_is_found_however_much_was_posted_since(
    server: MockServer, restarted: Callable[[], MastodonChannel]
) -> None:
    posted = restarted().send(said("The one in doubt."))
    bot = server.client(token="bot_token")
    for number in range(45):
        bot.status_post(f"Posted by hand, {number}.", visibility="public")
    assert restarted().send(said("The one in doubt."), in_doubt()) == posted


def test_what_more_people_than_the_owner_can_see_is_deleted_after_a_kill_too(
    server: MockServer, restarted: Callable[[], MastodonChannel]
) -> None:
    server.client(token="bot_token").status_post("@alice Private.", visibility="public")
    with pytest.raises(ChannelError, match="deleted at once because others could see it"):
        restarted().send(said("Private."), in_doubt())
    assert posts_of_the_bot(server) == []


def test_a_server_that_may_still_be_at_it_is_given_the_time_to_be_done(
    restarted: Callable[[], MastodonChannel], naps: list[float]
) -> None:
    restarted().send(said("Now."), in_doubt(ago=MINUTE))
    assert naps == []
    restarted().send(said("Now.", key="b"), in_doubt(ago=timedelta(seconds=5)))
    assert 4 < naps[0] <= 5
    restarted().send(said("Now.", key="c"), in_doubt(ago=-DAY))
    assert naps[1:] == [10]


def mastodon(path: str, body: bytes) -> bytes:
    return body.replace(b"matthewdeanmartin/mastodon_mock", b"mastodon/mastodon")


def test_mastodon_itself_needs_no_such_time(wire: Wire, through: MastodonChannel, naps: list[float]) -> None:
    wire.back = mastodon
    through.send(said("Now."), in_doubt(ago=timedelta()))
    assert naps == []


@pytest.mark.parametrize(("ago", "trusted"), [(49 * MINUTE, True), (51 * MINUTE, False), (-MINUTE, False)])
def test_where_nothing_can_be_read_back_a_fresh_key_will_do_on_mastodon(
    server: MockServer, wire: Wire, through: MastodonChannel, ago: timedelta, trusted: bool
) -> None:
    wire.back = mastodon
    to(wire.url, []).send(said("Once."))
    server.fault(path_regex=r"/accounts/\d+/statuses", status=403)
    if trusted:
        through.send(said("Once."), in_doubt(ago=ago))
    else:
        with pytest.raises(DoubtfulSendError, match=r"unknown whether a message has arrived: .*scopes"):
            through.send(said("Once."), in_doubt(ago=ago))
    assert wire.asked.count("POST /api/v1/statuses") == 1 + trusted


def test_where_nothing_can_be_read_back_elsewhere_nothing_is_said(
    server: MockServer, wire: Wire, restarted: Callable[[], MastodonChannel]
) -> None:
    server.fault(path_regex=r"/accounts/\d+/statuses", status=502)
    with pytest.raises(DoubtfulSendError):
        restarted().send(said("Once."), in_doubt())
    assert not re.search("POST /api/v1/statuses", " ".join(wire.asked))


def test_a_server_that_is_away_while_it_is_asked_leaves_the_doubt(
    server: MockServer, wire: Wire, restarted: Callable[[], MastodonChannel]
) -> None:
    channel = restarted()
    channel.send(said("Hello."))  # so that it knows the server already
    wire.stop()
    with pytest.raises(DoubtfulSendError):
        channel.send(said("Once.", key="b"), in_doubt())


@pytest.mark.parametrize(
    "content",
    [
        "<p>@alice “Trains” &amp; <a href='https://example.org/a?b=1'>https://example.org/a?b=1</a> — more</p>",
        '<p><span class="h-card"><a class="u-url mention">@<span>alice</span></a></span> “Trains” &amp; '
        '<a><span class="invisible">https://</span><span>example.org/a?b=1</span></a><br/>— more</p>',
        "<p>@alice@home.example &quot;Trains&quot; &amp; https://example.org/a?b=1 – <em>more</em></p>",
        "@alice Trains & example.org/a?b=1 -- more",
    ],
)
def test_however_a_server_shows_a_text_it_is_recognised(content: str) -> None:
    assert says({"content": content}, "@alice@home.example “Trains” & https://example.org/a?b=1\n— *more*")


@pytest.mark.parametrize(
    "content", ["", "<p>@alice</p>", "<p>@alice Trains</p>", "<p>@alice “Ships” &amp; https://example.org/c</p>"]
)
def test_another_text_is_not(content: str) -> None:
    assert not says({"content": content}, "@alice “Trains” & https://example.org/a?b=1 — more")


def test_pictures_count_as_words() -> None:
    assert says({"content": "<p>@alice 👍🏽</p>"}, "@alice 👍")
    assert not says({"content": "<p>@alice 👎</p>"}, "@alice 👍")
