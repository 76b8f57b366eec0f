"""Which links are short or general, what a page says of itself, and how short links are followed."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from config.errors import SourceError
from tools.links import LinkResolver, canonical, declared, is_general, is_short
from tools.web import Page


@pytest.mark.parametrize(
    "url", ["https://bit.ly/3xYz", "http://www.t.co/a", "https://reddit.com/r/bees/s/AbC", "lnkd.in/x"]
)
def test_shorteners_are_known(url: str) -> None:
    assert is_short(url) == ("://" in url)


@pytest.mark.parametrize(
    "url", ["https://bit.ly/", "https://youtu.be/dQw4w9WgXcQ", "https://notbit.ly/a", "mailto:a@bit.ly", ""]
)
def test_other_links_are_not_short(url: str) -> None:
    assert not is_short(url)


@pytest.mark.parametrize(
    "url",
    [
        *("https://example.org", "https://example.org/de", "https://mastodon.example/@anna", "https://github.com/anna"),
        *(
            "https://mastodon.example/tags/bees",
            "https://x.com/anna",
            "https://youtube.com/@anna/videos",
            "https://t.me/bees",
        ),
        *("https://bsky.app/profile/anna.example", "https://reddit.com/r/bees", "https://social.example/users/anna"),
    ],
)
def test_front_pages_profiles_and_hashtags_are_general(url: str) -> None:
    assert is_general(canonical(url))


@pytest.mark.parametrize(
    "url",
    [
        *("https://example.org/a", "https://example.org/?p=7", "https://mastodon.example/@anna/1123", "bees"),
        *(
            "https://github.com/anna/bees",
            "https://x.com/anna/status/1",
            "https://t.me/bees/7",
            "https://example.org/#!/a",
        ),
    ],
)
def test_a_page_that_tells_one_thing_is_not_general(url: str) -> None:
    assert not is_general(canonical(url))


def page_saying(canonical: str = "", og: str = "") -> str:
    link = f'<link href="{canonical}" rel="canonical">' if canonical else ""
    meta = f'<meta property="og:url" content="{og}">' if og else ""
    return f"<html><head><title>Bees</title>{link}{meta}</head><body>Bees return.</body></html>"


@pytest.mark.parametrize(
    ("said", "base", "expected"),
    [
        ("https://www.example.org/bees?utm_source=amp", "https://amp.example.org/bees", "https://example.org/bees"),
        ("/bees", "https://example.org/amp/x", "https://example.org/bees"),
        ("https://example.co.uk/bees", "https://amp-cdn.example.co.uk/1", "https://example.co.uk/bees"),
        ("https://other.co.uk/bees", "https://example.co.uk/1", None),
        ("https://evil.example/bees", "https://example.org/bees", None),
        ("https://anna.substack.com/p/a", "https://berta.substack.com/p/a", None),
        ("https://example.org/", "https://example.org/bees", None),
        ("javascript:alert(1)", "https://example.org/bees", None),
        ("http://[::1", "https://example.org/bees", None),
        ("http://127.0.0.1/a", "https://10.0.0.1/a", None),
    ],
)
def test_a_page_is_believed_about_itself_and_nobody_else(said: str, base: str, expected: str | None) -> None:
    assert declared(page_saying(canonical=said), base) == expected
    assert declared(page_saying(og=said), base) == expected


def test_og_url_is_the_second_witness() -> None:
    html = page_saying(canonical="https://example.org/", og="https://example.org/bees")
    assert declared(html, "https://example.org/x?amp") == "https://example.org/bees"


@pytest.mark.parametrize("html", ["", "<link rel=canonical>", "<link rel=canonical href=''>", "\x00<<<", "plain"])
def test_a_page_may_say_nothing_of_itself(html: str) -> None:
    assert declared(html, "https://example.org/x") is None
    assert declared(html, "not a link") is None


@dataclass
class PretendWeb:
    """A web made of redirects and pages; everything else is away. It remembers what it was asked."""

    moves: dict[str, str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def redirect(self, url: str) -> str | None:
        self.asked.append(url)
        if url in self.moves:
            return self.moves[url]
        return None if url in self.pages else self._away(url)

    def get(self, url: str) -> Page:
        self.asked.append(url)
        if url not in self.pages:
            self._away(url)
        return Page(url, 200, {}, self.pages[url].encode(), "text/html")

    def _away(self, url: str) -> None:
        raise SourceError(f"{url} is away.")


def test_a_short_link_is_followed_to_the_page() -> None:
    web = PretendWeb({"http://bit.ly/a": "https://www.example.org/bees?utm_source=bitly"})
    assert LinkResolver(web).resolve("http://bit.ly/a") == "https://example.org/bees"


def test_a_short_link_may_hide_another() -> None:
    web = PretendWeb({"https://t.co/a": "https://bit.ly/b", "https://bit.ly/b": "https://example.org/bees"})
    assert LinkResolver(web).resolve("https://t.co/a") == "https://example.org/bees"


def test_a_short_link_in_a_wrapper_is_followed() -> None:
    web = PretendWeb({"https://bit.ly/b": "https://example.org/bees"})
    assert (
        LinkResolver(web).resolve("https://l.facebook.com/l.php?u=https%3A%2F%2Fbit.ly%2Fb")
        == "https://example.org/bees"
    )


def test_following_ends_after_three_hops() -> None:
    web = PretendWeb({f"https://bit.ly/{n}": f"https://bit.ly/{n + 1}" for n in range(9)})
    assert LinkResolver(web).resolve("https://bit.ly/0") == "https://bit.ly/3"
    assert len(web.asked) == 3


def test_an_answer_is_kept_in_the_given_cache() -> None:
    web = PretendWeb({"https://bit.ly/a": "https://example.org/bees"})
    known: dict[str, str] = {}
    assert LinkResolver(web, known).resolve("https://bit.ly/a") == "https://example.org/bees"
    assert known == {"https://bit.ly/a": "https://example.org/bees"}
    assert LinkResolver(None, known).resolve("https://bit.ly/a?utm_source=x") == "https://example.org/bees"
    assert len(web.asked) == 1


def test_a_failure_leaves_the_link_and_is_not_tried_again_in_this_run() -> None:
    web, known = PretendWeb(), {}
    resolver = LinkResolver(web, known)
    assert [resolver.resolve("https://bit.ly/gone"), resolver.resolve("https://bit.ly/gone")] == [
        "https://bit.ly/gone"
    ] * 2
    assert web.asked == ["https://bit.ly/gone"]
    assert known == {}


def test_a_failure_is_tried_again_when_that_is_wished() -> None:
    web = PretendWeb()
    resolver = LinkResolver(web)
    resolver.resolve("https://bit.ly/a")
    web.moves["https://bit.ly/a"] = "https://example.org/bees"
    resolver.try_again()
    assert resolver.resolve("https://bit.ly/a") == "https://example.org/bees"


def test_what_was_found_out_is_news_once() -> None:
    resolver = LinkResolver(PretendWeb({"https://bit.ly/a": "https://example.org/bees"}))
    resolver.resolve("https://bit.ly/a")
    assert resolver.news() == {"https://bit.ly/a": "https://example.org/bees"}
    resolver.resolve("https://bit.ly/a")
    assert resolver.news() == {}


def test_of_many_links_the_latest_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.links.REMEMBERED", 2)
    resolver = LinkResolver(PretendWeb({f"https://bit.ly/{n}": f"https://example.org/{n}" for n in range(4)}))
    for n in range(4):
        resolver.resolve(f"https://bit.ly/{n}")
    assert list(resolver.known) == ["https://bit.ly/2", "https://bit.ly/3"]


def test_a_link_of_which_nothing_was_asked_is_not_remembered() -> None:
    resolver = LinkResolver(PretendWeb())
    resolver.resolve("https://example.org/bees", fetch=True)
    assert (resolver.known, resolver.__dict__["_fruitless"]) == ({}, set())


def test_a_short_link_to_something_that_is_no_page_is_left() -> None:
    web = PretendWeb({"https://bit.ly/a": "javascript:alert(1)"})
    assert LinkResolver(web).resolve("https://bit.ly/a") == "https://bit.ly/a"


def test_only_shorteners_are_asked() -> None:
    web = PretendWeb()
    assert LinkResolver(web).resolve("https://example.org/amp?utm_source=x") == "https://example.org/amp"
    assert web.asked == []


def test_without_a_web_a_short_link_stays_short() -> None:
    assert LinkResolver().resolve("http://bit.ly/a") == "https://bit.ly/a"


def test_an_amp_page_is_asked_for_its_original_when_fetching_is_wished() -> None:
    web = PretendWeb(
        pages={"https://example.org/amp/bees": page_saying(canonical="https://example.org/news/bees-return")}
    )
    resolver = LinkResolver(web)
    assert resolver.resolve("https://example.org/amp/bees", fetch=True) == "https://example.org/news/bees-return"
    assert resolver.resolve("https://example.org/amp/bees") == "https://example.org/news/bees-return"
    assert len(web.asked) == 1
    assert resolver.resolve("https://example.org/other", fetch=True) == "https://example.org/other"
    assert len(web.asked) == 1
