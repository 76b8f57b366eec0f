"""Which hosts and addresses are harmless, in every disguise, and where a pinned connection goes."""

from __future__ import annotations

import socket
import time

import httpcore
import pytest

from config.errors import SourceError
from tools.addresses import PinnedBackend, ascii_host, checked, is_public, place

PRIVATE = """
    127.0.0.1 127.9.9.9
    10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 0.1.2.3 224.0.0.1 255.255.255.255
    240.0.0.1 192.0.2.1 198.18.0.1 203.0.113.7 :: ::1 fe80::1 fc00::1 fd00:ec2::254 ff02::1 ff0e::1 fec0::1 fe80::1%eth0
    ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::10.0.0.1 2002:a00:1:: 2002:808:808:: 2001::1 2001:db8::1 100::1 4000::1
    64:ff9b::10.0.0.1 64:ff9b::127.0.0.1 64:ff9b:1::10.0.0.1 0x7f.1 2130706433 0177.0.0.1 127.1 bees
"""
PUBLIC = "8.8.8.8 93.184.216.34 100.63.255.255 100.128.0.1 2606:4700::1111 64:ff9b::8.8.8.8"
SUSPICIOUS = """
    http://2130706433/ http://0x7f000001/ http://0x7f.1/ http://0177.0.0.1/ http://127.1/ http://0/ http://127.0.0.01/
    http://1.2.3.4.5/ http://[fe80::1%25eth0]/ http://[::1/ http://anna:secret@example.org/ http://@example.org/
    http://example.org\\@127.0.0.1/ http:///a http://a..b/ http://%31/ http://exa%20mple.org/ http://example.org:99999/
    http://example.org:22/ http://example.org:8080/ http://example.org:0/ file:///etc/passwd ftp://example.org/
    gopher://example.org/ javascript:alert(1) data:text/html,a example.org //example.org/
"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_an_address_that_is_not_public_is_known_as_such(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_a_public_address_is_known_as_such(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("url", ["", "http://exa mple.org/", *SUSPICIOUS.split()])
def test_a_link_of_a_suspicious_form_is_refused_in_one_sentence(url: str) -> None:
    with pytest.raises(SourceError) as refused:
        place(url)
    assert str(refused.value).endswith(".")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("host", "plain"),
    [
        *(("Example.ORG.", "example.org"), ("bücher.de", "xn--bcher-kva.de"), ("my_host.de", "my_host.de")),
        *(("2001:DB8:0::1", "2001:db8::1"), ("１２７。0。0。1", "127.0.0.1"), ("☃.net", "xn--n3h.net")),
    ],
)
def test_a_host_has_one_plain_spelling(host: str, plain: str) -> None:
    assert ascii_host(host) == plain


def test_a_place_says_what_is_asked() -> None:
    assert place("HTTPS://Bücher.example:443/a b?q=é#x").url == "https://xn--bcher-kva.example/a%20b?q=%C3%A9"
    assert place("http://example.org:443").netloc == "example.org:443"
    assert place("http://[2001:db8::1]:80/").netloc == "[2001:db8::1]"
    assert place("http://example.org?a\r\nHost:b").target == "/?aHost:b"


def test_the_owner_allows_a_host_with_any_port_or_with_one() -> None:
    inside = lambda host, port: ["10.0.0.1"]  # noqa: E731
    for allow in (frozenset({"nas.home"}), frozenset({"nas.home:8080"})):
        assert checked(place("http://nas.home:8080/", allow), allow, inside) == ("10.0.0.1",)
    with pytest.raises(SourceError, match="port 8081"):
        place("http://nas.home:8081/", frozenset({"nas.home:8080"}))
    with pytest.raises(SourceError, match="not public"):
        checked(place("http://nas.home/"), frozenset({"nas.home:8080"}), inside)


def test_a_connection_goes_to_the_checked_address_whatever_the_name_says() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        PinnedBackend(["127.0.0.1"], time.monotonic() + 5).connect_tcp("no-such-name.invalid", port).close()
        with pytest.raises(httpcore.ConnectError):
            PinnedBackend(["::1"], time.monotonic() + 5).connect_tcp("127.0.0.1", port)


def test_no_connection_is_begun_when_the_time_is_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(httpcore.TimeoutException):
        PinnedBackend(["127.0.0.1"], time.monotonic() - 1).connect_tcp("a.example", server.getsockname()[1])
