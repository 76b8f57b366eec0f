"""Logging in on a running mastodon_mock: who gave which permission, and that nothing is left over when it fails."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from bot.connecting.instance import parse_handle
from bot.connecting.login import SCOPES, Way, connect
from config.errors import ChannelError, ConfigError, MagpieError
from config.tokens import Login, Role
from tests.bot.login_server import OWNER, Server, nobody_there, running_server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture
def server(running: Server) -> Server:
    running.mock.reset()
    running.seen.clear()
    return running


def way(browse: Callable[[str], object] | None = None, code: str = "mockcode_nell", patience: float = 5) -> Way:
    return Way(lambda words: None, lambda: code, browse, patience)


def owner(server: Server, by: Way, handle: str = OWNER) -> Login:
    return connect("owner", parse_handle(handle), server.url, by).login


def test_a_browser_comes_back_with_the_permission(server: Server) -> None:
    login = owner(server, way(server.person("nell")))
    assert (login.handle, login.base_url, login.scopes) == (OWNER, server.url, SCOPES["owner"])
    assert server.mock.client(token=login.token.get_secret_value()).me()["username"] == "nell"


def test_without_a_browser_the_code_is_pasted(server: Server) -> None:
    login = owner(server, way(code="  mockcode_nell\n"))
    assert server.tokens() == [login.token.get_secret_value()]


@pytest.mark.parametrize("role", ["owner", "bot"])
def test_no_more_is_asked_for_than_the_role_needs(server: Server, role: Role) -> None:
    name = "nell" if role == "owner" else "magpie"
    connect(role, parse_handle(f"{name}@mock.local"), server.url, way(server.person(name)))
    asked = parse_qs(urlsplit(server.seen[0]).query)
    assert asked["scope"][0].split() == list(SCOPES[role])
    assert asked["code_challenge_method"] == ["S256"]
    assert asked.get("force_login") == (["true"] if role == "bot" else None)
    writing = [scope for scope in SCOPES[role] if not scope.startswith("read:")]
    assert writing == ([] if role == "owner" else ["write:statuses"])


def test_a_wrong_code_is_told(server: Server) -> None:
    with pytest.raises(ConfigError, match=r"does not accept this code \(status 400\), .*: log in again\.$"):
        owner(server, way(code="mockcode_nobody"))
    assert server.tokens() == []


def returning(query: str) -> Callable[[str], None]:
    def browse(address: str) -> None:
        back = parse_qs(urlsplit(address).query)["redirect_uri"][0]
        requests.get(f"{back}?{query}", timeout=5)

    return browse


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("code=mockcode_nell&state=forged", "belongs to another login"),
        ("code=mockcode_nell", "belongs to another login"),
        ("code=mockcode_nell&state=%F0%9F%90%A6", "belongs to another login"),
        ("error=access_denied&state=forged", "belongs to another login"),
    ],
)
def test_an_answer_to_another_question_is_refused(server: Server, query: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        owner(server, way(returning(query)))
    assert server.tokens() == []


def test_a_permission_that_is_denied_is_told(server: Server) -> None:
    def deny(address: str) -> None:
        asked = parse_qs(urlsplit(address).query)
        back = f"{asked['redirect_uri'][0]}?error=access_denied&error_description=no&state={asked['state'][0]}"
        requests.get(back, timeout=5)

    with pytest.raises(ConfigError, match="has given no permission"):
        owner(server, way(deny))


def test_nobody_waits_for_ever(server: Server) -> None:
    with pytest.raises(ConfigError, match=r"^Nobody came back from the browser within 0 seconds: .*--paste\.$"):
        owner(server, way(lambda address: None, patience=0.05))


def test_other_pages_and_silent_connections_do_no_harm(server: Server) -> None:
    really = server.person("nell")
    left: list[socket.socket] = []

    def browse(address: str) -> None:
        back = urlsplit(parse_qs(urlsplit(address).query)["redirect_uri"][0])
        left.append(socket.create_connection((back.hostname, back.port)))  # as browsers do beforehand
        assert requests.get(f"http://{back.netloc}/favicon.ico", timeout=5).status_code == 404
        assert requests.get(f"http://{back.netloc}{back.path}", timeout=5).status_code == 404
        threading.Thread(target=really, args=(address,)).start()

    assert owner(server, way(browse)).handle == OWNER
    left[0].close()


def test_the_code_that_came_by_the_browser_is_not_shown(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    owner(server, way(server.person("nell")))
    shown = capfd.readouterr()
    assert "mockcode" not in shown.out + shown.err


def test_somebody_else_who_is_logged_in_there_is_not_taken(server: Server) -> None:
    with pytest.raises(ConfigError, match=r"logged in there as @otto, not as @nell@mock.local: .* private window\.$"):
        owner(server, way(server.person("otto")))
    assert server.tokens() == [], "the token was given back"


def test_a_namesake_on_another_server_is_not_taken(server: Server) -> None:
    with pytest.raises(ConfigError, match="is not the server of @nell@127"):
        owner(server, way(server.person("nell")), f"nell@{urlsplit(nobody_there()).netloc}")
    assert server.tokens() == []


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        (" ".join(SCOPES["owner"][1:]), "has not granted read:accounts: nothing was kept"),
        ("write", "has not granted read:accounts, read:statuses"),
        ("read write", r"granted more than reading \(write\)"),
        ("read follow push", r"granted more than reading \(follow, push\)"),
        (" ".join((*SCOPES["owner"], "write:statuses")), r"granted more than reading \(write:statuses\)"),
        ("read admin:read", r"granted more than reading \(admin:read\)"),
    ],
)
def test_scopes_that_are_too_few_or_could_write_are_refused(server: Server, scope: str, told: str) -> None:
    answer = {"access_token": "seed-nell", "scope": scope}
    with (
        server.mock.fault(path="/oauth/token", status=200, body=answer),
        pytest.raises(ConfigError, match=told) as no,
    ):
        owner(server, way())
    assert "seed-nell" not in str(no.value)
    assert (
        requests.get(
            f"{server.url}/api/v1/accounts/verify_credentials", timeout=5, headers={"Authorization": "Bearer seed-nell"}
        ).status_code
        == 401
    ), "the token was given back"


def test_coarse_reading_is_enough(server: Server) -> None:
    answer = {"access_token": "seed-nell", "scope": "read"}
    with server.mock.fault(path="/oauth/token", status=200, body=answer):
        assert owner(server, way()).scopes == ("read",)


def test_a_server_that_names_no_scopes_has_granted_what_was_asked(server: Server) -> None:
    with server.mock.fault(path="/oauth/token", status=200, body={"access_token": "seed-nell"}):
        assert owner(server, way()).scopes == SCOPES["owner"]


@pytest.mark.parametrize(
    ("path", "fault", "kind", "told"),
    [
        ("/api/v1/apps", {"status": 500}, ChannelError, "is in trouble"),
        ("/api/v1/apps", {"status": 404}, ConfigError, "check that it is a Mastodon server"),
        ("/api/v1/apps", {"status": 302, "headers": {"Location": "/"}}, ConfigError, "check that it is a Mastodon"),
        ("/api/v1/apps", {"type": "malformed"}, ConfigError, "check that it is a Mastodon server"),
        ("/oauth/token", {"status": 429}, ChannelError, "is in trouble"),
        ("/oauth/token", {"status": 401}, ConfigError, "does not accept this code"),
        ("/oauth/token", {"type": "malformed"}, ConfigError, "does not accept this code"),
        ("/oauth/token", {"status": 200, "body": []}, ConfigError, "does not accept this code"),
        ("/api/v1/accounts/verify_credentials", {"status": 403}, ChannelError, "refused"),
    ],
)
def test_a_server_in_trouble_is_told_in_one_sentence(
    server: Server, path: str, fault: dict[str, Any], kind: type[MagpieError], told: str
) -> None:
    with server.mock.fault(path=path, **fault), pytest.raises(kind, match=told) as trouble:
        owner(server, way())
    assert str(trouble.value).endswith(".")
    assert str(trouble.value).count(". ") == 0
    assert server.tokens() == []
