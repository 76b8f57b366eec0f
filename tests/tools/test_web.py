"""The guarded web against servers on this machine: what is fetched, what is refused, and how politely."""

from __future__ import annotations

import gzip
import shutil
import ssl
import subprocess
import threading
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from config.errors import SourceError
from tools.web import GuardedWeb, Page, user_agent

HOST = "site.example"
HERE = ["127.0.0.1"]


@dataclass
class Answer:
    """What a path answers: a status, headers and a body, written in drops when it is slow."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    drip: float = 0.0  # seconds between bytes


class Site(ThreadingHTTPServer):
    """A server on this machine that says what it was told to say and remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.connections = 0
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def url(self, path: str, host: str = HOST) -> str:
        return f"http://{host}:{self.port}{path}"

    def page(self, path: str, body: bytes | str = b"", status: int = 200, **headers: str) -> None:
        raw = body.encode() if isinstance(body, str) else body
        self.answers[path] = Answer(status, {k.replace("_", "-"): v for k, v in headers.items()}, raw)

    def move(self, path: str, to: str, status: int = 302) -> None:
        self.page(path, status=status, location=to)

    def get_request(self) -> Any:
        self.connections += 1
        return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up early is part of these tests."""


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        answer = self.server.answers.get(self.path, Answer(404))
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        for n in range(len(answer.body)) if answer.drip else ():
            self.wfile.write(answer.body[n : n + 1])
            self.wfile.flush()
            time.sleep(answer.drip)
        if not answer.drip:
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@dataclass
class Clock:
    """Time that passes only when somebody sleeps."""

    now: float = 1_800_000_000.0
    naps: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


@dataclass
class Names:
    """A name service that knows what it was told; every further question takes the next answer."""

    book: dict[str, list[list[str]]]
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        answers = self.book.get(host, [[]])
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def web(clock: Clock) -> GuardedWeb:
    return GuardedWeb(allow=frozenset({HOST}), resolve=Names({HOST: [HERE]}), clock=clock, sleep=clock.sleep)


def everywhere_here(host: str, port: int) -> Sequence[str]:
    return HERE


def test_a_page_is_fetched_under_its_own_name(site: Site, web: GuardedWeb) -> None:
    site.page("/bees?x=%C3%A9", "<p>Bees</p>", content_type="text/HTML; charset=utf-8")
    page = web.get(site.url("/bees?x=é#top"))
    assert (page.status, page.body, page.content_type) == (200, b"<p>Bees</p>", "text/html")
    assert page.url == site.url("/bees?x=%C3%A9")
    asked = dict(site.asked)["/bees?x=%C3%A9"]
    assert asked["host"] == f"{HOST}:{site.port}"
    assert asked["user-agent"] == user_agent()
    assert user_agent().startswith("Magpie/")


def test_an_error_of_the_server_is_a_page_too(site: Site, web: GuardedWeb) -> None:
    assert web.get(site.url("/nowhere")).status == 404


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("é".encode(), "text/html", "é"),
        ("é".encode("latin-1"), "text/html; charset=ISO-8859-1", "é"),
        ("蜂".encode("shift_jis"), 'text/html; charset="Shift_JIS"', "蜂"),
        (
            '<meta charset="windows-1251">Пчела'.encode("windows-1251"),
            "text/html",
            '<meta charset="windows-1251">Пчела',
        ),
        (b"\xff", "text/html", "\ufffd"),
        ("é".encode(), "text/html; charset=nonsense", "é"),
        ("é".encode(), "text/html; charset=hex", "é"),
        (b"\xffa", "text/html; charset=undefined", "\ufffda"),
    ],
)
def test_text_is_read_in_the_charset_that_is_named_and_never_fails(body: bytes, content_type: str, text: str) -> None:
    assert Page("https://example.org/", 200, {"content-type": content_type}, body).text == text


# what is refused


@pytest.mark.parametrize(
    "url", ["http://2130706433/", "http://anna:secret@example.org/", "http://example.org:22/", "http://[::1"]
)
def test_a_link_of_a_suspicious_form_is_refused_before_any_name_is_looked_up(url: str) -> None:
    names = Names({})
    for ask in (GuardedWeb(resolve=names).get, GuardedWeb(resolve=names).redirect):
        with pytest.raises(SourceError):
            ask(url)
    assert names.asked == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://１２７。0。0。1/", "http://[::1]/", "http://[::ffff:10.0.0.1]/"]
)
def test_a_private_address_in_the_link_itself_is_refused(url: str) -> None:
    with pytest.raises(SourceError, match="not public"):
        GuardedWeb(resolve=lambda host, port: [host]).get(url)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "0.0.0.0", "0x7f.1", "2130706433"],  # noqa: S104
)
def test_a_name_that_leads_to_a_private_address_is_refused(address: str) -> None:
    with pytest.raises(SourceError, match="not public"):
        GuardedWeb(resolve=lambda host, port: [address]).get("http://innocent.example/")


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(SourceError, match="not public"):
        GuardedWeb(resolve=lambda host, port: ["8.8.8.8", "10.0.0.1"]).get("http://innocent.example/")


def test_a_name_that_nobody_knows_is_an_error_in_one_sentence() -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    with pytest.raises(SourceError, match=r"^nowhere\.example was not found: Name or service not known\.$"):
        GuardedWeb(resolve=unknown).get("http://nowhere.example/")


def test_a_server_here_that_is_not_on_the_list_sees_no_connection(site: Site) -> None:
    web = GuardedWeb(allow=frozenset({f"other.example:{site.port}"}), resolve=everywhere_here)
    for host in ("127.0.0.1", "localhost", "innocent.example"):
        with pytest.raises(SourceError):
            web.get(site.url("/", host))
        with pytest.raises(SourceError):
            web.redirect(site.url("/", host))
    assert site.connections == 0


def test_a_redirect_to_a_private_address_is_refused_before_the_connection(site: Site, web: GuardedWeb) -> None:
    inside = Site()
    try:
        # the port is allowed for the name, so it is the address alone that stands in the way
        web.allow |= {f"port.example:{inside.port}"}
        for target in (f"http://127.0.0.1:{inside.port}/", f"//localhost:{inside.port}/", "http://[::ffff:127.0.0.1]/"):
            site.move("/out", target)
            web._pages.clear()
            with pytest.raises(SourceError):
                web.get(site.url("/out"))
        assert inside.connections == 0
    finally:
        inside.shutdown()
        inside.server_close()


def test_a_redirect_to_a_name_that_leads_inside_is_refused(site: Site, web: GuardedWeb) -> None:
    site.move("/out", "http://rebound.example/secret")
    web.resolve = Names({HOST: [HERE], "rebound.example": [HERE]})
    with pytest.raises(SourceError, match=r"rebound\.example was not asked, because its address 127\.0\.0\.1"):
        web.get(site.url("/out"))


def test_a_name_is_resolved_once_and_the_connection_goes_to_that_address(site: Site, web: GuardedWeb) -> None:
    names = Names({HOST: [HERE, ["203.0.113.1"]]})
    web.resolve = names
    assert web.redirect(site.url("/a")) is None
    assert names.asked == [HOST]
    assert site.paths == ["/a"]


def test_the_next_address_is_tried_when_the_first_is_away(site: Site, web: GuardedWeb) -> None:
    site.page("/a", "here")
    web.resolve = lambda host, port: ["::1", "127.0.0.1"]  # the site listens on the second alone
    assert web.get(site.url("/a")).body == b"here"


def free_port() -> int:
    server = Site()
    server.shutdown()
    server.server_close()
    return server.port


# redirects


def test_redirects_are_followed_and_the_last_url_is_told(site: Site, web: GuardedWeb) -> None:
    site.move("/1", "/2", status=301)
    site.move("/2", site.url("/3"), status=307)
    site.page("/3", "there")
    page = web.get(site.url("/1"))
    assert (page.url, page.body) == (site.url("/3"), b"there")


def test_three_redirects_are_followed_and_not_a_fourth(site: Site, web: GuardedWeb) -> None:
    for n in range(5):
        site.move(f"/{n}", f"/{n + 1}")
    with pytest.raises(SourceError, match="after 3 redirects"):
        web.get(site.url("/0"))
    assert site.paths == ["/robots.txt", "/0", "/1", "/2", "/3"]


def test_one_hop_is_read_and_not_followed(site: Site, web: GuardedWeb) -> None:
    site.move("/s", "https://example.org/café?x=1")
    assert web.redirect(site.url("/s")) == "https://example.org/café?x=1"
    assert web.redirect(site.url("/none")) is None
    assert site.paths == ["/s", "/none"]


def test_a_redirect_that_cannot_be_read_is_an_error(site: Site, web: GuardedWeb) -> None:
    site.move("/s", "http://[::1")
    with pytest.raises(SourceError, match="cannot be read"):
        web.redirect(site.url("/s"))


# size and time


def test_a_page_may_have_as_many_bytes_as_the_limit_and_no_more(site: Site, web: GuardedWeb) -> None:
    site.page("/fits", b"x" * 1000)
    site.page("/over", b"x" * 1001)
    web.limit = 1000
    assert len(web.get(site.url("/fits")).body) == 1000
    with pytest.raises(SourceError, match="more than 1000 bytes"):
        web.get(site.url("/over"))


def test_a_compressed_page_is_unpacked(site: Site, web: GuardedWeb) -> None:
    site.page("/z", gzip.compress(b"bees " * 100), content_encoding="gzip")
    assert web.get(site.url("/z")).body == b"bees " * 100


def test_a_small_page_that_unpacks_to_a_huge_one_is_given_up(site: Site, web: GuardedWeb) -> None:
    site.page("/bomb", gzip.compress(b"\0" * 20_000_000), content_encoding="gzip")
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match="more than 2000000 bytes"):
            web.redirect(site.url("/bomb"))
        assert tracemalloc.get_traced_memory()[1] < 10_000_000  # it was never unpacked as a whole
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("encoding", "body"), [("br", b"x"), ("gzip", b"not zipped")])
def test_a_compression_that_cannot_be_read_is_an_error(site: Site, web: GuardedWeb, encoding: str, body: bytes) -> None:
    site.page("/z", body, content_encoding=encoding)
    with pytest.raises(SourceError, match="compressed"):
        web.get(site.url("/z"))


def test_a_server_that_drips_is_given_up_when_the_time_is_over(site: Site, web: GuardedWeb) -> None:
    site.page("/slow", b"x" * 10_000)
    site.answers["/slow"] = replace(site.answers["/slow"], drip=0.02)  # 200 s in all, never long silent
    web.timeout = 0.3
    with pytest.raises(SourceError, match="no answer"):
        web.redirect(site.url("/slow"))


def test_a_server_that_hangs_up_is_an_error(web: GuardedWeb) -> None:
    with pytest.raises(SourceError, match="no answer"):
        web.redirect(f"http://{HOST}:{free_port()}/")


# politeness


def test_a_host_is_asked_once_a_second_and_another_host_at_once(site: Site, web: GuardedWeb, clock: Clock) -> None:
    web.allow |= {"other.example"}
    web.resolve = everywhere_here
    web.redirect(site.url("/a"))
    clock.now += 0.25
    web.redirect(site.url("/b"))
    web.redirect(site.url("/a", "other.example"))
    assert clock.naps == [0.75]
    clock.now -= 3600  # the clock is set back
    web.redirect(site.url("/c"))
    assert clock.naps == [0.75, 1.0]


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_wants_to_be_left_alone_is_left_alone(
    site: Site, web: GuardedWeb, clock: Clock, status: int
) -> None:
    site.page("/busy", status=status, retry_after="120")
    site.page("/a", "back")
    assert web.redirect(site.url("/busy")) is None
    clock.now += 119
    with pytest.raises(SourceError, match="left alone until 2027-01-15 08:02 UTC"):
        web.redirect(site.url("/a"))
    assert site.paths == ["/busy"]
    clock.now += 1
    assert web.get(site.url("/a")).body == b"back"


def test_retry_after_may_be_a_date_or_nonsense(site: Site, web: GuardedWeb, clock: Clock) -> None:
    date = format_datetime(datetime.fromtimestamp(clock.now + 300, UTC), usegmt=True)
    for path, value, seconds in (("/1", date, 300), ("/2", "soon", 60), ("/3", "-5", 60), ("/4", "9" * 30, 86_400)):
        site.page(path, status=429, retry_after=value)
        web.redirect(site.url(path))
        asked = clock.now
        clock.now = asked + seconds - 1
        with pytest.raises(SourceError, match="left alone"):
            web.redirect(site.url("/a"))
        clock.now = asked + seconds


def test_robots_txt_is_read_once_and_obeyed(site: Site, web: GuardedWeb) -> None:
    site.page("/robots.txt", "User-agent: *\nDisallow: /private\n\nUser-agent: magpie\nDisallow: /nomagpie\n")
    site.page("/nomagpie/a", "secret")
    site.page("/private/a", "open to magpies")
    site.move("/round", "/nomagpie/a")
    for path in ("/nomagpie/a", "/round"):
        with pytest.raises(SourceError, match=r"robots\.txt"):
            web.get(site.url(path))
    assert web.get(site.url("/private/a")).body == b"open to magpies"
    assert site.paths == ["/robots.txt", "/round", "/private/a"]


def test_the_hop_of_a_short_link_is_no_crawling(site: Site, web: GuardedWeb) -> None:
    site.page("/robots.txt", "User-agent: *\nDisallow: /")
    site.move("/s", "https://example.org/")
    assert web.redirect(site.url("/s")) == "https://example.org/"
    assert site.paths == ["/s"]


@pytest.mark.parametrize(("status", "open_to_us"), [(404, True), (403, True), (500, False), (503, False)])
def test_a_missing_robots_txt_opens_and_a_broken_one_closes(
    site: Site, web: GuardedWeb, clock: Clock, status: int, open_to_us: bool
) -> None:
    site.page("/robots.txt", status=status)
    site.page("/a", "bees")
    if open_to_us:
        assert web.get(site.url("/a")).body == b"bees"
    else:
        with pytest.raises(SourceError):
            web.get(site.url("/a"))
        assert "/a" not in site.paths


@pytest.mark.parametrize("line", ["Disallow: //[", "Crawl-delay: ²"])
def test_a_robots_txt_that_cannot_be_parsed_closes(site: Site, web: GuardedWeb, line: str) -> None:
    site.page("/robots.txt", f"User-agent: *\n{line}\n")
    with pytest.raises(SourceError, match=r"robots\.txt cannot be read"):
        web.get(site.url("/a"))


def test_the_same_page_is_asked_once_in_a_run(site: Site, web: GuardedWeb) -> None:
    site.page("/a", "bees")
    assert web.get(site.url("/a")) == web.get(site.url("/a#top"))
    assert web.redirect(site.url("/a")) is None
    assert site.paths == ["/robots.txt", "/a"]


def test_only_so_many_pages_are_remembered_and_the_longest_unused_is_forgotten(site: Site, web: GuardedWeb) -> None:
    web.remembered = 2
    for path in ("/a", "/b", "/a", "/c", "/a", "/b"):
        web.redirect(site.url(path))
    assert site.paths == ["/a", "/b", "/c", "/b"]


def test_a_failure_of_the_server_is_not_remembered(site: Site, web: GuardedWeb) -> None:
    site.page("/a", status=500)
    web.redirect(site.url("/a"))
    site.move("/a", "/b")
    assert web.redirect(site.url("/a")) == site.url("/b")


# TLS


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A fresh self-signed certificate for HOST, with its key in the same file."""
    if (openssl := shutil.which("openssl")) is None:
        pytest.skip("openssl is not installed")
    key, cert, both = tmp_path / "key.pem", tmp_path / "cert.pem", tmp_path / "both.pem"
    options = f"-x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={HOST} -addext subjectAltName=DNS:{HOST}".split()
    subprocess.run([openssl, "req", *options, "-keyout", key, "-out", cert], check=True, capture_output=True)
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    return both


@pytest.fixture
def secure_site(certificate: Path) -> Iterator[Site]:
    server = Site()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.names = []  # type: ignore[attr-defined]
    context.sni_callback = lambda sock, name, _: server.names.append(name)  # type: ignore[attr-defined]
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    yield server
    server.shutdown()
    server.server_close()


def test_tls_asks_for_the_name_and_checks_the_certificate_against_it(
    secure_site: Site, certificate: Path, web: GuardedWeb
) -> None:
    secure_site.page("/a", "bees")
    web.tls = ssl.create_default_context(cafile=str(certificate))
    web.resolve = everywhere_here
    web.allow |= {"wrong.example"}
    assert web.get(secure_site.url("/a").replace("http:", "https:")).body == b"bees"
    assert set(secure_site.names) == {HOST}  # type: ignore[attr-defined]
    with pytest.raises(SourceError, match=r"wrong\.example gave no answer"):
        web.redirect(secure_site.url("/a", "wrong.example").replace("http:", "https:"))


def test_a_certificate_that_nobody_vouches_for_is_refused(secure_site: Site, web: GuardedWeb) -> None:
    with pytest.raises(SourceError, match="certificate"):
        web.redirect(secure_site.url("/a").replace("http:", "https:"))


# asking what the owner has named


def test_a_place_that_the_owner_has_named_is_asked_without_a_look_at_robots_txt(site: Site, web: GuardedWeb) -> None:
    site.page("/robots.txt", "User-agent: *\nDisallow: /")
    site.page("/feed", "<rss/>")
    assert web.ask(site.url("/feed"), {"Accept": "application/rss+xml"}).body == b"<rss/>"
    assert site.paths == ["/feed"]
    assert site.asked[0][1]["accept"] == "application/rss+xml"


def test_an_answer_to_headers_of_ones_own_is_not_remembered_for_others(site: Site, web: GuardedWeb) -> None:
    site.page("/a", "mine")
    web.ask(site.url("/a"), {"Authorization": "Bearer x"})
    web.ask(site.url("/a"))
    assert site.paths == ["/a", "/a"]


def test_a_page_is_asked_for_again_by_its_etag_when_it_is_no_longer_fresh(
    site: Site, web: GuardedWeb, clock: Clock
) -> None:
    site.page("/a", "old", etag='"1"')
    assert web.redirect(site.url("/a")) is None
    clock.now += web.fresh - 1
    web.redirect(site.url("/a"))
    assert site.paths == ["/a"]
    clock.now += 2
    site.page("/a", status=304)
    assert web.get(site.url("/a")).body == b"old"
    assert dict(site.asked)["/a"]["if-none-match"] == '"1"'


def test_robots_txt_is_read_again_after_a_day_and_may_slow_magpie_down(
    site: Site, web: GuardedWeb, clock: Clock
) -> None:
    site.page("/robots.txt", "User-agent: *\nCrawl-delay: 7")
    web.get(site.url("/a"))
    clock.naps.clear()
    web.get(site.url("/b"))
    assert clock.naps == [7.0]
    clock.now += 86_401
    web.get(site.url("/c"))
    assert site.paths.count("/robots.txt") == 2


@pytest.mark.parametrize("delay", ["99999", "-3", "soon", "1e9"])
def test_a_robots_txt_cannot_make_magpie_wait_for_ever(site: Site, web: GuardedWeb, clock: Clock, delay: str) -> None:
    site.page("/robots.txt", f"User-agent: *\nCrawl-delay: {delay}")
    web.get(site.url("/a"))
    web.get(site.url("/b"))
    assert max(clock.naps) <= 30
