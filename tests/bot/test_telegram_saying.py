"""What is said on Telegram: in parts, paced, and dated where it may be there already."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

pytest.importorskip("telegram")


from bot.channels import Past, telegram_api
from config.errors import ChannelError, DoubtfulSendError, RefusedSendError
from memory.records import Message, Offer, Outgoing, Span
from tests.bot.telegram_desk import Desk
from tests.fakes import words
from tests.telegram import faults

OFFERS = (Offer("👍", "👍"), Offer("👎", "👎"), Offer("Why?", "/why 3"), Offer("More", "🧵"))


def an_hour_goes_by(monkeypatch: pytest.MonkeyPatch) -> None:
    then = time.monotonic() + 3601
    monkeypatch.setattr(telegram_api.time, "monotonic", lambda: then)


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


def test_in_a_pause_longer_than_anybody_waits_telegram_is_left_in_peace(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.town.faults.add("sendMessage", faults.too_many(3600), times=9)
    for _ in range(3):  # as every next round does
        with pytest.raises(ChannelError, match="too many requests"):
            desk.channel.send(words("k", "once"))
    assert len(desk.town.faults.struck) == 1
    assert 3600.0 not in desk.slept
    desk.town.faults.clear()
    an_hour_goes_by(monkeypatch)
    desk.channel.send(words("k", "once"))
    assert desk.said() == ["once"]


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


def test_the_same_process_goes_on_where_it_stopped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    out = Outgoing("k", (Span("text", "word " * 2000),), offers=OFFERS)
    desk.town.faults.add("sendMessage", faults.too_many(3600), skip=1)
    with pytest.raises(DoubtfulSendError, match="in part"):
        desk.channel.send(out)
    an_hour_goes_by(monkeypatch)
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
