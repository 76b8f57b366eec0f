"""What the guarded web refuses to ask: suspicious links, private addresses, and servers that are not who they say."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from config.errors import SourceError
from tests.tools.website import HERE, HOST, Names, Site, everywhere_here
from tools.web import GuardedWeb


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


# -- TLS


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
