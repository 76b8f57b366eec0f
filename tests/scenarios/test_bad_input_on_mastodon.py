"""Bad input on Mastodon: tokens, scopes, handles, a server that is down; a sentence each, and nothing lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.build import Magpie
from config.settings import Secrets, parse
from tests.bot.login_server import BOT, OWNER, Server, nobody_there, running_server
from tests.fakes import HashedWords
from tests.scenarios.typed import Typing, nest

TOKEN = "a-token-that-nobody-may-see-4711"
YOU = f'[owner]\nhandle = "{OWNER}"\n'
PLAIN = YOU + '[model]\nkind = "none"\n'


@pytest.fixture(scope="module")
def nested() -> Iterator[Any]:
    with nest() as process:
        yield process


@pytest.fixture
def here(nested: Any, tmp_path: Path) -> Typing:
    """A terminal in an empty folder."""
    folder, scratch = tmp_path / "here", tmp_path / "scratch"
    folder.mkdir()
    scratch.mkdir()
    return Typing(nested, folder, scratch)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    """It says that it is a Mastodon: after a doubtful post any other is given seconds to be done with it."""
    running.mock.reset()
    said = {"domain": "mock.local", "version": "4.6.0", "source_url": "https://github.com/mastodon/mastodon"}
    with running.mock.fault(path_regex="^/api/v2/instance/?$", status=200, body=said):
        yield running


GOOD = {"MAGPIE_OWNER_TOKEN": "seed-nell", "MAGPIE_BOT_TOKEN": "seed-magpie"}


def connect(here: Typing, url: str, owner: str = OWNER) -> Callable[..., Any]:
    """Settings for that server; returns what types a command with two good tokens, or with others."""
    place = f'kind = "mastodon"\ninstance = "{url}"\n'
    toml = PLAIN.replace(OWNER, owner) + f'[[sources]]\n{place}[channel]\n{place}handle = "{BOT}"\nattempts = 1\n'
    (here.folder / "magpie.toml").write_text(toml)
    return lambda *words, **tokens: here.magpie(*words, **{**GOOD, **tokens})


def posted(server: Server) -> list[Any]:
    bot = server.mock.client(token="seed-magpie")
    return list(bot.account_statuses(bot.me().id))


def test_a_revoked_token(here: Typing, server: Server) -> None:
    magpie = connect(here, server.url)
    revoked = {"MAGPIE_OWNER_TOKEN": TOKEN, "MAGPIE_BOT_TOKEN": TOKEN}
    done = magpie("collect", **revoked)
    assert done.status == 4
    assert "refuses the token of the source mastodon: it is revoked, expired or copied wrongly" in done.sentence
    assert "make a new one with 'magpie login'" in done.sentence
    for words in ("listen", "digest"):
        done = magpie(words, **revoked)
        assert done.status == 7
        assert "has refused (status 401" in done.sentence
        assert "make a new token for the bot's account with 'magpie login --bot'" in done.sentence
        assert TOKEN not in done.out + done.err
    assert posted(server) == []
    assert magpie("listen").status == 0
    assert len(posted(server)) == 1, "the digest that waited is said with the new token"
    assert magpie("listen").status == 0
    assert len(posted(server)) == 1, "and said once"


def test_tokens_that_lack_a_scope(here: Typing, server: Server) -> None:
    magpie = connect(here, server.url)
    with server.mock.fault(path="/api/v1/bookmarks", status=403):
        done = magpie("collect")
        assert "lacks the scope read:bookmarks" in done.err, done.err
        assert "magpie login" in done.err
    with server.mock.fault(path="/api/v1/statuses", status=403):
        done = magpie("digest")
        assert done.status == 7
        assert "give the bot's token the scopes" in done.sentence
        assert "write:statuses" in done.sentence
    assert posted(server) == []
    assert magpie("listen").status == 0
    assert len(posted(server)) == 1


def test_no_token_at_all(here: Typing, server: Server) -> None:
    connect(here, server.url)
    done = here.magpie("collect")
    assert (done.status, "The source mastodon has no token; run 'magpie login'" in done.sentence) == (3, True)
    done = here.magpie("listen")
    assert (done.status, "The channel mastodon has no token; run 'magpie login --bot'" in done.sentence) == (3, True)


def test_an_unknown_handle(here: Typing, server: Server) -> None:
    magpie = connect(here, server.url, "nobody@mock.local")
    done = here.magpie("login", "--paste", "--instance", server.url)
    assert (done.status, "knows no account @nobody@mock.local: check the handle" in done.sentence) == (3, True)
    for words in ("digest", "listen"):
        done = magpie(words)
        assert done.status == 7
        assert "knows no account 'nobody@mock.local': correct [owner] handle in magpie.toml." in done.sentence
    assert posted(server) == []


def test_a_server_that_is_down(here: Typing, server: Server, tmp_path: Path) -> None:
    magpie = connect(here, nobody_there())
    for words in ("digest", "listen"):
        done = magpie(words)
        assert done.status == 7
        assert re.search(r"127\.0\.0\.1:\d+ cannot be reached; try again later\.$", done.sentence), done.err
    connect(here, server.url)
    assert magpie("listen").status == 0
    assert len(posted(server)) == 1, "what could not be said is said when the server is back"


def test_a_source_that_is_down_is_told_and_asked_again(tmp_path: Path) -> None:
    source = {"kind": "mastodon", "instance": nobody_there()}
    table = {"owner": {"handle": OWNER}, "model": {"kind": "none"}, "sources": [source], "data": str(tmp_path / "data")}
    chosen = parse(table).model_copy(update={"secrets": Secrets(owner_token=SecretStr(TOKEN))})
    magpie = Magpie(chosen, given_embedder=HashedWords(), given_web=None)
    unhurried = replace(magpie.sources[0], sleep=lambda seconds: None)  # type: ignore[type-var]
    (failure,) = magpie.collector.collect([unhurried]).failures
    assert re.search(
        r"127\.0\.0\.1:\d+ could not be reached when asked for your account; Magpie will ask again", failure
    )
    assert TOKEN not in failure
    magpie.close()
