"""The channel of Telegram, by the real library, against a server that enforces what Telegram enforces."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

pytest.importorskip("telegram")

import requests

from bot.channels import Closes, Past, Roomy, Typing, Wakes
from bot.channels.telegram import TelegramChannel, build
from bot.channels.telegram_door import secret_of
from bot.channels.telegram_menu import introduce
from bot.menu import menu
from config.errors import ChannelError, ConfigError, DoubtfulSendError, RefusedSendError
from memory.records import Message, Offer, Outgoing, Reaction, Span
from tests.fakes import words
from tests.telegram import faults
from tests.telegram.people import User, by_channel, by_hidden, by_user
from tests.telegram.server import telegram_town
from tests.telegram.world import Town

OFFERS = (Offer("👍", "👍"), Offer("👎", "👎"), Offer("Why?", "/why 3"), Offer("More", "🧵"))


@pytest.fixture
def town() -> Iterator[Town]:
    with telegram_town() as running:
        yield running


@pytest.fixture
def nell(town: Town) -> User:
    return town.person("Nell", "nell", started=True)


@dataclass
class Desk:
    """The channel of Nell, its pauses, and what a store would keep of it."""

    town: Town
    nell: User
    more: dict[str, Any] = field(default_factory=dict)
    slept: list[float] = field(default_factory=list)
    cursor: str | None = None
    made: list[TelegramChannel] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.begin()

    @property
    def channel(self) -> TelegramChannel:
        return self.made[-1]

    def begin(self) -> None:
        """As a process finds it that has just been started."""
        table = {"owner_id": self.nell.id, "base_url": self.town.url, "timeout": 0.5, **self.more}
        plain = build(table, {"telegram_bot_token": SecretStr(self.town.token)})
        self.made.append(replace(plain, sleep=self.slept.append))

    def hear(self) -> list[Message | Reaction]:
        """What is new, which is stored then."""
        heard = list(self.channel.listen(self.cursor))
        self.cursor = heard[-1].cursor if heard else self.cursor
        return heard

    def said(self) -> list[str]:
        return [one.text for one in self.town.said(self.nell)]


@pytest.fixture
def desk(town: Town, nell: User) -> Iterator[Desk]:
    made = Desk(town, nell)
    made.hear()  # from now on reactions are asked for
    yield made
    for channel in made.made:
        channel.close()


def until(true: Callable[[], object], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.005)
    return bool(true())


# -- building


@pytest.mark.parametrize(
    ("table", "token", "words"),
    [
        ({"owner_id": 1}, "", "no token of a bot"),
        ({"owner_id": 1}, "no-token", "no token of a bot"),
        ({}, "1:abc", "does not know its owner"),
        ({"owner_id": "nell"}, "1:abc", "does not know its owner"),
        ({"owner_id": 1, "chat": 2}, "1:abc", "no setting 'chat'"),
        ({"owner_id": 1, "base_url": "http://elsewhere.example"}, "1:abc", "would show the token"),
        ({"owner_id": 1, "base_url": "ftp://x"}, "1:abc", "cannot use the base_url"),
        ({"owner_id": 1, "timeout": "long"}, "1:abc", "as timeout"),
        ({"owner_id": 1, "webhook": "http://x.example/"}, "1:abc", "https addresses only"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(table: dict[str, Any], token: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as told:
        build(table, {"telegram_bot_token": SecretStr(token)})
    assert "abc" not in str(told.value)


def test_it_keeps_the_promises_of_a_channel(desk: Desk) -> None:
    assert all(isinstance(desk.channel, port) for port in (Wakes, Closes, Typing, Roomy))
    assert desk.channel.room() == 4000
    assert desk.town.token not in repr(desk.channel)


def test_the_menu_of_telegram_is_the_one_that_help_tells(desk: Desk) -> None:
    introduce(desk.channel.api)
    (told,) = desk.town.commands.values()
    assert {one["command"]: one["description"] for one in told} == menu()


# -- saying


def test_a_message_is_said_to_the_owner_without_a_preview(desk: Desk) -> None:
    out = Outgoing("k", (Span("strong", "Magpie · Friday"), Span("break"), Span("link", "Post", "https://a.example/1")))
    (known,) = desk.channel.send(out)
    (said,) = desk.town.said(desk.nell)
    assert (said.text, said.marked("bold"), said.links) == (
        "Magpie · Friday\nPost",
        ["Magpie · Friday"],
        ["https://a.example/1"],
    )
    assert said.preview["is_disabled"]
    assert known == f"7000000001-{said.id}"


def test_an_answer_is_a_reply_and_an_entry_is_none(desk: Desk) -> None:
    question = desk.nell.says("how are you?")
    (heard,) = desk.hear()
    assert isinstance(heard, Message)
    (known,) = desk.channel.send(words("answer", "Well.", reply_to=heard.platform_id))
    desk.channel.send(words("entry", "1 · Ann", reply_to=known, offers=OFFERS))
    desk.channel.send(words("answer/2", "Still well.", reply_to=known))
    answer, entry, last = desk.town.said(desk.nell)
    assert (answer.reply_to, entry.reply_to, last.reply_to) == (question, None, answer)
    silent = [call.given.get("disable_notification") for call in desk.town.called("sendMessage")]
    assert silent == ["false", "true", "false"]


def test_an_answer_to_what_is_deleted_is_said_all_the_same(desk: Desk) -> None:
    desk.channel.send(words("k", "Well.", reply_to="7000000001-99999"))
    desk.channel.send(words("l", "Well.", reply_to="of another bot"))
    assert desk.said() == ["Well.", "Well."]


def test_a_long_one_comes_in_parts_and_bears_its_buttons_at_the_end(desk: Desk) -> None:
    known = desk.channel.send(Outgoing("k", (Span("text", "word " * 2000),), offers=OFFERS))
    said = desk.town.said(desk.nell)
    assert [f"7000000001-{one.id}" for one in said] == list(known)
    assert len(said) == 3
    assert [one.buttons for one in said] == [[], [], ["👍", "👎", "Why?", "More"]]
    assert " ".join(one.text for one in said).split() == ["word"] * 2000


def test_messages_are_a_second_apart(desk: Desk) -> None:
    for key in "abc":
        desk.channel.send(words(key, key))
    assert [round(pause) for pause in desk.slept] == [1, 1]


def test_a_pause_that_is_asked_for_is_kept(desk: Desk) -> None:
    desk.town.faults.add("sendMessage", faults.too_many(7))
    desk.channel.send(words("k", "once"))
    assert desk.slept == [7.0]
    assert desk.said() == ["once"]


def test_a_pause_longer_than_anybody_waits_is_left_to_the_next_round(desk: Desk) -> None:
    desk.town.faults.add("sendMessage", faults.too_many(3600))
    with pytest.raises(ChannelError, match="too many requests"):
        desk.channel.send(words("k", "once"))
    assert desk.slept == []


@pytest.mark.parametrize("acts", [True, False])
@pytest.mark.parametrize("trouble", ["reset", "silence", "gateway", "cut"])
def test_what_may_have_arrived_is_said_again_with_the_date_of_the_first_try(
    desk: Desk, trouble: str, acts: bool
) -> None:
    kinds = {"reset": faults.reset(acts), "silence": faults.silence(1.0, acts), "gateway": faults.gateway(acts)}
    kinds["cut"] = faults.Fault("cut", acts=True, cuts=True)
    desk.town.faults.add("sendMessage", kinds[trouble])
    began = datetime.now(UTC)
    with pytest.raises(DoubtfulSendError):
        desk.channel.send(words("k", "bees"))
    desk.begin()
    desk.channel.send(words("k", "bees"), Past(began, began, in_doubt=True))
    *_, again = desk.said()
    assert again == f"May be a repeat: I first tried to say this on {began.day} {began:%B}, {began:%H:%M} UTC.\nbees"
    assert len(desk.said()) == (2 if acts or trouble == "cut" else 1)


def test_what_has_surely_not_arrived_is_no_repeat(desk: Desk) -> None:
    desk.town.faults.add("sendMessage", faults.too_many(3600))
    with pytest.raises(ChannelError):
        desk.channel.send(words("k", "bees"))
    desk.begin()
    desk.channel.send(words("k", "bees"), Past(datetime.now(UTC), datetime.now(UTC)))
    assert desk.said() == ["bees"]


def test_where_nobody_listens_nothing_can_have_arrived(desk: Desk) -> None:
    away = replace(desk.channel, base_url="http://127.0.0.1:9/bot", attempts=2)
    with pytest.raises(ChannelError, match=r"127\.0\.0\.1:9 cannot be reached") as told:
        away.send(words("k", "bees"))
    assert not isinstance(told.value, DoubtfulSendError)
    away.close()


def test_the_same_process_goes_on_where_it_stopped(desk: Desk) -> None:
    out = Outgoing("k", (Span("text", "word " * 2000),), offers=OFFERS)
    desk.town.faults.add("sendMessage", faults.too_many(3600), skip=1)
    with pytest.raises(DoubtfulSendError, match="in part"):
        desk.channel.send(out)
    known = desk.channel.send(out, Past(datetime.now(UTC), in_doubt=True))
    assert len(known) == 3
    assert " ".join(desk.said()).split() == ["word"] * 2000


def test_what_is_cut_out_meanwhile_is_not_said_after_all(desk: Desk) -> None:
    desk.town.faults.add("sendMessage", faults.gateway(False))
    with pytest.raises(DoubtfulSendError):
        desk.channel.send(words("k", "secret bees"))
    desk.channel.send(words("k", "bees"), Past(datetime.now(UTC), in_doubt=True))
    (only,) = desk.said()
    assert only.endswith("bees")
    assert "secret" not in only


def test_the_ids_that_the_first_saying_may_have_come_along(desk: Desk) -> None:
    (before,) = desk.channel.send(words("j", "a head"))
    desk.town.faults.add("sendMessage", faults.reset(True))
    with pytest.raises(DoubtfulSendError):
        desk.channel.send(words("k", "bees"))
    first = desk.town.said(desk.nell)[-1]
    mine = desk.nell.says("what?")
    desk.begin()
    past = Past(datetime.now(UTC), None, lambda: {before}, in_doubt=True, alone=lambda: True)
    known = desk.channel.send(words("k", "bees"), past)
    again = desk.town.said(desk.nell)[-1]
    assert known == tuple(f"7000000001-{number}" for number in (again.id, first.id, mine.id))
    (heard,) = desk.hear()
    assert isinstance(heard, Message)
    assert heard.platform_id not in known, "what the owner wrote is known by another name"


def test_no_id_is_claimed_where_another_message_may_have_come_late(desk: Desk) -> None:
    (before,) = desk.channel.send(words("j", "a head"))
    desk.town.faults.add("sendMessage", faults.reset(True))
    with pytest.raises(DoubtfulSendError):
        desk.channel.send(words("k", "bees"))
    known = desk.channel.send(words("k", "bees"), Past(datetime.now(UTC), None, lambda: {before}, in_doubt=True))
    assert known == (f"7000000001-{desk.town.said(desk.nell)[-1].id}",)


def test_what_telegram_refuses_for_good_is_told_so(desk: Desk) -> None:
    with pytest.raises(RefusedSendError, match="is empty"):
        desk.channel.send(words("k", " "))
    desk.town.faults.add("sendMessage", faults.status(400, f"Bad Request: the token {desk.town.token} is odd"))
    with pytest.raises(RefusedSendError, match="has refused: The token … is odd"):
        desk.channel.send(words("l", "bees"))


def test_an_owner_who_has_blocked_the_bot_is_no_reason_to_give_up(desk: Desk) -> None:
    desk.nell.blocks()
    with pytest.raises(ChannelError, match="press START, or unblock") as told:
        desk.channel.send(words("k", "bees"))
    assert not isinstance(told.value, RefusedSendError | DoubtfulSendError)
    desk.nell.unblocks()
    desk.channel.send(words("k", "bees"))
    assert desk.said() == ["bees"]


def test_a_token_that_is_revoked_is_explained(desk: Desk) -> None:
    other = replace(desk.channel, token=SecretStr("7000000001:" + "x" * 35))
    with pytest.raises(ChannelError, match="magpie login --telegram") as told:
        other.send(words("k", "bees"))
    assert "xxx" not in str(told.value)
    other.close()


def test_it_seems_to_type(desk: Desk) -> None:
    desk.channel.typing()
    assert until(lambda: desk.town.actions == [(desk.nell.id, "typing")])
    replace(desk.channel, base_url="http://127.0.0.1:9/bot").typing()


# -- hearing


def test_the_owner_is_heard_and_nobody_else(desk: Desk) -> None:
    eve = desk.town.person("Eve", started=True)
    eve.says("/status")
    head = desk.nell.says("/start abc")
    desk.nell.says("2 👎", reply_to=head)
    eve.says("/mute @ann")
    first, second = desk.hear()
    assert isinstance(first, Message) and isinstance(second, Message)
    assert (first.text, second.text) == ("/start abc", "2 👎")
    assert second.reply_to == first.platform_id
    assert (first.channel, first.at.tzinfo) == ("telegram", UTC)
    assert desk.town.said(eve) == []
    assert desk.hear() == []


def test_a_group_is_left_and_not_listened_to(desk: Desk) -> None:
    group = desk.town.group("The whole street")
    desk.nell.adds_bot_to(group)
    desk.nell.says("/status@magpie_of_nell_bot", chat=group)
    assert desk.hear() == []
    assert not group.has_bot


def test_a_reply_to_what_magpie_said_names_it(desk: Desk) -> None:
    (known,) = desk.channel.send(words("k", "1 · Ann"))
    desk.nell.says("👍", reply_to=desk.town.said(desk.nell)[0])
    (heard,) = desk.hear()
    assert isinstance(heard, Message)
    assert (heard.text, heard.reply_to) == ("👍", known)


def test_hidden_signs_and_the_name_of_the_bot_are_no_part_of_a_command(desk: Desk) -> None:
    desk.nell.says("/\u2060why@magpie_of_nell_bot 3")
    (heard,) = desk.hear()
    assert isinstance(heard, Message)
    assert heard.text == "/why 3"


def test_each_new_emoji_of_a_reaction_is_heard_once(desk: Desk) -> None:
    (known,) = desk.channel.send(words("k", "1 · Ann"))
    said = desk.town.said(desk.nell)[0]
    desk.nell.reacts(said, "👍")
    desk.nell.reacts(said, "👍", "🔥")
    desk.nell.reacts(said)
    first, second = desk.hear()
    assert isinstance(first, Reaction) and isinstance(second, Reaction)
    assert [(one.emoji, one.message) for one in (first, second)] == [("👍", known), ("🔥", known)]
    assert first.event != second.event


def test_a_pressed_button_is_shown_and_answered(desk: Desk) -> None:
    (known,) = desk.channel.send(words("k", "1 · Ann", offers=OFFERS))
    said = desk.town.said(desk.nell)[0]
    query = desk.nell.presses(said, "👍")
    (heard,) = desk.hear()
    assert isinstance(heard, Reaction)
    assert (heard.emoji, heard.message) == ("👍", known)
    assert said.buttons == ["👍 ✓", "👎", "Why?", "More"]
    assert query.answered_at is not None
    again = desk.nell.presses(said, "👍")
    assert desk.hear() == []
    assert again.notice == "👍 counts already."


@pytest.mark.parametrize(("key", "borne"), [("digest/telegram/2026-11-20+2/12", True), ("long/" * 12, False)])
def test_a_button_bears_the_key_of_its_message_as_far_as_telegram_lets_it(desk: Desk, key: str, borne: bool) -> None:
    desk.channel.send(words(key, "1 · Ann", offers=OFFERS))
    said = desk.town.said(desk.nell)[0]
    for button in ("👍", "👎", "Why?"):
        desk.nell.presses(said, button)
    heard = desk.hear()
    assert len(heard) == 3
    assert {one.imprint.key if one.imprint else "" for one in heard} == {key if borne else ""}


def test_a_reply_brings_what_the_message_shows_of_itself(desk: Desk) -> None:
    desk.channel.send(words("of-an-entry", "12 · Ann\n7 · Bob", offers=OFFERS, warning="1 · war"))
    desk.channel.send(words("bare", "12 · Ann"))
    mine = desk.nell.says("3 · Eve")
    shown = [*desk.town.said(desk.nell), mine]
    for one in shown:
        desk.nell.says("👍", reply_to=one)
    first, second, third = [one.imprint for one in desk.hear()[1:]]
    assert first and (first.key, first.number) == ("of-an-entry", 12)
    assert second and (second.key, second.number, second.at) == ("", 12, shown[1].at.replace(microsecond=0))
    assert third is None, "the owner's own words show nothing"


def test_whoever_changes_their_mind_is_heard_each_time(desk: Desk) -> None:
    desk.channel.send(words("k", "1 · Ann", offers=OFFERS))
    said, events = desk.town.said(desk.nell)[0], []
    for sign in ("👍", "👎", "👍"):
        desk.nell.presses(said, sign)
        events += desk.hear()
    assert [one.emoji for one in events if isinstance(one, Reaction)] == ["👍", "👎", "👍"]
    assert len({one.event for one in events if isinstance(one, Reaction)}) == 3
    assert said.buttons == ["👍 ✓", "👎", "Why?", "More"]


def test_a_button_that_is_pressed_twice_at_once_counts_once(desk: Desk) -> None:
    desk.channel.send(words("k", "1 · Ann", offers=OFFERS))
    said = desk.town.said(desk.nell)[0]
    desk.nell.presses(said, "👍")
    desk.nell.presses(said, "👍")
    heard = desk.hear()
    assert len(heard) == 2
    assert len({one.event for one in heard if isinstance(one, Reaction)}) == 1


def test_a_button_that_asks_is_a_question_each_time(desk: Desk) -> None:
    (known,) = desk.channel.send(words("k", "1 · Ann", offers=OFFERS))
    said = desk.town.said(desk.nell)[0]
    desk.nell.presses(said, "Why?")
    desk.nell.presses(said, "Why?")
    desk.nell.presses(said, "More")
    first, second, more = desk.hear()
    assert isinstance(first, Message) and isinstance(second, Message) and isinstance(more, Reaction)
    assert (first.text, first.reply_to, more.emoji) == ("/why 3", known, "🧵")
    assert first.platform_id != second.platform_id
    desk.channel.send(words("l", "because", reply_to=first.platform_id))
    assert desk.town.said(desk.nell)[-1].reply_to is said
    assert said.buttons == ["👍", "👎", "Why?", "More"]


def test_what_is_not_stored_is_told_again_with_the_same_names(desk: Desk) -> None:
    desk.channel.send(words("k", "1 · Ann", offers=OFFERS))
    said = desk.town.said(desk.nell)[0]
    desk.nell.says("one")
    desk.nell.presses(said, "👍")
    desk.nell.reacts(said, "🔥")
    first = list(desk.channel.listen(desk.cursor))
    desk.begin()
    second = list(desk.channel.listen(desk.cursor))
    assert len(first) == 3
    assert [replace(one, cursor="", at=first[0].at) for one in first] == [
        replace(one, cursor="", at=first[0].at) for one in second
    ]


def test_what_strangers_sent_hides_nothing_and_is_not_read_again(desk: Desk) -> None:
    eve = desk.town.person("Eve", started=True)
    for number in range(230):
        eve.says(f"spam {number}")
    desk.nell.says("here")
    (heard,) = desk.hear()
    assert isinstance(heard, Message)
    assert heard.text == "here"
    assert desk.hear() == []


def test_after_a_quiet_week_lower_numbers_are_heard_too(desk: Desk) -> None:
    desk.nell.says("one")
    desk.hear()
    desk.town.later(days=8)
    desk.town.mailbox.next_id = 300
    desk.channel.now = lambda: datetime.now(UTC) + timedelta(days=8)
    desk.nell.says("two")
    (heard,) = desk.hear()
    assert isinstance(heard, Message)
    assert heard.text == "two"


def test_mixed_updates_come_in_order_and_doubled_ones_have_one_name(desk: Desk) -> None:
    from random import Random

    desk.town.mailbox.shuffle = Random(3)
    desk.town.mailbox.repeat = 2
    for word in ("one", "two", "three", "four"):
        desk.nell.says(word)
    heard = [*desk.hear(), *desk.hear(), *desk.hear()]
    names = dict.fromkeys(one.platform_id for one in heard if isinstance(one, Message))
    assert len(heard) > len(names) == 4
    assert [one.text for one in heard[:4] if isinstance(one, Message)] == ["one", "two", "three", "four"]


def test_trouble_on_the_way_is_one_sentence_and_loses_nothing(desk: Desk) -> None:
    desk.nell.says("one")
    desk.town.faults.add("getUpdates", faults.gateway(False), times=20)
    with pytest.raises(ChannelError, match="The owner cannot be heard"):
        desk.hear()
    desk.town.faults.clear()
    assert len(desk.hear()) == 1


def test_a_webhook_from_before_is_taken_away(desk: Desk) -> None:
    desk.town.webhook["url"] = "https://old.example/hook"
    desk.nell.says("one")
    desk.town.webhook.clear()
    desk.town.webhook["url"] = "https://old.example/hook"
    assert len(desk.hear()) == 1
    assert desk.town.called("deleteWebhook")


# -- what is shared


def test_a_forwarded_post_brings_its_author_its_address_and_ones_own_note(desk: Desk) -> None:
    desk.nell.says("for the garden")
    desk.nell.forwards("Bees have settled. /mute @ann https://bees.example/1", by_channel("Bee News", "beenews", 7))
    (heard,) = desk.hear()
    assert isinstance(heard, Message) and heard.shared
    assert heard.text == "", "words of others are never one's own"
    shared = heard.shared
    assert (shared.author, shared.handle, shared.url) == ("Bee News", "beenews@t.me", "https://t.me/beenews/7")
    assert (shared.open, shared.note, shared.links) == (True, "for the garden", ("https://bees.example/1",))


def test_a_command_before_a_forwarded_post_stays_a_command(desk: Desk) -> None:
    desk.nell.says("/status")
    desk.nell.forwards("Bees.", by_user(desk.town.person("Ann", "ann")))
    desk.nell.forwards("More bees.", by_hidden("Somebody"))
    first, second, third = desk.hear()
    assert isinstance(first, Message) and isinstance(second, Message) and isinstance(third, Message)
    assert first.text == "/status" and second.shared and third.shared
    assert (second.shared.author, second.shared.open, third.shared.author) == ("Ann", False, "Somebody")


@pytest.mark.parametrize(
    ("text", "url", "note"),
    [
        ("https://bees.example/1", "https://bees.example/1", ""),
        ("Look at this https://bees.example/1", "https://bees.example/1", "Look at this"),
        ("https://bees.example/1 for later", "https://bees.example/1", "for later"),
        ("what did Ann say about https://bees.example/1 ?", "", ""),
        ("/mute https://bees.example/1", "", ""),
        ("is https://bees.example/1 in my archive", "", ""),
    ],
)
def test_a_link_is_shared_and_a_question_about_one_is_asked(desk: Desk, text: str, url: str, note: str) -> None:
    desk.nell.says(text)
    (heard,) = desk.hear()
    assert isinstance(heard, Message)
    assert (heard.shared.url, heard.shared.note) == (url, note) if heard.shared else not url


def test_files_voices_and_pictures_are_told_apart(desk: Desk) -> None:
    desk.nell.sends_document("twitter-2026.zip", size=25_000_000)
    desk.nell.sends_voice()
    desk.nell.sends_photo()
    desk.nell.sends_photo("Our bees")
    heard = [one.shared for one in desk.hear() if isinstance(one, Message) and one.shared]
    assert [one.kind for one in heard] == ["file", "voice", "picture", "post"]
    assert (heard[0].name, heard[0].size, heard[3].text) == ("twitter-2026.zip", 25_000_000, "Our bees")


# -- at once


class Rings:
    """Who is rung, and listens when it is time."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.rung = desk, 0
        self.end = desk.channel.wakes(self.ring)

    def ring(self) -> None:
        self.rung += 1

    def listen_when_rung(self) -> list[str]:
        assert until(lambda: self.rung)
        self.rung = 0
        return [one.text for one in self.desk.hear() if isinstance(one, Message)]


def test_what_comes_in_rings_at_once_and_is_fetched_once(desk: Desk) -> None:
    bell = Rings(desk)
    for word in ("one", "two", "three"):
        desk.nell.says(word)
        assert bell.listen_when_rung() == [word]
        assert bell.listen_when_rung() == [], "it is rung once more, to learn that it is stored"
    assert until(lambda: len(desk.town.commands) == 1)
    bell.end()


def test_what_is_rung_for_and_not_stored_is_told_again(desk: Desk) -> None:
    bell = Rings(desk)
    desk.nell.says("one")
    assert until(lambda: bell.rung)
    assert len(list(desk.channel.listen(desk.cursor))) == 1
    assert len(list(desk.channel.listen(desk.cursor))) == 1
    assert bell.listen_when_rung() == ["one"]
    bell.end()
    desk.begin()
    assert [one.text for one in desk.hear() if isinstance(one, Message)] == []


def test_while_telegram_is_away_listening_says_so(desk: Desk) -> None:
    desk.town.faults.add("getUpdates", faults.gateway(False), times=1000)
    bell = Rings(desk)

    def deaf() -> bool:
        try:
            return bool(list(desk.channel.listen(desk.cursor)))
        except ChannelError as error:
            return "is in trouble" in str(error)

    assert until(deaf)
    bell.end()


def test_a_pause_that_is_asked_for_is_kept_while_polling_too(desk: Desk) -> None:
    desk.town.faults.add("getUpdates", faults.too_many(3600))
    bell = Rings(desk)
    desk.nell.says("one")
    assert bell.listen_when_rung() == ["one"]
    assert 3600.0 in desk.slept
    bell.end()


def test_a_refusal_for_haste_leaves_no_traceback_in_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.town.faults.add("sendMessage", faults.too_many(3600))
    with pytest.raises(ChannelError):
        desk.channel.send(words("k", "once"))
    assert [one.name for one in caplog.records if one.exc_info or one.name.startswith("telegram")] == []


def test_two_who_fetch_are_told_of_each_other(desk: Desk) -> None:
    desk.town.faults.add("getUpdates", faults.status(409, "Conflict: terminated by other getUpdates request"), times=50)
    with pytest.raises(ChannelError, match="Another program fetches this bot's messages"):
        desk.hear()


# -- brought to a webhook


def test_a_webhook_takes_in_what_shows_the_secret_and_acknowledges_what_is_stored(town: Town, nell: User) -> None:
    desk = Desk(town, nell, {"webhook": "https://magpie.example/in/7f3a", "webhook_port": 1})
    door = desk.channel
    door.webhook_port = 0
    bell = Rings(desk)
    try:
        assert until(lambda: town.webhook.get("url"))
        port = door._door.port  # type: ignore[union-attr]
        update = {"update_id": 5, "message": nell.says("hello").as_json(town.bot)}
        secret = {"X-Telegram-Bot-Api-Secret-Token": secret_of(door.token)}

        def posted(path: str, headers: dict[str, str], body: Any = update) -> int:
            return requests.post(f"http://127.0.0.1:{port}{path}", json=body, headers=headers, timeout=10).status_code

        assert posted("/elsewhere", secret) == 404
        assert posted("/in/7f3a", {}) == 403
        assert posted("/in/7f3a", {"X-Telegram-Bot-Api-Secret-Token": "wrong"}) == 403
        assert posted("/in/7f3a", secret, ["no update"]) == 400
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1) as someone:
            answer = someone.submit(posted, "/in/7f3a", secret)
            assert bell.listen_when_rung() == ["hello"]
            assert not answer.done(), "it is not stored yet"
            assert bell.listen_when_rung() == []
            assert answer.result(5) == 200
    finally:
        bell.end()
        desk.channel.close()
        town.webhook.clear()


def test_a_webhook_is_nothing_for_who_only_looks_in(town: Town, nell: User) -> None:
    desk = Desk(town, nell, {"webhook": "https://magpie.example/in"})
    with pytest.raises(ChannelError, match="magpie run"):
        desk.hear()


def test_a_port_that_is_taken_is_told(town: Town, nell: User) -> None:
    port = int(town.url.rpartition(":")[2])
    desk = Desk(town, nell, {"webhook": "https://magpie.example/in", "webhook_port": port})
    end = desk.channel.wakes(lambda: None)
    with pytest.raises(ChannelError, match=f"port {port}"):
        desk.hear()
    end()
    desk.channel.close()
