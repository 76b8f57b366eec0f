"""A page for Telegram: what is shown is what was meant, it fits, and nothing in it calls, links or commands."""

from __future__ import annotations

import re

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("telegram")

from bot.channels.rendering import clean, quiet, unlinked
from bot.channels.telegram_page import LIMIT, ROOM, pages, units
from memory.records import Outgoing, Span
from tests.telegram.entities import Marked, parse_html

FAMILY, FLAG, RIGHT = (
    "👨\u200d👩\u200d👧",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "שלום עולם",
)
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=":"), max_size=80)
EMOJI = st.lists(st.sampled_from([FAMILY, FLAG, "👍🏽", "🇩🇪", "e\u0301", "❤️", "a", " ", "\n"]), max_size=60).map(
    "".join
)
MARKUP = st.lists(
    st.sampled_from(["<b>", "</b>", "<", ">", "&amp;", "&", '"', "<a href='x'>", "<tg-spoiler>", RIGHT, "x "]),
    max_size=30,
).map("".join)
HOSTILE = st.lists(
    st.sampled_from(
        [*"ab1 @@./:#(-\n\u202e\u200d\x1b\ue000", "https://", "@eve", "/mute", "evil.com", FAMILY, "1.2.3.4"]
    ),
    max_size=40,
).map("".join)
URLS = st.sampled_from(["https://example.org/a", "https://example.org/?a=1&b=<2>", "https://b.example/" + "x" * 40])
KINDS = st.sampled_from(["text", "strong", "handle", "code"])


def said(*spans: Span, warning: str = "") -> Outgoing:
    return Outgoing("k", spans, warning)


def shown(out: Outgoing, limit: int = ROOM) -> list[Marked]:
    """As Telegram reads it, which finds nothing to complain about."""
    read = [parse_html(page) for page in pages(out, limit)]
    assert [one.sloppy for one in read] == [[] for _ in read]
    return read


def bare(text: str) -> str:
    return re.sub(r"[\s\u200b\u2060]", "", text)


def of_kind(one: Marked, *kinds: str) -> list[str]:
    cut = one.text.encode("utf-16-le")
    spots = [(e["offset"], e["offset"] + e["length"]) for e in one.entities if e["type"] in kinds]
    return [cut[2 * start : 2 * end].decode("utf-16-le") for start, end in spots]


def without_links(one: Marked) -> str:
    cut = one.text.encode("utf-16-le")
    for entity in one.entities[::-1]:
        start, end = 2 * entity["offset"], 2 * (entity["offset"] + entity["length"])
        cut = cut[:start] + "|".encode("utf-16-le") + cut[end:] if entity["type"] == "text_link" else cut
    return cut.decode("utf-16-le")


def meant(spans: tuple[Span, ...]) -> str:
    return "".join(f"@{span.text.lstrip('@')}" if span.kind == "handle" else span.text for span in spans)


def test_each_kind_of_span_has_its_look() -> None:
    spans = (
        Span("strong", "1 · Ann"),
        Span("break"),
        Span("quote", "They are <back> & well."),
        Span("break"),
        Span("handle", "ann@rail.example"),
        Span("break"),
        Span("link", "Post", "https://rail.example/@ann/1?a=1&b=2"),
        Span("break"),
        Span("code", "if a < b:\n    go()"),
    )
    (page,) = pages(said(*spans))
    assert page == (
        "<b>1 · Ann</b>\n<i>“They are &lt;back&gt; &amp; well.”</i>\n@\u200bann@\u200brail.\u2060example\n"
        '<a href="https://rail.example/@ann/1?a=1&amp;b=2">Post</a>\n<pre>if a &lt; b:\n    go()</pre>'
    )


def test_a_link_without_a_label_shows_where_it_leads() -> None:
    (page,) = pages(said(Span("link", "", "https://a.example/x")))
    assert page == '<a href="https://a.example/x">https://a.example/x</a>'


def test_an_address_that_is_none_of_the_web_makes_no_link() -> None:
    assert pages(said(Span("link", "here", "javascript:alert(1)"))) == ["here"]


@pytest.mark.parametrize("text", ["/mute @ann", "see /pause", "(/resume)", "\n/digest", "https:///why"])
def test_no_words_of_others_can_be_tapped_as_a_command(text: str) -> None:
    (one,) = shown(said(Span("quote", text), Span("text", f" {text}")))
    assert of_kind(one, "bot_command", "mention", "url") == []
    assert clean(one.text).endswith(unlinked(text).strip())


def test_commands_of_its_own_can_be_tapped_and_those_beside_them_cannot() -> None:
    own, theirs = Span("command", "/unmute"), Span("text", " takes “/mute”/pause back. ")
    (one,) = shown(said(Span("text", "(/less) "), own, theirs, own, Span("text", " 3")))
    assert of_kind(one, "bot_command") == ["/unmute", "/unmute"]
    (hidden,) = shown(said(own, theirs, warning="/war"))
    assert of_kind(hidden, "bot_command") == ["/unmute"]


@pytest.mark.parametrize("text", ["/mute @ann", "see /mute", "/mute\n/less", "evil.com", "//mute"])
def test_what_is_no_command_is_not_made_one(text: str) -> None:
    (one,) = shown(said(Span("command", text)))
    assert of_kind(one, "bot_command", "mention", "url") == []


def test_a_command_put_together_from_two_spans_is_none_either() -> None:
    (one,) = shown(said(Span("text", "/"), Span("strong", "mute"), Span("text", " evil."), Span("strong", "com")))
    assert "/mute" not in one.text
    assert "evil.com" not in one.text


def test_a_warning_hides_all_but_itself_in_each_part() -> None:
    words = Span("text", "They all die in the end. " * 8)
    first, *rest = shown(said(Span("strong", "1 · Ann"), Span("break"), words, warning="spoilers, again"), 100)
    assert first.text.startswith("⚠ spoilers, again\n1 · Ann\n")
    assert bare("".join(of_kind(first, "spoiler"))) == bare(first.text.removeprefix("⚠ spoilers, again"))
    assert len(rest) >= 2
    for part in rest:
        assert of_kind(part, "spoiler") == [part.text]


def test_code_behind_a_warning_stays_behind_it() -> None:
    (one,) = shown(said(Span("text", "Look: "), Span("code", "x = 1"), warning="ugly"))
    assert of_kind(one, "spoiler") == ["Look: x = 1"]


def test_quotes_are_shortened_before_anything_is_split() -> None:
    (one,) = shown(said(Span("quote", "long words " * 60), Span("text", " End.")), 300)
    assert one.text.endswith("…” End.")
    assert 270 < units(one.text) <= 300


def test_a_code_block_is_moved_to_the_next_part_rather_than_cut() -> None:
    block = "line of code\n" * 5
    first, second = shown(said(Span("text", "words " * 10), Span("code", block)), 90)
    assert (of_kind(first, "pre"), of_kind(second, "pre")) == ([], [block.strip()])


def test_a_code_block_longer_than_a_message_is_several() -> None:
    parts = shown(said(Span("code", "\n".join(f"line {n}" for n in range(60)))), 100)
    assert len(parts) >= 5
    for part in parts:
        assert of_kind(part, "pre") == [part.text]


def test_a_full_page_holds_as_many_units_as_telegram_takes() -> None:
    parts = shown(said(Span("text", "👍" * 5000)))
    assert [units(part.text) for part in parts] == [ROOM, ROOM, 10_000 - 2 * ROOM]
    assert ROOM < LIMIT == 4096


def test_nothing_to_say_is_no_page() -> None:
    assert pages(said(Span("text", " \u200b"), Span("break"))) == []


@given(st.lists(st.builds(Span, KINDS, st.one_of(ANY, EMOJI, MARKUP)), max_size=8).map(tuple), st.integers(40, 300))
def test_what_is_shown_is_what_was_meant(spans: tuple[Span, ...], limit: int) -> None:
    parts = shown(said(*spans), limit)
    assert all(0 < units(part.text) <= limit for part in parts)
    assert bare("".join(part.text for part in parts)) == bare(clean(meant(spans)))


@given(st.lists(st.builds(Span, KINDS, st.one_of(EMOJI, MARKUP)), max_size=8).map(tuple), st.integers(60, 300))
def test_each_style_covers_its_words_and_no_others(spans: tuple[Span, ...], limit: int) -> None:
    parts = shown(said(*spans), limit)
    for kind, entity in (("strong", "bold"), ("code", "pre")):
        covered = bare("".join(words for part in parts for words in of_kind(part, entity)))
        assert covered == bare("".join(clean(span.text) for span in spans if span.kind == kind))


@given(
    st.lists(
        st.one_of(
            st.builds(Span, KINDS, HOSTILE), st.builds(Span, st.just("link"), HOSTILE, URLS), st.just(Span("break"))
        ),
        max_size=12,
    ).map(tuple),
    st.integers(100, 300),
    st.sampled_from(["", "war, /mute @eve"]),
)
def test_nobody_is_called_and_nothing_but_links_is_linked(spans: tuple[Span, ...], limit: int, warning: str) -> None:
    spans = tuple(span for span in spans if span.kind != "code")  # what is in code cannot be tapped
    for part in shown(said(*spans, warning=warning), limit):
        assert of_kind(part, "mention", "bot_command", "url") == []
        assert {e["url"] for e in part.entities if e["type"] == "text_link"} <= {span.url for span in spans} | {
            span.url.replace("<", "%3C").replace(">", "%3E") for span in spans
        }
        rest = without_links(part)
        assert not re.search(r"\w\.[a-z]{2}|\d\.\d+\.\d+\.\d", rest)


@given(st.lists(st.builds(Span, st.just("link"), MARKUP, URLS), max_size=10).map(tuple), st.integers(100, 200))
def test_no_link_is_lost_or_cut(spans: tuple[Span, ...], limit: int) -> None:
    parts = shown(said(*spans), limit)
    led = [e["url"] for part in parts for e in part.entities if e["type"] == "text_link"]
    wanted = [span.url.replace("<", "%3C").replace(">", "%3E") for span in spans]
    assert [url for place, url in enumerate(led) if led[place - 1 : place] != [url]] == [
        url for place, url in enumerate(wanted) if wanted[place - 1 : place] != [url]
    ]


@given(EMOJI, st.integers(30, 80))
def test_no_cluster_is_ever_cut(text: str, limit: int) -> None:
    def clusters(words: str) -> list[str]:
        return [one for one in regex.findall(r"\X", words) if not one.isspace()]

    assert [one for part in shown(said(Span("text", text)), limit) for one in clusters(part.text)] == clusters(
        clean(text)
    )


@given(st.one_of(ANY, HOSTILE))
def test_the_signs_that_keep_it_quiet_are_not_seen(text: str) -> None:
    parts = shown(said(Span("text", text)))
    assert bare("".join(part.text for part in parts)) == bare(unlinked(quiet(text)))
