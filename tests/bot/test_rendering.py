"""Rendering: it fits, it calls nobody, it links only on purpose, and it loses no words."""

from __future__ import annotations

import re

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.rendering import clean, parts, quiet, quoted, safe_url, shorten, split
from memory.records import Outgoing, Span

ZWSP = "\u200b"


def joined(*pieces: str, most: int = 40) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces), max_size=most).map("".join)


NASTY = joined(*"ab1 @@./:#(-\n\u202e\u200d\x1b\ue000", "https://", "@eve", "👨\u200d👩\u200d👧", "é")
WORDS = joined(*"abcdef     .,!\n", "👍🏽", "e\u0301", "漢", "。", most=400)
URLS = st.sampled_from(["https://example.org/a", "https://example.org/@ann/1", "http://b.example/?q=" + "x" * 40])
SPANS = st.lists(
    st.one_of(
        st.builds(Span, st.sampled_from(["text", "strong", "quote", "handle"]), NASTY),
        st.builds(Span, st.just("link"), NASTY, URLS),
        st.just(Span("break")),
    ),
    max_size=12,
).map(tuple)


def said(*spans: Span) -> Outgoing:
    return Outgoing("k", spans)


def whole(*spans: Span) -> str:
    return "\n---\n".join(parts(said(*spans), 500, len))


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_spans_become_plain_text_and_two_breaks_a_blank_line() -> None:
    text = whole(
        Span("strong", "1. Night trains"),
        Span("break"),
        Span("quote", "They are\nback."),
        Span("break"),
        Span("break"),
        Span("text", "Shared by "),
        Span("handle", "ann@rail.example"),
        Span("break"),
        Span("link", "Read", "https://rail.example/1"),
    )
    assert text == (
        f"1. Night trains\n“They are back.”\n\nShared by @{ZWSP}ann@{ZWSP}rail.example\nRead: https://rail.example/1"
    )


@pytest.mark.parametrize(
    "text", ["@eve", "hi @eve@evil.example!", "(@eve)", "eve@evil.example", "@@eve", "a\u200b@eve"]
)
def test_every_mention_is_broken_wherever_it_stands(text: str) -> None:
    for kind in ("text", "strong", "quote", "handle"):
        assert re.findall(r"@(?!\u200b)", whole(Span(kind, text))) == []


def test_a_full_width_at_sign_is_harmless_and_stays() -> None:
    assert whole(Span("text", "＠eve")) == "＠eve"


@pytest.mark.parametrize("kind", ["text", "strong", "quote", "handle"])
@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example/x",
        "HTTPS://evil.example/x",
        "gemini://evil.example/x",
        "https:" * 5 + "//" * 5 + "evil.example/x",
    ],
)
def test_an_address_in_the_words_of_strangers_is_not_clickable(kind: str, text: str) -> None:
    shown = whole(Span(kind, f"see {text}"))
    assert "://" not in shown
    assert "evil.example/x" in shown


def test_an_address_put_together_from_two_spans_is_not_clickable_either() -> None:
    assert whole(Span("text", "https:"), Span("text", "//evil.example")) == "evil.example"


def test_only_addresses_of_the_web_become_links() -> None:
    assert safe_url("https://example.org/a b") == "https://example.org/a%20b"
    assert safe_url("https://example.org/@ann/1") == "https://example.org/@ann/1"
    assert safe_url("https://example.org/~@eve?x=@eve") == "https://example.org/~%40eve?x=%40eve"
    assert safe_url("https://bank.example@evil.example/") == "https://bank.example%40evil.example/"
    assert [safe_url(bad) for bad in ("javascript:alert(1)", "https://", "", "http://[")] == ["", "", "", ""]
    assert whole(Span("link", "here", "javascript:alert(1)")) == "javascript:alert(1)"


def test_a_link_keeps_its_distance_from_what_stands_beside_it() -> None:
    link = Span("link", "", "https://good.example")
    assert whole(Span("text", "see"), link, Span("text", ".evil.example")) == "see https://good.example .evil.example"
    assert whole(Span("text", "(see "), link, Span("text", ").")) == "(see https://good.example)."


def test_a_link_is_shown_the_way_the_channel_wants_it() -> None:
    shown = parts(said(Span("link", "", "https://a.example/@b")), 500, len, link=lambda url: url.replace("@b", "@%62"))
    assert shown == ["https://a.example/@%62"]


def test_hidden_signs_go_and_joined_emoji_and_flags_stay() -> None:
    england = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    kept = f"👨\u200d👩\u200d👧 {england} می\u200cخواهم"
    assert clean(f"\u202e\x1b[31m\x07{kept}\r\nx\ty\ufeff\U000e0041\ue000") == f"[31m{kept}\nx y"


def test_the_longest_quote_is_shortened_first() -> None:
    short, long = "s" * 5 + " short words here", "long words " * 60
    (only,) = parts(said(Span("quote", short), Span("break"), Span("quote", long), Span("text", " End.")), 300, len)
    assert short in only
    assert only.endswith("…” End.")
    assert 270 < len(only) <= 300


def test_it_is_split_only_when_shortened_quotes_are_not_enough() -> None:
    spans = (Span("text", "A sentence of some length. " * 10), Span("quote", "word " * 100))
    assert len(parts(said(*spans), 400, len)) == 1
    assert len(parts(said(*spans), 200, len)) == 2


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One two. Three\nfour five.\n\nSix seven eight nine ten", "One two. Three\nfour five."),
        ("One two. Three four\nfive six seven eight nine ten", "One two. Three four"),
        ("One two three. Four five six seven eight nine ten", "One two three."),
        ("One two three four five six seven eight nine ten", "One two three four five six"),
    ],
)
def test_the_cut_is_at_a_blank_line_or_a_line_or_a_sentence_or_a_word(text: str, first: str) -> None:
    assert split(text, 30, len)[0] == first


def test_an_endless_word_is_cut_between_clusters() -> None:
    family = "👨\u200d👩\u200d👧"
    assert split(family * 5, 12, len) == [family * 2, family * 2, family]


def test_a_link_that_no_message_could_hold_is_shown_but_not_clickable() -> None:
    found = parts(said(Span("link", "", "https://example.org/" + "x" * 300)), 100, len)
    assert found[0].startswith("example.org/xxx")
    assert len(found) == 1


def test_shortening_ends_at_a_word_with_an_ellipsis() -> None:
    assert shorten("the bees, again and again", 12) == "the bees…"
    assert shorten("short", 5) == "short"
    assert quoted("a") == "“a”"
    assert quoted("„a“") == "„a“"


def test_a_message_of_nothing_has_no_parts() -> None:
    assert parts(said(Span("break"), Span("text", " \u200b ")), 500, len) == []


def mastodon_length(text: str) -> int:
    return len(re.sub(r"https?://\S+", "x" * 23, text))


@given(SPANS, st.integers(30, 200), st.sampled_from([len, mastodon_length]))
def test_every_part_fits_and_says_something(spans: tuple[Span, ...], limit: int, length: object) -> None:
    assert callable(length)
    for part in parts(Outgoing("k", spans), limit, length):
        assert part.strip()
        assert length(part) <= limit


@given(SPANS, st.integers(30, 200))
def test_nobody_is_called_and_nothing_but_links_is_linked(spans: tuple[Span, ...], limit: int) -> None:
    urls = "|".join(re.escape(span.url) for span in spans if span.kind == "link") or "$^"
    for part in parts(Outgoing("k", spans), limit, len):
        rest = re.sub(urls, "", part)
        assert re.findall(r"@(?!\u200b|$)", rest) == []
        assert "://" not in re.sub(r"(?<![a-zA-Z])://", "", rest)


@given(SPANS, st.integers(100, 200))
def test_no_link_is_lost_or_cut(spans: tuple[Span, ...], limit: int) -> None:
    shown, at = "\n".join(parts(Outgoing("k", spans), limit, len)), 0
    for span in spans:
        if span.kind == "link":
            at = shown.index(span.url, at) + len(span.url)
            assert re.match(r"\s|$|[)\].,;:!?]+(\s|$)", shown[at:])


@given(st.lists(WORDS, max_size=5), st.integers(30, 200))
def test_all_words_survive_in_order(texts: list[str], limit: int) -> None:
    spans = tuple(Span("text", text) for text in texts)
    assert squeezed("".join(parts(Outgoing("k", spans), limit, len))) == squeezed("".join(texts))


@given(WORDS, st.integers(5, 40))
def test_no_cluster_is_ever_cut(text: str, limit: int) -> None:
    clusters = [c for part in split(text, limit, len) for c in regex.findall(r"\X", part) if not c.isspace()]
    assert clusters == [c for c in regex.findall(r"\X", text) if not c.isspace()]


@given(NASTY)
def test_quieting_twice_is_quieting_once(text: str) -> None:
    assert quiet(quiet(text)) == quiet(text)
