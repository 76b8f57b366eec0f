"""magpie doctor looks at servers and accounts: who, what the token may do, and what the server says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from bot.build import Magpie
from bot.connecting.bot_account import line
from bot.connecting.instance import parse_handle
from bot.connecting.login import SCOPES
from bot.doctor import Health
from config.tokens import Login, Role
from tests.bot.login_server import BOT, OWNER, Server, nobody_there, running_server
from tests.bot.patients import findings, found, magpie


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture
def server(running: Server) -> Server:
    running.mock.reset()
    return running


def mastodon(data: Path, url: str, handle: str = OWNER, **secrets: str) -> Magpie:
    place = {"kind": "mastodon", "instance": url}
    owner = {"handle": handle, "time_zone": "Europe/Berlin"}
    one = magpie(data, {"owner": owner, "sources": [place], "channel": {**place, "handle": BOT}}, **secrets)
    return replace(one, now=lambda: datetime.now(UTC))  # the server's clock goes on, too


def logged_in(one: Magpie, url: str, role: Role, token: str, *more: str, less: str = "") -> None:
    scopes = tuple(scope for scope in (*SCOPES[role], *more) if scope != less)
    handle = OWNER if role == "owner" else BOT
    login = Login(
        role=role, handle=handle, base_url=url, scopes=scopes, client_id="c", client_secret="hush", token=token
    )
    one.tokens.keep(login)


@pytest.fixture
def connected(data: Path, server: Server) -> Callable[..., Magpie]:
    """A Magpie with two logins as they should be, but for what is given."""

    def build(shown: str = "seed-nell", role: Role = "owner", more: tuple[str, ...] = (), less: str = "") -> Magpie:
        one = mastodon(data, server.url)
        logged_in(one, server.url, "owner", "seed-nell")
        logged_in(one, server.url, "bot", "seed-magpie")
        logged_in(one, server.url, role, shown if role == "owner" else "seed-magpie", *more, less=less)
        return one

    return build


def mark(server: Server) -> None:
    note = line(parse_handle(OWNER))
    server.mock.client("magpie").account_update_credentials(bot=True, note=note, discoverable=False)


def test_two_accounts_that_are_as_they_should_be(connected: Callable[..., Magpie], server: Server) -> None:
    mark(server)
    said = findings(connected(), "sources", "channel")
    assert [finding for finding in said if finding.health is not Health.WELL] == []
    told = {finding.name: finding.found for finding in said}
    assert "500 characters and 4 pictures a post" in told["server"]
    assert told["profile"] == "marked as a bot, and its bio says whose it is"
    assert {"server", "clock", "account", "scopes", "owner"} <= set(told)
    for secret in ("seed-nell", "seed-magpie", "hush"):
        assert secret not in str(said)


def test_a_revoked_token_is_told(connected: Callable[..., Magpie]) -> None:
    said = found(connected("revoked"), "token", "sources")
    assert "refuses the token: it is revoked" in said.found
    assert said.advice == "run 'magpie login'"


def test_the_token_of_somebody_else_is_told(connected: Callable[..., Magpie]) -> None:
    said = found(connected("seed-magpie"), "account", "sources")
    assert "the token is that of @magpie@mock.local, and magpie.toml says @nell@mock.local" in said.found
    assert "correct [owner] handle" in said.advice


@pytest.mark.parametrize(
    ("role", "more", "less", "health", "words"),
    [
        ("owner", ("write:statuses",), "", "fault", "could write for you (write:statuses)"),
        ("owner", ("follow",), "", "fault", "could write for you (follow)"),
        ("owner", (), "read:statuses", "fault", "lacks read:statuses"),
        ("owner", (), "read:bookmarks", "warning", "lacks read:bookmarks"),
        ("owner", (), "read:search", "warning", "lacks read:search"),
        ("bot", (), "write:statuses", "fault", "lacks write:statuses"),
        ("bot", ("write:accounts",), "", "warning", "more than it needs (write:accounts)"),
    ],
)
def test_scopes_that_are_too_few_or_too_many_are_told(
    connected: Callable[..., Magpie], role: Role, more: tuple[str, ...], less: str, health: str, words: str
) -> None:
    said = found(connected(role=role, more=more, less=less), "scopes", "sources" if role == "owner" else "channel")
    assert said.health == health
    assert words in said.found
    assert "magpie login" in said.advice


def test_a_token_from_the_environment_is_judged_by_what_its_server_says(data: Path, server: Server) -> None:
    form = {"client_name": "x", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read write"}
    made = requests.post(f"{server.url}/api/v1/apps", data=form, timeout=5).json()
    form = {"grant_type": "authorization_code", "code": "mockcode_nell", "redirect_uri": "urn:ietf:wg:oauth:2.0:oob"}
    form |= {"client_id": made["client_id"], "client_secret": made["client_secret"], "scope": "read write"}
    token = requests.post(f"{server.url}/oauth/token", data=form, timeout=5).json()["access_token"]
    said = found(mastodon(data, server.url, owner_token=token), "scopes", "sources")
    assert "could write for you (write)" in said.found
    assert "take MAGPIE_OWNER_TOKEN away and run 'magpie login'" in said.advice


def test_a_token_of_which_nothing_is_said_is_tried_where_it_reads(data: Path, server: Server) -> None:
    one = mastodon(data, server.url, owner_token="seed-nell")
    assert "whether the token could do more" in found(one, "scopes", "sources").found
    for path, scope in (("/api/v1/bookmarks", "read:bookmarks"), ("/api/v2/search", "read:search")):
        with server.mock.fault(path=path, status=403):
            assert f"lacks {scope}" in found(one, "scopes", "sources").found


def test_a_bot_that_does_not_say_so_is_told(connected: Callable[..., Magpie]) -> None:
    said = found(connected(), "profile", "channel")
    assert "is not marked as an automated account" in said.found
    assert "magpie login --bot" in said.advice


def test_an_owner_whom_the_bots_server_does_not_know_is_told(data: Path, server: Server) -> None:
    one = mastodon(data, server.url, "nobody@mock.local", bot_token="seed-magpie")
    said = found(one, "owner", "channel")
    assert "knows no account @nobody@mock.local" in said.found
    assert "check [owner] handle" in said.advice


@pytest.mark.parametrize(("apart", "words"), [(-70.5, "s behind"), (3600 * 5, "5 hours ahead of")])
def test_a_clock_that_is_wrong_is_told(connected: Callable[..., Magpie], apart: float, words: str) -> None:
    one = replace(connected(), now=lambda: datetime.now(UTC) + timedelta(seconds=apart))
    said = found(one, "clock", "sources")
    assert said.health is Health.WARNING
    assert words in said.found


def test_a_server_that_is_down_is_told_for_each_and_holds_up_nothing_else(data: Path) -> None:
    one = mastodon(data, nobody_there(), owner_token="hush-one", bot_token="hush-two")
    said = [finding for finding in findings(one) if finding.health is Health.FAULT]
    assert [finding.part for finding in said] == ["sources", "channel"]
    assert all("cannot be reached: check the instance in magpie.toml and your network" in one.found for one in said)
    assert "hush" not in str(said)


def test_a_server_in_trouble_and_one_that_is_none_are_told(data: Path, server: Server) -> None:
    one = mastodon(data, server.url, owner_token="seed-nell")
    with server.mock.fault(path="/api/v2/instance", status=503):
        assert "is in trouble (status 503): try again later" in found(one, "mastodon", "sources").found
    with (
        server.mock.fault(path="/api/v2/instance", status=404),
        server.mock.fault(path="/api/v1/instance", status=404),
    ):
        assert "does not speak Mastodon's language" in found(one, "mastodon", "sources").found


def test_a_missing_token_is_told_for_each_source_by_itself(data: Path) -> None:
    places = [{"kind": "mastodon", "instance": "mock.local", "name": "mine"}, {"kind": "sample"}, {"kind": "moon"}]
    said = {finding.name: finding for finding in findings(magpie(data, {"sources": places}), "sources")}
    assert "has no token; run 'magpie login'" in said["mine"].found
    assert said["sample"].health is Health.WELL
    assert "there is nothing of the kind 'moon'" in said["moon"].found
