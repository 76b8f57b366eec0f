"""Charsets that no text is written in: reading two million bytes in one of them would take hours."""

from __future__ import annotations

from email import message_from_bytes

import pytest

from config.errors import SourceError
from tools.charsets import NO_TEXTS, named
from tools.importers.letters import words_of
from tools.sources.feed_reading import read_feed
from tools.web import Page

LONG = b"xn--" + b"9" * 1_500_000


@pytest.mark.parametrize("charset", [*NO_TEXTS, "PunyCode"])
def test_a_page_in_the_code_of_hosts_is_read_as_any_other(charset: str) -> None:
    page = Page("https://x.example/", 200, {"content-type": f"text/html; charset={charset}"}, LONG)
    assert page.text == LONG.decode()
    assert (named(charset), named("koi8-r")) == ("utf-8", "koi8-r")


def test_nor_does_the_page_itself_decide_it() -> None:
    body = b'<meta charset="punycode">' + LONG
    assert Page("https://x.example/", 200, {}, body).text == body.decode()


@pytest.mark.parametrize(
    ("declared", "header"), [("punycode", "text/xml"), ("utf-8", "text/xml; charset=punycode"), ("IDNA", "")]
)
def test_a_feed_in_it_is_not_read(declared: str, header: str) -> None:
    body = f'<?xml version="1.0" encoding="{declared}"?><rss version="2.0"><channel><title>'.encode() + LONG[:200_000]
    with pytest.raises(SourceError, match="names a charset that no text is written in: it was not read"):
        read_feed(Page("https://x.example/f", 200, {"content-type": header}, body))


def test_a_letter_in_it_is_read_as_it_stands() -> None:
    letter = b"From: a@b.example\nContent-Type: text/plain; charset=punycode\n\nHello there " + b"9" * 300_000
    assert words_of(message_from_bytes(letter))[0].startswith("Hello there")
