"""One page, one link: the table of what is the same and what is not, and the laws."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tools.canonical import canonical

SAME = [
    # scheme, host, port
    ("http://example.org/a", "https://example.org/a"),
    ("HTTPS://EXAMPLE.org/a", "https://example.org/a"),
    ("http://example.org:80/a", "https://example.org/a"),
    ("https://example.org:443/a", "https://example.org/a"),
    ("https://example.org./a", "https://example.org/a"),
    ("https://anna:secret@example.org/a", "https://example.org/a"),
    ("https://www.example.org/a", "https://example.org/a"),
    ("https://m.example.org/a", "https://example.org/a"),
    ("https://mobile.example.org/a", "https://example.org/a"),
    ("https://amp.example.co.uk/a", "https://www.example.co.uk/a"),
    ("https://www.m.example.org/a", "https://example.org/a"),
    ("https://de.m.wikipedia.org/wiki/Biene", "https://de.wikipedia.org/wiki/Biene?wprov=sfti1"),
    ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
    ("https://BÜCHER.example/a", "https://bücher.example/a"),
    ("https://例え.jp/a", "https://xn--r8jz45g.jp/a"),
    ("https://ＥＸＡＭＰＬＥ.org/a", "https://example.org/a"),
    ("https://☃.net/", "https://xn--n3h.net"),
    ("http://[2001:DB8::1]/a", "https://[2001:db8:0::1]/a"),
    (" https://example.org/a\n", "https://example.org/a"),
    # path
    ("https://example.org", "https://example.org/"),
    ("https://example.org/a/", "https://example.org/a"),
    ("https://example.org//a///b", "https://example.org/a/b"),
    ("https://example.org/a/./b/../c", "https://example.org/a/c"),
    ("https://example.org/../../a", "https://example.org/a"),
    ("https://example.org/a/index.html", "https://example.org/a"),
    ("https://example.org/index.php?id=7", "https://example.org/?id=7"),
    ("https://example.org/a;jsessionid=1F?x=1", "https://example.org/a?x=1"),
    ("https://example.org/%7Eanna/%61", "https://example.org/~anna/a"),
    ("https://example.org/%e2%82%ac", "https://example.org/€"),
    ("https://example.org/caf%C3%A9", "https://example.org/café"),
    ("https://example.org/cafe\u0301", "https://example.org/caf\u00e9"),
    ("https://example.org/cafe%CC%81", "https://example.org/caf%c3%a9"),
    ("https://ru.wikipedia.org/wiki/Пчела", "https://ru.wikipedia.org/wiki/%D0%9F%D1%87%D0%B5%D0%BB%D0%B0"),
    ("https://example.jp/記事/蜂", "https://example.jp/%E8%A8%98%E4%BA%8B/%E8%9C%82/"),
    ("https://example.org/خبر", "https://example.org/%D8%AE%D8%A8%D8%B1"),
    ("https://example.org/a b", "https://example.org/a%20b"),
    ("https://example.org/100%", "https://example.org/100%25"),
    ("https://example.org/%ff", "https://example.org/%FF"),
    # fragment and query
    ("https://example.org/a#part-2", "https://example.org/a"),
    ("https://example.org/a#:~:text=bees", "https://example.org/a"),
    ("https://example.org/a?b=1&a=2", "https://example.org/a?a=2&b=1"),
    ("https://example.org/a?", "https://example.org/a"),
    ("https://example.org/a?&&b=1&", "https://example.org/a?b=1"),
    ("https://example.org/a?q=two+words", "https://example.org/a?q=two%20words"),
    ("https://example.org/a?x=1&amp;y=2", "https://example.org/a?x=1&y=2"),
    ("https://example.org/a?q=%d7%93", "https://example.org/a?q=ד"),
    ("https://example.org/a?utm_source=x&UTM_Medium=y&utm_whatever=z", "https://example.org/a"),
    ("https://example.org/a?id=3&fbclid=IwAR0&gclid=1&mc_cid=2&mc_eid=3", "https://example.org/a?id=3"),
    ("https://example.org/a?_hsenc=1&_hsmi=2&vero_id=3&mkt_tok=4", "https://example.org/a"),
    ("https://example.org/a?wt_mc=tw&pk_campaign=1&mtm_source=2&at_medium=3", "https://example.org/a"),
    ("https://example.org/a?guccounter=1&guce_referrer=aHR0", "https://example.org/a"),
    ("https://example.org/a?x=1&amp;utm_source=rss", "https://example.org/a?x=1"),
    ("https://example.org/a?ref=twitter", "https://example.org/a"),
    ("https://example.org/a?ref=blog.example.com", "https://example.org/a"),
    ("https://example.org/a?share=mastodon&source=rss", "https://example.org/a"),
    (
        "https://news.example.com/p/bees?r=26dsaw&utm_campaign=post&showWelcomeOnShare=true",
        "https://news.example.com/p/bees",
    ),
    ("https://medium.com/@anna/bees-1a2b?source=friends_link&sk=ff", "https://medium.com/@anna/bees-1a2b"),
    ("https://www.nytimes.com/2026/a.html?smid=url-share&unlocked_article_code=1.a", "https://nytimes.com/2026/a.html"),
    ("https://open.substack.com/pub/anna/p/bees?r=26dsaw", "https://anna.substack.com/p/bees?utm_source=x"),
    ("https://example.org/a?origin=rss&src=github", "https://example.org/a"),
    # AMP
    ("https://example.org/news/bees-return/amp/", "https://example.org/news/bees-return"),
    ("https://example.org/amp/news/bees-return", "https://example.org/news/bees-return"),
    ("https://example.org/bees-return.amp.html", "https://example.org/bees-return.html"),
    ("https://example.org/a?amp=1", "https://example.org/a?amp"),
    ("https://example.org/a?outputType=amp", "https://example.org/a"),
    ("https://www-example-org.cdn.ampproject.org/c/s/www.example.org/a-b/amp?usqp=mq331", "https://example.org/a-b"),
    ("https://www.google.com/amp/s/www.example.org/a", "https://example.org/a"),
    ("https://www.google.co.uk/amp/s/amp.example.org/a", "https://example.org/a"),
    # wrapped
    ("https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2Fa%3Ffbclid%3D1&h=AT0", "https://example.org/a"),
    ("https://www.google.com/url?q=https://example.org/a&sa=D", "https://example.org/a"),
    ("https://www.google.de/url?sa=t&url=https%3A%2F%2Fexample.org%2Fa", "https://example.org/a"),
    ("https://out.reddit.com/t3_x?url=https%3A%2F%2Fexample.org%2Fa&token=q", "https://example.org/a"),
    ("https://social.example/authorize_interaction?uri=https://example.org/@a/1", "https://example.org/@a/1"),
    ("https://www.youtube.com/redirect?q=https%3A%2F%2Fexample.org%2Fa&v=abcdefghijk", "https://example.org/a"),
    (
        "https://www.google.com/url?q=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3Dhttps%253A%252F%252Fexample.org%252Fa",
        "https://example.org/a",
    ),
    # sites with several addresses for one thing
    ("https://youtu.be/dQw4w9WgXcQ?si=abc&t=42", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
    ("https://m.youtube.com/watch?app=desktop&v=dQw4w9WgXcQ&t=1m", "https://youtube.com/watch?v=dQw4w9WgXcQ"),
    ("https://youtube.com/shorts/dQw4w9WgXcQ?feature=share", "https://youtu.be/dQw4w9WgXcQ"),
    ("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?start=3", "https://youtu.be/dQw4w9WgXcQ"),
    ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PL1&index=2&pp=ygU", "https://youtu.be/dQw4w9WgXcQ"),
    ("https://twitter.com/anna/status/12345?s=20&t=xyz", "https://x.com/anna/status/12345"),
    ("https://mobile.twitter.com/anna/status/12345/photo/1", "https://x.com/i/web/status/12345"),
    ("https://arxiv.org/pdf/2301.00001v2.pdf", "https://arxiv.org/abs/2301.00001"),
    ("https://arxiv.org/pdf/2301.00001", "http://export.arxiv.org/abs/2301.00001v3"),
    ("https://arxiv.org/abs/math/0309136v1", "https://arxiv.org/pdf/math/0309136"),
    ("https://doi.org/10.48550/arXiv.2301.00001", "https://arxiv.org/html/2301.00001v1"),
    ("http://dx.doi.org/10.1145/3377811.3380000", "https://doi.org/10.1145/3377811.3380000"),
    (
        "https://dl.acm.org/doi/abs/10.1145/3377811.3380000",
        "https://dl.acm.org/doi/pdf/10.1145/3377811.3380000?download=true",
    ),
    ("https://doi.org/10.1000/ABC%3cdef", "https://doi.org/10.1000/abc%3Cdef"),
    ("https://old.reddit.com/r/bees/comments/1abcde/a_title/?share_id=1", "https://redd.it/1abcde"),
    ("https://stackoverflow.com/q/11227809/1", "https://stackoverflow.com/questions/11227809/why-is-it-faster"),
    ("https://www.amazon.de/Some-Book/dp/3462041234/ref=sr_1_1?keywords=b", "https://amazon.de/gp/product/3462041234"),
    ("https://mastodon.example/web/@anna/1123", "https://mastodon.example/@anna/1123"),
]

DIFFERENT = [
    ("https://example.org/a", "https://example.org/b"),
    ("https://example.org/A", "https://example.org/a"),
    ("https://example.org/a?id=1", "https://example.org/a?id=2"),
    ("https://example.org/?p=1", "https://example.org/?p=2"),
    ("https://example.org:8443/a", "https://example.org/a"),
    ("https://m.org/a", "https://org/a"),
    ("https://www.co.uk/a", "https://co.uk/a"),
    ("https://news.example.org/a", "https://example.org/a"),
    ("https://mail.example.org/a", "https://example.org/a"),
    ("https://de.wikipedia.org/wiki/Biene", "https://en.wikipedia.org/wiki/Biene"),
    ("https://example.org/a%2Fb", "https://example.org/a/b"),
    ("https://example.org/a?q=1%262", "https://example.org/a?2&q=1"),
    ("https://example.org/a?q=c%2B%2B", "https://example.org/a?q=c++"),
    ("https://example.org/a?tag=x&tag=y", "https://example.org/a?tag=y&tag=x"),
    ("https://example.org/#!/anna", "https://example.org/#!/berta"),
    ("https://app.example.org/#/room/1", "https://app.example.org/#/room/2"),
    ("https://shop.example/guitars/amp", "https://shop.example/guitars"),
    ("https://en.wikipedia.org/wiki/AMP", "https://en.wikipedia.org/wiki"),
    ("https://example.org/a?s=bees", "https://example.org/a?s=ants"),
    ("https://example.org/a?t=1", "https://example.org/a"),
    ("https://api.github.com/repos/a/b?ref=v1.2", "https://api.github.com/repos/a/b?ref=v1.3"),
    ("https://example.org/a?source=archive", "https://example.org/a?source=live"),
    ("https://youtube.com/watch?v=dQw4w9WgXcQ", "https://youtube.com/watch?v=dQw4w9WgXcR"),
    ("https://youtube.com/playlist?list=PL1", "https://youtube.com/playlist?list=PL2"),
    ("https://arxiv.org/abs/2301.00001", "https://arxiv.org/abs/2301.00002"),
    ("https://x.com/anna/status/1", "https://x.com/anna/status/2"),
    ("https://reddit.com/r/a/comments/1abcde/t/", "https://reddit.com/r/a/comments/1abcde/t/xyz/"),
    ("https://example.jp/記事/蜂", "https://example.jp/記事/蟻"),
    ("https://web.archive.org/web/2020/https://example.org/a", "https://example.org/a"),
    ("https://www.google.com/url?q=javascript:alert(1)", "https://www.google.com/url?q=https://example.org"),
]

NO_LINKS = [
    *(
        "",
        " ",
        "bees",
        "mailto:a@example.org",
        "ftp://example.org/a",
        "javascript:alert(1)",
        "//example.org/a",
        "https://",
    ),
    *(
        "https://:80/",
        "https://exa mple.org/",
        "http://[::1",
        "https://example.org:99999/",
        "http://0x7f.1/",
        "https://a..b/",
    ),
    *(
        "http://2130706433/",
        "https://example.org\\@evil.example/",
        "http:///a",
        "https://%31.example/",
        "\x00a.b",
    ),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_spellings_of_one_page_become_one_link(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)
    assert_settled(canonical(one))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_pages_stay_two_links(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)
    assert_settled(canonical(one))
    assert_settled(canonical(other))


@pytest.mark.parametrize("text", NO_LINKS)
def test_what_is_no_web_link_comes_back_as_it_is(text: str) -> None:
    assert canonical(text) == text


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://www.Example.org:80/Bees/?b=2&a=1&utm_source=x#top", "https://example.org/Bees?a=1&b=2"),
        ("https://example.org", "https://example.org/"),
        ("https://youtu.be/dQw4w9WgXcQ", "https://youtube.com/watch?v=dQw4w9WgXcQ"),
        ("https://bücher.example/a b", "https://xn--bcher-kva.example/a%20b"),
        ("https://example.org/#!/anna", "https://example.org/#!/anna"),
        (
            "https://web.archive.org/web/2020/http://example.org//a/",
            "https://web.archive.org/web/2020/http://example.org/a",
        ),
    ],
)
def test_the_one_spelling_looks_like_this(url: str, expected: str) -> None:
    assert canonical(url) == expected


def assert_settled(link: str) -> None:
    parts = urlsplit(link)
    assert link.isascii()
    assert not set(link) & set(' "<>\\^`{|}')
    assert parts.scheme == "https"
    assert parts.hostname
    assert canonical(link) == link


def words(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from(text.split())


HOSTS = words("""
    example.org www.example.org m.co.uk amp.example.co.uk youtube.com youtu.be twitter.com arxiv.org doi.org t.co
    www.google.com l.facebook.com a.cdn.ampproject.org bücher.example [::1] 10.0.0.1 en.m.wikipedia.org old.reddit.com
    medium.com amazon.de
""")
STEPS = words("""
    a b-c amp index.html .. . watch url amp s c l.php web @anna status 123 abs pdf 2301.00001v2 doi 10.1000 X%3c dp
    3462041234 r comments 1abc %2e%2e %C3%A9 e\u0301 %FF %25%34 100% é ; http: shorts dQw4w9WgXcQ example.org a=b
""")
NAMES = words("q u url v utm_source ref amp id a[] amp;x %61 é uri t")
VALUES = st.one_of(
    st.sampled_from(
        ["", "1", "https://example.org/a?utm_source=1", "https%3A%2F%2Ft.co%2Fa%2520b", "twitter", "x.org"]
    ),
    st.text(max_size=8),
)


@st.composite
def urls(draw: st.DrawFn) -> str:
    path = "/".join(draw(st.lists(st.one_of(STEPS, st.text(max_size=5)), max_size=6)))
    query = "&".join(f"{k}={v}" for k, v in draw(st.lists(st.tuples(NAMES, VALUES), max_size=4)))
    scheme, port = draw(words("http HTTPS")), draw(st.sampled_from(["", ":80", ":8080"]))
    fragment = draw(st.sampled_from(["", "#top", "#!/a b", "#/é?x=%7e", "#!"]))
    return f"{scheme}://{draw(HOSTS)}{port}/{path}?{query}{fragment}"


@given(urls())
def test_canonical_twice_is_canonical_once(url: str) -> None:
    assert_settled(canonical(url))


@given(st.text())
def test_no_text_makes_canonical_fail(text: str) -> None:
    once = canonical("https://" + text)
    assert canonical(once) == once
    assert canonical(text) == canonical(canonical(text))


@given(urls(), st.sampled_from(["utm_source=x", "fbclid=1", "amp;utm_medium=é", "mtm_campaign="]))
def test_a_tracking_parameter_never_makes_a_difference(url: str, tracker: str) -> None:
    head, mark, tail = url.strip().partition("#")
    assume("?" in head)
    assert canonical(f"{head}&{tracker}{mark}{tail}") == canonical(url)
