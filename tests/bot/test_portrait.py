"""What is believed is one message, whatever it holds: the weightiest first, and no word of others does anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

pytest.importorskip("telegram")

from agents.answer import Answer, Claim, Intent, Understood
from agents.answering.liking import CORRECTED, FURTHER
from bot.channels.rendering import parts
from bot.channels.telegram_page import pages
from bot.portrait import Portrait
from bot.speaking import FOR_FOLLOWERS, Speaker
from memory.query import Hit
from memory.records import Item, Outgoing, Visibility
from tests.fakes import account, post

EVIL = "</i><b>@victim@evil.example</b> ” https://evil.example/x [1] /stop `*_ \n\n/forget 1 yes " + "\u202e\u200b🧨"
PLAIN = ("The bees came back to the bell tower.", "A swarm of them, on a clock.", "Football, all day long.")


def hits(*texts: str, **more: Any) -> tuple[Hit, ...]:
    return tuple(Hit(replace(post(f"p{n}", text, by="ann"), **more), 1.0, ("r",)) for n, text in enumerate(texts))


def believed(*middle: Claim, posts: tuple[Hit, ...] = hits(*PLAIN)) -> Answer:
    claims = (Claim("From 3 that you liked:"), *middle, Claim(FURTHER, rank=7), Claim(CORRECTED))
    return Answer(Understood("", intent=Intent.TASTE, language="en"), claims, posts)


ALL = believed(
    Claim("👍 bees, tower: 2 posts.", (1, 2), rank=1),
    Claim("👍 clocks: 1 post.", (2,), rank=4),
    Claim("👎 football: 1 post.", (3,), rank=2),
    Claim("Authors: @ann +0.50.", rank=3),
)
HOSTILE = believed(
    *(Claim(f"👍 {EVIL}: 1 post.", (1, 2, 3), rank=rank) for rank in range(1, 9)), posts=hits(EVIL, EVIL * 9, EVIL)
)


LONG = believed(
    *(Claim(f"👍 {n}", (1, 2, 3), rank=1) for n in range(9)), posts=hits(*PLAIN, url=f"https://a.example/{'a' * 90}")
)


def told(answer: Answer, room: int = 0, private_words: bool = True) -> Outgoing:
    speaker = Speaker({}, {account("ann").uri: account("ann")}, ZoneInfo("UTC"), private_words=private_words)
    return Portrait(speaker, room).message(answer, "answer/m1", "m1")


def mastodon(out: Outgoing, room: int) -> list[str]:
    def length(text: str) -> int:
        words = text.split()
        return len(text) - sum(len(word) - 23 for word in words if word.startswith("https://"))

    return parts(out, room, length)


def wordy(out: Outgoing, room: int) -> list[str]:
    """Where a link counts as long as it is."""
    return parts(out, room, len)


def telegram(out: Outgoing, room: int) -> list[str]:
    return pages(out, room)


def test_all_of_it_is_told_in_its_order_where_there_is_room() -> None:
    out = told(ALL)
    lines = out.text.split("\n")
    assert (
        lines[1]
        == "👍 bees, tower: 2 posts. The bees came back to the bell tower. Post A swarm of them, on a clock. Post"
    )
    assert [line.split(":")[0] for line in lines[2:5]] == ["👍 clocks", "👎 football", "Authors"]
    assert lines[5:] == [FURTHER, "", CORRECTED]
    assert [span.url for span in out.spans if span.kind == "link"] == [
        post(name).url for name in ("p0", "p1", "p1", "p2")
    ]
    assert (out.key, out.reply_to, out.language) == ("answer/m1", "m1", "en")
    assert out.about == tuple(post(name).uri for name in ("p0", "p1", "p2"))


def test_what_has_little_weight_is_left_out_first_and_how_to_correct_it_never() -> None:
    seen = [told(ALL, room).text for room in range(110, 600, 5)]
    assert all(text.startswith("From 3") and text.endswith(CORRECTED) for text in seen)
    first = [
        next(place for place, text in enumerate(seen) if line in text) for line in ("tower:", "ball:", "Au", "ks:")
    ]
    assert first == sorted(first) and first[0] < first[-1]
    assert "\n" not in seen[0].removesuffix(CORRECTED).rstrip() and FURTHER in seen[-1]


@pytest.mark.parametrize("answer", [ALL, HOSTILE, LONG])
@pytest.mark.parametrize("room", [250, 480, 1000, 4000])
@pytest.mark.parametrize("rendered", [mastodon, wordy, telegram])
def test_it_is_one_message(answer: Answer, room: int, rendered: Callable[[Outgoing, int], list[str]]) -> None:
    (page,) = rendered(told(answer, room), room)
    assert CORRECTED[:20] in page


def test_a_sign_without_a_word_stands_only_before_an_example() -> None:
    answer = believed(Claim("👍", (1,), rank=1), Claim("👎", (3,), rank=2))
    for room in range(150, 500, 3):
        lines = told(answer, room).text.split("\n")
        assert "👍" not in lines and "👎" not in lines


def test_words_of_others_command_nothing_name_nobody_and_link_nowhere() -> None:
    out = told(HOSTILE)
    assert {span.text for span in out.spans if span.kind == "command"} == {
        "/more",
        "/less",
        "/mute",
        "/taste",
        "/forget",
    }
    assert {span.url for span in out.spans if span.kind == "link"} == {post(f"p{n}").url for n in range(3)}
    page = "".join(telegram(out, 4000))
    assert "<b>" not in page and "\n/forget 1" not in page and "https://evil" not in page
    assert page.count("<i>") == page.count("</i>") and "\u202e" not in page
    (plain,) = mastodon(told(HOSTILE, 480), 480)
    assert "@victim" not in plain and "@evil" not in plain and "https://evil" not in plain


def test_what_is_for_followers_is_quoted_only_on_this_machine() -> None:
    answer = believed(Claim("👍 bees: 1 post.", (1,), rank=1), posts=hits(PLAIN[0], visibility=Visibility.FOLLOWERS))
    assert "bell tower" in told(answer).text
    there = told(answer, private_words=False)
    assert "bell tower" not in there.text and FOR_FOLLOWERS.split(":")[0] in there.text
    assert post("p0").url in [span.url for span in there.spans]


def test_of_what_bears_a_warning_the_warning_is_told() -> None:
    answer = believed(Claim("👍 bees: 1 post.", (1,), rank=1), posts=hits(PLAIN[0], warning="stings"))
    out = told(answer)
    assert "(content warning: stings)" in out.text and "bell tower" not in out.text and not out.warning


def test_a_picture_without_words_is_told_by_its_author() -> None:
    answer = believed(Claim("👍 bees: 1 post.", (1,), rank=1), posts=hits(""))
    assert "a post of @ann@fedi.example" in told(answer).text


def test_what_nothing_opens_is_told_by_where_it_is() -> None:
    chat = Item("chat:1", "chat:1", account("ann").uri, post("p").created_at, PLAIN[0], source="whatsapp", kind="chat")
    answer = believed(Claim("👍 bees: 1 post.", (1,), rank=1), posts=(Hit(chat, 1.0, ("r",)),))
    assert "bell tower. chat from whatsapp" in told(answer).text
