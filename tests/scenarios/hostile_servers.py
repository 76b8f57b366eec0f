"""A server that says whatever bytes it is told, and what hostile or broken ones say: without end, in odd charsets."""

from __future__ import annotations

import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


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
    """There is no such page."""
    yield b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def says(*chunks: bytes, status: str = "200 OK", **headers: str) -> Callable[[], Iterator[bytes]]:
    """A plain answer."""

    def answer() -> Iterator[bytes]:
        told = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        yield f"HTTP/1.1 {status}\r\n{told}\r\n".encode("latin-1")
        yield from chunks

    return answer


def forever(
    chunk: bytes, head: bytes = b"HTTP/1.1 200 OK\r\n\r\n", times: int = 20_000
) -> Callable[[], Iterator[bytes]]:
    """The same chunk again and again, as fast as it is read."""

    def answer() -> Iterator[bytes]:
        yield head
        for _ in range(times):  # bounded, so that no test runs away
            yield chunk

    return answer


def slowly(chunk: bytes, head: bytes = b"", times: int = 200) -> Callable[[], Iterator[bytes]]:
    """The same chunk again and again, a while after each other."""

    def answer() -> Iterator[bytes]:
        yield head
        pause = threading.Event()
        for _ in range(times):
            pause.wait(0.02)
            yield chunk

    return answer


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
"""Servers that never come to an end, or to a sound one."""

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
"""What servers call the charset of a page."""


def xml(inside: str, head: str = "") -> bytes:
    """A feed."""
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
"""Feeds that mean harm."""
