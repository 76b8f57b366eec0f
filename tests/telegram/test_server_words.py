"""What the server makes of the words of a bot: each test stands for a rule of Telegram's public documentation."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("telegram")

from telegram.error import BadRequest

from tests.telegram.entities import parse_html, utf16
from tests.telegram.people import User
from tests.telegram.world import Town

# -- texts


@pytest.mark.parametrize("unit", ["a", "é", "字", "😀"])
def test_a_text_has_at_most_4096_units_of_utf_16_after_its_entities_are_parsed(nell: User, bot: Any, unit: str) -> None:
    """sendMessage: text has 1-4096 characters after entities parsing; MessageEntity: lengths are in UTF-16 units."""
    most = 4096 // utf16(unit)
    said = bot.send_message(nell.id, f"<b>{unit * (most - 1)}</b>&lt;", parse_mode="HTML")
    assert utf16(said.text) == utf16(unit) * (most - 1) + 1
    with pytest.raises(BadRequest, match="Message is too long"):
        bot.send_message(nell.id, unit * most + "!" * (utf16(unit) == 1) + unit)


@pytest.mark.parametrize("text", ["", "   ", "\n", "\u200b\u2060", "<b></b>"])
def test_a_text_that_shows_nothing_is_refused(nell: User, bot: Any, text: str) -> None:
    """sendMessage: text is required, 1-4096 characters after entities parsing."""
    with pytest.raises(BadRequest, match="Message text is empty"):
        bot.send_message(nell.id, text, parse_mode="HTML")


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("a <x>b</x>", r'Unsupported start tag "x" at byte offset 2'),
        ("é <h1>b</h1>", r'Unsupported start tag "h1" at byte offset 3'),
        ("1 < 2", r"Unclosed start tag at byte offset 2"),
        ("<b>bold", r'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>both</b></i>", r'Unmatched end tag at byte offset 10, expected "</i>", found "</b>"'),
        ("over</b>", r"Unexpected end tag at byte offset 4"),
        ("<a href='x'", r"Unclosed start tag at byte offset 0"),
        ("<span>s</span>", r'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_markup_that_is_wrong_is_refused_with_its_place(nell: User, bot: Any, html: str, words: str) -> None:
    """HTML style: only the tags mentioned are supported; < > & outside of tags must be escaped."""
    with pytest.raises(BadRequest, match="(?i)Can't parse entities: " + words):
        bot.send_message(nell.id, html, parse_mode="HTML")


@pytest.mark.parametrize(
    ("html", "text", "entities"),
    [
        ("<b>a</b><strong>b</strong>", "ab", [("bold", 0, 1), ("bold", 1, 1)]),
        ("<i>a</i><em>b</em>", "ab", [("italic", 0, 1), ("italic", 1, 1)]),
        ("<u>a</u><ins>b</ins>", "ab", [("underline", 0, 1), ("underline", 1, 1)]),
        ("<s>a</s><strike>b</strike>", "ab", [("strikethrough", 0, 1), ("strikethrough", 1, 1)]),
        ('<span class="tg-spoiler">a</span>', "a", [("spoiler", 0, 1)]),
        ("😀<b>😀<i>x</i></b>", "😀😀x", [("bold", 2, 3), ("italic", 4, 1)]),
        ("<code>&lt;b&gt;</code>", "<b>", [("code", 0, 3)]),
        ('<pre><code class="language-python">x</code></pre>', "x", [("pre", 0, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
        ('<a href="https://a.example/?x=1&amp;y=2">l</a>', "l", [("text_link", 0, 1)]),
        ("&#128512;&#x27;&quot;&nbsp", "😀'\"&nbsp", []),
    ],
)
def test_markup_becomes_entities(html: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    """HTML style: the tags and what they mean; all numerical HTML entities and four named ones are supported."""
    found = parse_html(html)
    assert found.text == text
    assert [(one["type"], one["offset"], one["length"]) for one in found.entities] == entities


def test_what_is_parsed_is_what_a_library_reads(nell: User, bot: Any) -> None:
    """MessageEntity: offset and length in UTF-16 units, url for text_link, language for pre."""
    html = '😀 <b>b</b> <a href="https://a.example/?x=1&amp;y=2">l</a> <pre><code class="language-py">p</code></pre>'
    said = bot.send_message(nell.id, html, parse_mode="HTML")
    read = {entity.type: (words, entity.url, entity.language) for entity, words in said.parse_entities().items()}
    assert read["bold"] == ("b", None, None)
    assert read["text_link"] == ("l", "https://a.example/?x=1&y=2", None)
    assert read["pre"] == ("p", None, "py")


@pytest.mark.parametrize(
    "html",
    [
        "salt & pepper",
        "a > b",
        "<code>a<b>c</b></code>",
        "<b><pre>x</pre></b>",
        '<a href="javascript:x">l</a>',
        "<blockquote>a<blockquote>b</blockquote></blockquote>",
    ],
)
def test_what_telegram_forgives_is_complained_of(town: Town, nell: User, bot: Any, html: str) -> None:
    """HTML style: & and > must be escaped; pre and code hold and join no other entities; quotes are not nested."""
    with town.complaining() as complaints:
        bot.send_message(nell.id, html, parse_mode="HTML")
        assert "sloppy HTML" in complaints[-1]


def test_white_space_around_a_text_goes_and_its_entities_move(nell: User, bot: Any) -> None:
    """sendMessage shows no white space at either end; the Message that is returned tells what is shown."""
    said = bot.send_message(nell.id, "\n\n <b> a</b>\tb\r\n\n", parse_mode="HTML")
    assert said.text == "a b"
    assert [(one.offset, one.length) for one in said.entities] == [(0, 1)]


def test_addresses_and_names_are_found_in_plain_words(town: Town, nell: User, bot: Any) -> None:
    """MessageEntity: mention, hashtag, bot_command and url are found without markup, but not in code."""
    html = "@stranger, see https://a.example/x. or b.org/y #tag /why <code>@q</code>"
    bot.send_message(nell.id, html, parse_mode="HTML")
    (said,) = town.said(nell)
    assert (said.mentions, said.links) == (["@stranger"], ["https://a.example/x", "b.org/y"])
    assert (said.marked("hashtag"), said.marked("bot_command"), said.marked("code")) == (["#tag"], ["/why"], ["@q"])


def test_link_previews_are_off_where_that_is_said(town: Town, nell: User, bot: Any) -> None:
    """LinkPreviewOptions: is_disabled; without it a preview is made of the first link."""
    bot.send_message(nell.id, "https://a.example/x", disable_web_page_preview=True)
    bot.send_message(nell.id, "https://a.example/x")
    assert [message.preview for message in town.said(nell)] == [{"is_disabled": True}, {}]


def test_protected_content_says_so(nell: User, bot: Any) -> None:
    """sendMessage: protect_content keeps a message from being forwarded and saved."""
    assert bot.send_message(nell.id, "ours", protect_content=True).has_protected_content
