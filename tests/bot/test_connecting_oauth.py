"""What a strict server expects of a program on somebody's machine, and where a handle leads."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from bot.connecting import instance, landing
from bot.connecting.bot_account import changes, line
from bot.connecting.instance import Handle, base_url, parse_handle, resolve
from bot.connecting.login import SCOPES, excess, lacking
from bot.connecting.oauth import OUT_OF_BAND, Request, exchange, register
from config.errors import ChannelError, ConfigError

CODE = SecretStr("the-code")
NELL = Handle("nell", "home.example")


class Strict(BaseHTTPRequestHandler):
    """Gives a token only to whoever can prove to have asked for it (RFC 7636)."""

    challenge = ""
    elsewhere = ""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {key: values[0] for key, values in parse_qs(body).items()}
        if self.elsewhere:
            self.send_response(307)
            self.send_header("Location", self.elsewhere)
            self.end_headers()
            return
        if self.path == "/api/v1/apps":
            self._answer(200, {"client_id": "id", "client_secret": "hush", "scopes": form["scopes"]})
            return
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        proven = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == type(self).challenge
        right = (form["client_secret"], form["code"], form["redirect_uri"]) == ("hush", "the-code", OUT_OF_BAND)
        if proven and right and form["grant_type"] == "authorization_code":
            self._answer(200, {"access_token": "token", "scope": "read"})
        else:
            self._answer(400, {"error": "invalid_grant"})

    def _answer(self, status: int, said: dict[str, Any]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def strict() -> Iterator[tuple[str, type[Strict]]]:
    class Handler(Strict):
        pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", Handler
    server.shutdown()
    server.server_close()
    thread.join()


def challenge(request: Request) -> str:
    return parse_qs(urlsplit(request.address()).query)["code_challenge"][0]


def test_a_code_is_worth_something_only_to_whoever_asked_for_it(strict: tuple[str, type[Strict]]) -> None:
    url, server = strict
    request = Request(register(url, OUT_OF_BAND, ("read",)))
    server.challenge = challenge(request)
    grant = exchange(request, CODE)
    assert (grant.token.get_secret_value(), grant.scopes) == ("token", ("read",))
    with pytest.raises(ConfigError, match="does not accept this code"):
        exchange(Request(request.app), CODE)


def test_a_secret_is_not_sent_on_to_where_a_server_points(strict: tuple[str, type[Strict]]) -> None:
    url, server = strict
    request = Request(register(url, OUT_OF_BAND, ("read",)))
    server.challenge = challenge(request)
    server.elsewhere = f"{url}/oauth/token?again"
    with pytest.raises(ConfigError, match=r"status 307"):
        exchange(request, CODE)


def test_no_two_questions_are_the_same(strict: tuple[str, type[Strict]]) -> None:
    app = register(strict[0], OUT_OF_BAND, ("read",))
    one, two = Request(app), Request(app)
    assert one.state != two.state
    assert challenge(one) != challenge(two)
    assert len(one.verifier) >= 43  # RFC 7636, 4.1


def test_nothing_that_is_secret_is_shown(strict: tuple[str, type[Strict]]) -> None:
    request = Request(register(strict[0], OUT_OF_BAND, ("read",)))
    assert "hush" not in repr(request)
    assert request.verifier not in repr(request)
    assert request.verifier not in request.address()


# -- where a handle leads


@pytest.mark.parametrize("text", ["@nell@Home.Example", "nell@home.example", "  @nell@home.example\n"])
def test_a_handle_is_read_as_people_write_it(text: str) -> None:
    assert parse_handle(text) == NELL
    assert str(NELL) == "@nell@home.example"


@pytest.mark.parametrize(
    "text", ["", "nell", "@nell", "nell@", "@@home.example", "a@b@c", "nell@home.example/x", "n l@h"]
)
def test_what_is_no_handle_is_told(text: str) -> None:
    with pytest.raises(ConfigError, match=r"is no handle: write it like @me@example\.social\.$"):
        parse_handle(text)


@pytest.mark.parametrize(
    "given", ["http://home.example", "ftp://home.example", "https://me:pw@home.example", "", "https://", "http://[::1"]
)
def test_what_is_no_server_is_told(given: str) -> None:
    with pytest.raises(ConfigError, match="is no server"):
        base_url(given)


def finger(status: int, *links: dict[str, object]) -> Callable[..., tuple[int, Any]]:
    return lambda server, path, params: (status, {"links": [*links]})


@pytest.mark.parametrize(
    ("links", "found"),
    [
        ([{"rel": "self", "href": "https://social.home.example/users/nell"}], "https://social.home.example"),
        ([{"rel": "profile", "href": "https://x.example/@nell"}], "https://home.example"),
        ([{"rel": "self", "href": "http://social.home.example/nell"}], "https://home.example"),
        ([{"rel": "self", "href": 3}, {"rel": "self"}, 3], "https://home.example"),
        ([{"rel": "self", "href": "https://[::1"}], "https://home.example"),
    ],
)
def test_a_handle_leads_to_the_server_that_says_so(
    monkeypatch: pytest.MonkeyPatch, links: list[dict[str, object]], found: str
) -> None:
    monkeypatch.setattr(instance, "ask", finger(200, *links))
    assert resolve(NELL) == found
    assert resolve(NELL, "other.example") == "https://other.example"


@pytest.mark.parametrize("answer", [(200, None), (200, []), (200, {"links": 3}), (401, None), (403, {})])
def test_a_server_without_webfinger_is_taken_by_its_name(monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    monkeypatch.setattr(instance, "ask", lambda *_: answer)
    assert resolve(NELL) == "https://home.example"


@pytest.mark.parametrize("status", [404, 410])
def test_an_account_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    monkeypatch.setattr(instance, "ask", finger(status))
    with pytest.raises(ConfigError, match=r"^home\.example knows no account @nell@home\.example: .*--instance\.$"):
        resolve(NELL)


def test_a_server_that_is_away_is_told() -> None:
    with pytest.raises(ChannelError, match=r"cannot be reached"):
        resolve(Handle("nell", "127.0.0.1:1"))


# -- scopes


def test_scopes_that_hold_others_are_known() -> None:
    assert lacking("owner", ["read"]) == []
    assert lacking("bot", ["read", "write"]) == []
    assert lacking("bot", SCOPES["bot"][:-1]) == ["write:statuses"]
    assert lacking("owner", ["read:account"])[0] == "read:accounts"
    assert excess("owner", ["read", "profile", *SCOPES["owner"]]) == []
    assert excess("owner", ["write:statuses", "crypto"]) == ["write:statuses", "crypto"]
    assert excess("bot", ["read", "write:statuses", "write:accounts", "follow"]) == ["write:accounts", "follow"]


# -- the profile


def test_a_bio_is_added_to_once() -> None:
    account = {"bot": False, "discoverable": None, "note": "<p>HTML</p>", "source": {"note": "I like bees.\n"}}
    wanted = changes(account, NELL)
    assert wanted == {"bot": True, "note": f"I like bees.\n\n{line(NELL)}"}
    assert changes({"bot": True, "source": {"note": wanted["note"]}}, NELL) == {}


def test_a_bio_that_names_the_owner_already_is_left_as_it_is() -> None:
    assert changes({"bot": True, "source": {"note": "The parrot of @Nell@home.example"}}, NELL) == {}


def test_an_empty_bio_and_one_that_is_told_as_html() -> None:
    assert changes({"bot": True, "source": None, "note": ""}, NELL) == {"note": line(NELL)}
    assert changes({"bot": True, "note": "<p>Bees &amp; rail</p>"}, NELL)["note"].startswith("Bees & rail\n\n")


# -- a browser that the owner sees


@pytest.mark.parametrize(
    ("set_", "at_hand"),
    [
        ({}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "w"}, True),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "x"}, False),
    ],
)
def test_a_browser_is_at_hand_where_somebody_sees_it(
    monkeypatch: pytest.MonkeyPatch, set_: dict[str, str], at_hand: bool
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in set_.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("webbrowser.get", lambda: "a browser")
    assert landing.browser_at_hand() is at_hand
