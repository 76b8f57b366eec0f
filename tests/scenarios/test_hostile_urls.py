"""Links and servers that mean harm, or are only broken: nothing that should not be reached is reached.

Each is refused, or given up, in one clear sentence. All servers are on this machine.
"""

from __future__ import annotations

import gzip
import re
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from config.errors import SourceError
from tools.sources.feed import FeedSource
from tools.sources.feed_reading import read_feed
from tools.web import GuardedWeb, Page

SITE = "site.example"
MEMORY = 60 << 20  # bytes
SENTENCE = re.compile(r"[^\n]{10,500}[.]")


@dataclass
class Server:
    """Answers each connection with the bytes that ``say`` yields for its path, and counts the connections."""

    say: dict[str, Callable[[], Iterator[bytes]]] = field(default_factory=dict)
    connections: int = 0
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._answer, args=(peer,), daemon=True).start()

    def _answer(self, peer: socket.socket) -> None:
        with peer:
            try:
                head = peer.recv(65536).decode("latin-1")
                path = head.split(" ")[1]
                self.asked.append(path)
                self.heads.append(head)
                for chunk in self.say.get(path, nothing)():
                    peer.sendall(chunk)
            except (OSError, IndexError):
                return

    def close(self) -> None:
        self.listener.close()


def nothing() -> Iterator[bytes]:
    yield b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def says(*chunks: bytes, status: str = "200 OK", **headers: str) -> Callable[[], Iterator[bytes]]:
    def answer() -> Iterator[bytes]:
        told = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        yield f"HTTP/1.1 {status}\r\n{told}\r\n".encode("latin-1")
        yield from chunks

    return answer


def forever(
    chunk: bytes, head: bytes = b"HTTP/1.1 200 OK\r\n\r\n", times: int = 20_000
) -> Callable[[], Iterator[bytes]]:
    def answer() -> Iterator[bytes]:
        yield head
        for _ in range(times):  # bounded, so that no test runs away
            yield chunk

    return answer


def slowly(chunk: bytes, head: bytes = b"", times: int = 200) -> Callable[[], Iterator[bytes]]:
    def answer() -> Iterator[bytes]:
        yield head
        pause = threading.Event()
        for _ in range(times):
            pause.wait(0.02)
            yield chunk

    return answer


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def inside() -> Iterator[Server]:
    """A server of the owner's own, which nobody outside may reach through Magpie."""
    made = Server()
    yield made
    made.close()


def guarded(server: Server, **more: object) -> GuardedWeb:
    """A web in which one name leads to the server."""
    book = {SITE: ["127.0.0.1"]}
    settings: dict[str, object] = {
        "allow": frozenset({f"{SITE}:{server.port}"}),
        "resolve": lambda host, port: book.get(host, [host]),
        "sleep": lambda seconds: None,
        "timeout": 1.0,
        "pause": 0.0,
    }
    return GuardedWeb(**{**settings, **more})  # type: ignore[arg-type]


def refused(ask: Callable[[], object]) -> str:
    """The one clear sentence of a refusal, which takes no memory worth the name."""
    tracemalloc.start()
    try:
        with pytest.raises(SourceError) as caught:
            ask()
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()
    assert SENTENCE.fullmatch(str(caught.value)), str(caught.value)
    return str(caught.value)


# -- links of a form that is never asked

FORMS = [
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "ftp://example.org/x",
    "dict://127.0.0.1:11211/stat",
    "ldap://127.0.0.1/",
    "data:text/html,<script>alert(1)</script>",
    "javascript:alert(1)",
    "jar:http://example.org/x.jar!/",
    "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
    "ws://example.org/",
    "//example.org/x",
    "example.org/x",
    "",
    "http://",
    "http:///x",
    "http://user:pass@example.org/",
    "http://example.org@127.0.0.1/",
    "http://127.0.0.1#@example.org/",
    "http://127.0.0.1\\@example.org/",
    "http://example.org:22/",
    "http://example.org:6379/",
    "http://example.org:99999/",
    "http://example.org:-1/",
    "http://example.org:port/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://0/",
    "http://0x7f.1/",
    "http://[::1",
    "http://[::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://exa mple.org/",
    "http://example.org\x00.evil.example/",
    "http://a..b/",
    f"http://{'a' * 300}.example/",
    f"http://{'a.' * 200}example/",
    "http://-%2e/",
]


@pytest.mark.parametrize("url", FORMS, ids=lambda url: ascii(url)[:60])
def test_a_link_of_that_form_is_refused(url: str) -> None:
    names: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        names.append(host)
        return ["127.0.0.1"]

    web = GuardedWeb(resolve=resolve)
    for ask in (web.get, web.ask, web.redirect):
        refused(lambda ask=ask: ask(url))  # type: ignore[misc]
    assert set(names) <= {"127.0.0.1"}  # which is refused for what it is


# -- addresses that are nobody's on the public internet

ADDRESSES = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",  # noqa: S104
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.1.1",
    "169.254.169.254",
    "169.254.170.2",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_is_not_public_is_refused_as_a_link_and_behind_a_name(address: str) -> None:
    literal = f"[{address}]" if ":" in address else address
    web = GuardedWeb(resolve=lambda host, port: [address])
    web._ask = unreached  # type: ignore[method-assign]
    for url in (f"http://{literal}/latest/meta-data/", "https://innocent.example/", f"http://{literal}:80/"):
        for ask in (web.get, web.ask, web.redirect):
            assert "not public" in refused(lambda ask=ask, url=url: ask(url))  # type: ignore[misc]


def unreached(*args: object) -> Page:
    raise AssertionError("a connection was tried")


def test_one_private_address_among_public_ones_is_enough(server: Server) -> None:
    web = GuardedWeb(resolve=lambda host, port: ["93.184.216.34", "127.0.0.1"])
    web._ask = unreached  # type: ignore[method-assign]
    assert "not public" in refused(lambda: web.ask(f"http://mixed.example:{80}/"))


# -- names that change their mind, and redirects that lead inside


def test_a_name_that_changes_its_address_is_asked_once_and_pinned(server: Server, inside: Server) -> None:
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    asked: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers[min(len(asked) - 1, 1)]

    server.say["/x"] = says(b"fine")
    web = guarded(server, resolve=resolve)
    assert web.redirect(f"http://{SITE}:{server.port}/x") is None
    assert asked == [SITE]


def test_a_name_that_was_public_when_it_was_checked_first_is_checked_again(server: Server, inside: Server) -> None:
    public = iter([["93.184.216.34"]])
    web = GuardedWeb(resolve=lambda host, port: next(public, ["127.0.0.1"]), timeout=0.2, pause=0.0)
    web._ask = lambda *args: Page("http://rebound.example/", 200, {}, b"")  # type: ignore[method-assign]
    web.ask("http://rebound.example/")
    assert "not public" in refused(lambda: web.ask("http://rebound.example/second"))


TARGETS = [
    "http://169.254.169.254/latest/meta-data/iam/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://127.0.0.1:{inside}/",
    "http://localhost:{inside}/admin",
    "//127.0.0.1:{inside}/",
    "http://[::1]:{inside}/",
    "http://[::ffff:127.0.0.1]:{inside}/",
    "http://2130706433:{inside}/",
    "http://0x7f000001:{inside}/",
    "http://user:pass@127.0.0.1:{inside}/",
    "http://127.0.0.1.nip.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{inside}/_x",
    "javascript:alert(1)",
    "http://[::1",
    "http://site.example:22/",
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("method", ["get", "ask"])
def test_a_redirect_does_not_lead_inside(server: Server, inside: Server, method: str, target: str) -> None:
    server.say["/out"] = says(status="302 Found", Location=target.format(inside=inside.port))
    book = {
        SITE: ["127.0.0.1"],
        "metadata.google.internal": ["169.254.169.254"],
        "127.0.0.1.nip.example": ["127.0.0.1"],
    }
    web = guarded(server, resolve=lambda host, port: book.get(host, [host]))
    refused(lambda: getattr(web, method)(f"http://{SITE}:{server.port}/out"))
    assert inside.connections == 0


def test_robots_txt_does_not_lead_inside_either(server: Server, inside: Server) -> None:
    server.say["/robots.txt"] = says(status="302 Found", Location=f"http://127.0.0.1:{inside.port}/robots.txt")
    refused(lambda: guarded(server).get(f"http://{SITE}:{server.port}/"))
    assert inside.connections == 0


def test_redirects_in_a_circle_are_given_up(server: Server) -> None:
    server.say["/a"] = says(status="302 Found", Location="/b")
    server.say["/b"] = says(status="302 Found", Location="/a")
    assert "given up after 3 redirects" in refused(lambda: guarded(server).ask(f"http://{SITE}:{server.port}/a"))
    assert "given up after 3 redirects" in refused(lambda: guarded(server).get(f"http://{SITE}:{server.port}/a"))


def test_a_redirect_to_itself_is_given_up(server: Server) -> None:
    server.say["/a"] = says(status="301 Moved", Location="/a")
    refused(lambda: guarded(server).ask(f"http://{SITE}:{server.port}/a"))
    assert len(server.asked) <= 4


def test_a_secret_is_not_told_to_whom_a_server_redirects(server: Server) -> None:
    other = Server({"/end": says(b"{}")})
    server.say["/a"] = says(status="302 Found", Location=f"http://other.example:{other.port}/end")
    allow = frozenset({f"{SITE}:{server.port}", f"other.example:{other.port}"})
    web = guarded(server, allow=allow, resolve=lambda host, port: ["127.0.0.1"])
    web.ask(f"http://{SITE}:{server.port}/a", {"Authorization": "Bearer abc", "Accept": "application/json"})
    other.close()
    assert "Bearer abc" in server.heads[0] and "Bearer" not in other.heads[0]


def test_a_form_is_not_sent_on(server: Server, inside: Server) -> None:
    server.say["/login"] = says(status="307 Temporary Redirect", Location=f"http://{SITE}:{server.port}/elsewhere")
    refused(lambda: guarded(server).ask(f"http://{SITE}:{server.port}/login", None, {"password": "abc"}))
    assert server.asked == ["/login"]


# -- servers that never come to an end

HEAD = b"HTTP/1.1 200 OK\r\n"
ENDLESS: dict[str, Callable[[], Iterator[bytes]]] = {
    "endless body": forever(b"x" * 65536),
    "endless chunks": forever(b"8000\r\n" + b"x" * 0x8000 + b"\r\n", HEAD + b"Transfer-Encoding: chunked\r\n\r\n"),
    "tiny chunks": forever(b"1\r\nx\r\n" * 4000, HEAD + b"Transfer-Encoding: chunked\r\n\r\n"),
    "endless headers": forever(b"X-More: " + b"y" * 1000 + b"\r\n", HEAD),
    "endless header line": forever(b"y" * 65536, HEAD + b"X-Long: "),
    "endless status line": forever(b"y" * 65536, b"HTTP/1.1 200 "),
    "endless continue": forever(b"HTTP/1.1 100 Continue\r\n\r\n" * 100, b""),
    "a promised length that never comes": says(b"x", Content_Length="100000"),
    "a slow drip of the body": slowly(b"x", HEAD + b"Content-Length: 100000\r\n\r\n"),
    "a slow drip of the headers": slowly(b"X: y\r\n", HEAD),
    "a slow drip of the status": slowly(b"H"),
    "silence": slowly(b"", b""),
    "hanging up at once": says(status=""),
    "no HTTP": lambda: iter([b"SSH-2.0-OpenSSH_9.6\r\n" * 10]),
    "HTTP/0.9": lambda: iter([b"<html>old</html>"]),
    "a wrong status": lambda: iter([b"HTTP/1.1 abc OK\r\n\r\n"]),
    "a header without a colon": lambda: iter([b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n"]),
    "a header with a NUL": lambda: iter([b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n"]),
    "two lengths": lambda: iter([b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"]),
    "a negative length": says(b"x", Content_Length="-1"),
    "a chunk of a nonsense size": lambda: iter([HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"]),
    "a chunk of an enormous size": lambda: iter([HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx"]),
    "an unknown compression": says(b"x", Content_Encoding="br"),
    "two compressions": says(gzip.compress(gzip.compress(b"x")), Content_Encoding="gzip, gzip"),
    "gzip that is none": says(b"x" * 100, Content_Encoding="gzip"),
    "a gzip bomb": says(gzip.compress(b"\0" * 200_000_000, 9), Content_Encoding="gzip"),
    "a zlib bomb as gzip": says(zlib.compress(b"\0" * 10_000_000), Content_Encoding="gzip"),
    "a length beyond the limit": says(b"x" * 3_000_000, Content_Length="3000000"),
    "a line of ten megabytes": says(b"x" * 10_000_000),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_a_server_without_end_is_given_up(server: Server, what: str) -> None:
    server.say["/x"] = ENDLESS[what]
    refused(lambda: guarded(server, timeout=0.5).ask(f"http://{SITE}:{server.port}/x"))


# -- what stands on a page

CHARSETS = [
    "utf-8",
    "utf-16",
    "utf-7",
    "nonsense",
    "hex",
    "rot13",
    "base64",
    "undefined",
    "idna",
    "x" * 5000,
    "../../x",
    "",
]


@pytest.mark.parametrize("charset", CHARSETS, ids=lambda charset: charset[:20] or "none")
def test_a_page_of_whatever_charset_is_text(charset: str) -> None:
    body = bytes(range(256)) * 40
    assert isinstance(
        Page("https://x.example/", 200, {"content-type": f"text/html; charset={charset}"}, body).text, str
    )


def xml(inside: str, head: str = "") -> bytes:
    return f'<?xml version="1.0"?>{head}<rss version="2.0"><channel><title>T</title>{inside}</channel></rss>'.encode()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
FEEDS = {
    "billion laughs": xml("<item><title>&l11;</title></item>", f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]>'),
    "quadratic blowup": xml(
        f"<item><title>{'&a;' * 20000}</title></item>", f'<!DOCTYPE rss [<!ENTITY a "{"x" * 50000}">]>'
    ),
    "a file as an entity": xml(
        "<item><title>&e;</title></item>", '<!DOCTYPE rss [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    ),
    "a page as an entity": xml("&e;", '<!DOCTYPE rss [<!ENTITY e SYSTEM "http://127.0.0.1:9/">]>'),
    "a parameter entity": xml("", '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>'),
    "broken and long": b"<rss><channel>" + b"<item><title>x" * 30_000,
    "nested without end": b"<rss>" + b"<a>" * 200_000,
}


@pytest.mark.parametrize("what", FEEDS)
def test_a_feed_that_means_harm_is_not_read(what: str) -> None:
    refused(lambda: read_feed(Page("https://x.example/f", 200, {}, FEEDS[what])))


LINKS = [
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http://a:b@x.example/",
    "http://[::1",
    "data:text/html,x",
    "\x00",
    "x" * 9000,
]


@pytest.mark.parametrize("link", LINKS, ids=lambda link: ascii(link)[:30])
def test_a_strange_link_of_an_entry_is_left_out_and_the_entry_stays(server: Server, link: str) -> None:
    body = f"<description>&lt;a href='{link}'&gt;x&lt;/a&gt;</description>"
    entry = f"<item><guid>1</guid><title>T</title><link>{link}</link>{body}</item>"
    server.say["/f"] = says(xml(entry), Content_Type="application/rss+xml")
    steps = list(FeedSource("feed", (f"http://{SITE}:{server.port}/f",), web=guarded(server)).fetch(None))
    items = [step.item for step in steps if not isinstance(step, SourceError) and step.item]
    assert [item.title for item in items] == ["T"]
    assert all(
        url.startswith(("http://site.example:", "https://")) for item in items for url in (*item.links, item.url)
    )


def test_there_are_many_of_them() -> None:
    assert (
        len(FORMS) + len(ADDRESSES) + 2 * len(TARGETS) + len(ENDLESS) + len(CHARSETS) + len(FEEDS) + len(LINKS) >= 150
    )
