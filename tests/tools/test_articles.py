"""Linked articles: what stands on a page, under which name it is kept, and which pages are asked for at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest

from config.errors import SourceError
from memory.records import Fetched, How
from tests.tools.recorded import NOW, Recorded, cursor_after, items
from tools.articles import Articles, Wanted, place_in, read_article
from tools.web import AwayError, Page

LINK = "https://paper.example/2026/malmo?utm_source=x"
ANN, BEN = "https://fedi.example/users/ann", "https://fedi.example/users/ben"
EARLIER = NOW - timedelta(hours=3)
SENTENCES = (
    "The night train to Malmö runs again from March, three times a week, with one sleeping car and four couchettes.",
    "The operator had given it up in 2024, when nobody wanted to pay for the locomotives on the Danish side.",
    "A petition of forty thousand people, most of whom had never taken it, seems to have helped.",
    "Tickets are sold from the first of December, and the cheapest of them cost less than a meal at the station.",
)


def html(head: str = "", body: str | None = None) -> str:
    words = body if body is not None else "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    return (
        f'<html lang="en"><head><title>The train to Malmö</title>{head}</head><body>'
        f'<nav><a href="/">Home</a> <a>Subscribe now</a></nav>'
        f"<article><h1>The train to Malmö</h1>{words}</article><script>steal()</script></body></html>"
    )


def page(body: str, url: str = LINK, kind: str = "text/html", status: int = 200) -> Page:
    return Page(url, status, {"content-type": f"{kind}; charset=utf-8"}, body.encode(), kind)


def reader(web: Recorded, *links: str, held: Sequence[str] = (), most: int = 20) -> Articles:
    wanted = [Wanted(link, ((ANN, NOW - timedelta(hours=1)), (BEN, EARLIER))) for link in links or (LINK,)]
    return Articles(web, lambda: wanted, lambda uri: uri in held, lambda: NOW, most)


def told(articles: Articles, cursor: dict[str, str] | None = None) -> list[Fetched]:
    return [step for step in articles.fetch(cursor) if isinstance(step, Fetched)]


def serving(body: str, link: str = LINK, **more: str) -> Recorded:
    web = Recorded()
    web.says(link, body, "text/html; charset=utf-8", **more)  # type: ignore[arg-type]
    return web


def test_the_words_of_an_article_are_kept_without_what_stands_around_them() -> None:
    item = read_article(page(html()), EARLIER, NOW)
    assert item is not None
    assert (item.title, item.kind, item.url) == ("The train to Malmö", "article", LINK)
    assert all(sentence in item.text for sentence in SENTENCES)
    assert "Subscribe" not in item.text and "steal" not in item.text


def test_it_is_known_by_the_address_that_the_page_gives_itself() -> None:
    for head, uri in (
        ("", "https://paper.example/2026/malmo"),
        ('<link rel="canonical" href="https://www.paper.example/malmo">', "https://paper.example/malmo"),
        ('<link rel="canonical" href="https://fedi.example/users/ann">', "https://paper.example/2026/malmo"),
    ):
        item = read_article(page(html(head)), EARLIER, NOW)
        assert item is not None and item.uri == uri


def test_it_is_no_younger_than_whoever_shared_it() -> None:
    undated = read_article(page(html()), EARLIER, NOW)
    dated = read_article(page(html('<meta property="article:published_time" content="2026-11-02">')), EARLIER, NOW)
    assert undated is not None and undated.created_at <= EARLIER
    assert dated is not None and dated.created_at == datetime(2026, 11, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "what",
    [
        page(html(body="<p>Log in to read on.</p>")),
        page("", kind="text/html"),
        page(html(), kind="application/pdf"),
        page("<" * 100_000),
        page("<div>" * 20_000 + "x"),
        page("\x00\ud800".encode("utf-8", "replace").decode() * 1000),
    ],
)
def test_what_is_no_article_is_none(what: Page) -> None:
    assert read_article(what, EARLIER, NOW) is None


def test_it_is_put_before_the_owner_by_those_who_linked_it() -> None:
    steps = told(reader(serving(html())))
    assert [(share.account, share.how, share.at) for step in steps for share in step.shares] == [
        (ANN, How.LINKED, NOW - timedelta(hours=1)),
        (BEN, How.LINKED, EARLIER),
    ]
    assert [(account.handle, account.followed) for step in steps for account in step.accounts] == [
        ("paper.example@paper.example", None)
    ]


def test_each_link_is_asked_for_once() -> None:
    web = serving(html())
    first = told(reader(web))
    assert items(told(reader(web), cursor_after(first))) == []
    assert web.urls == [LINK]


def test_a_page_that_cannot_be_read_is_no_error_and_not_asked_for_again() -> None:
    web = Recorded()
    steps = list(reader(web).fetch(None))
    assert [type(step) for step in steps] == [Fetched]
    told(reader(web), cursor_after(told(reader(web))))
    assert len(web.urls) == 2  # one for each of the two readings without a cursor


def test_a_host_that_is_away_is_one_sentence_and_asked_again_another_time() -> None:
    class Away(Recorded):
        def get(self, url: str) -> Page:
            self.ask(url)
            raise AwayError("paper.example gave no answer: timed out.")

    web = Away()
    steps = list(reader(web, LINK, "https://paper.example/other").fetch(None))
    assert [str(step) for step in steps if isinstance(step, SourceError)] == [
        "paper.example gave no answer: timed out."
    ]
    assert cursor_after([step for step in steps if isinstance(step, Fetched)]) == {}
    assert web.urls == [LINK]


def test_no_more_than_the_owner_wants_are_read_at_a_time() -> None:
    web = Recorded()
    told(reader(web, *(f"https://paper{n}.example/2026/story" for n in range(9)), most=4))
    assert len(web.urls) == 4


@pytest.mark.parametrize(
    "link", ["https://paper.example/", "https://github.com/ann", "file:///etc/passwd", "https://a:b@c.example/x"]
)
def test_front_pages_and_strange_links_are_not_asked_for(link: str) -> None:
    web = Recorded()
    assert told(reader(web, link)) == []
    assert web.urls == []


def test_no_host_is_asked_for_more_than_a_few_at_a_time() -> None:
    web, links = Recorded(), [f"https://paper.example/2026/{n}-story" for n in range(5)]
    first = told(reader(web, *links))
    assert len(web.urls) == 3
    told(reader(web, *links), cursor_after(first))
    assert web.urls == links


def test_what_a_feed_has_brought_is_not_written_over() -> None:
    assert items(told(reader(serving(html()), held=["https://paper.example/2026/malmo"]))) == []


def test_a_passage_has_an_address_of_its_own() -> None:
    place = place_in("https://paper.example/x#top", SENTENCES[0])
    assert place.startswith("https://paper.example/x#:~:text=The%20night%20train%20to%20Malm%C3%B6,")
    assert unquote(place).endswith("sleeping car and four couchettes.")
    assert (
        place_in("https://paper.example/x", "so-called, & few")
        == "https://paper.example/x#:~:text=so%2Dcalled%2C%20%26%20few"
    )
    assert place_in("https://paper.example/x", "…") == "https://paper.example/x"
