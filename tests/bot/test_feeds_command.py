"""magpie feeds import and export, typed in a folder with a magpie.toml."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.build import Magpie
from bot.cli.app import app
from config.errors import MagpieError
from config.settings import load
from memory.records import Account
from tools.articles import Articles
from tools.sources.feed import FeedSource
from tools.sources.opml import read_opml

TOML = """# mine
[owner]
handle = "me@home.example"

[[sources]]
kind = "feed"
urls = ["https://one.example/feed"]
"""
LIST = """<opml version="2.0"><body><outline text="Trains">
<outline text="One" xmlUrl="https://one.example/feed"/><outline text="Two" xmlUrl="https://two.example/feed"/>
</outline></body></opml>"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "magpie.toml").write_text(TOML)
    (tmp_path / "others.opml").write_text(LIST)
    return tmp_path


def magpie(*words: str) -> Result:
    done = CliRunner().invoke(app, ["feeds", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_what_another_reader_has_is_read_from_now_on(home: Path) -> None:
    assert magpie("import", "others.opml").output == "others.opml: 2 feeds read; 1 new, 1 known.\n"
    assert (home / "magpie.toml").read_text().startswith(TOML)
    _, listed = Magpie(load(home / "magpie.toml")).sources
    assert isinstance(listed, FeedSource)
    assert listed.addresses() == ("https://two.example/feed",)


def test_what_is_no_feed_is_told(home: Path) -> None:
    (home / "others.opml").write_text(LIST.replace("https://one.example/feed", "javascript:alert(1)"))
    said = magpie("import", "others.opml").output.splitlines()
    assert said[0] == "others.opml: 1 feed read; 1 new, 0 known."
    assert said[1] == "Left out: 1 (no address of the web, or more than a list may hold)."


@pytest.mark.parametrize(("path", "why"), [("nosuch.opml", "it is not there"), (".", "it is a folder")])
def test_a_list_that_cannot_be_read_says_why(home: Path, path: str, why: str) -> None:
    done = CliRunner().invoke(app, ["feeds", "import", path])
    assert f"cannot be read, because {why}: check its path." in str(done.exception)


def test_importing_again_changes_nothing(home: Path) -> None:
    magpie("import", "others.opml")
    before = (home / "magpie.toml").read_text(), (home / "feeds.opml").read_text()
    assert magpie("import", "others.opml").output == "others.opml: 2 feeds read; 0 new, 2 known.\n"
    assert ((home / "magpie.toml").read_text(), (home / "feeds.opml").read_text()) == before


def test_all_feeds_are_handed_on_under_their_own_names(home: Path) -> None:
    magpie("import", "others.opml")
    opened = Magpie(load(home / "magpie.toml"))
    with opened.store.begin() as memory:
        memory.accounts.keep([Account("https://one.example/feed", "one@one.example", "One, by itself")])
    opened.close()
    magpie("export", "mine.opml")
    titles = {feed.url: feed.title for feed in read_opml(home / "mine.opml")}
    assert titles == {"https://one.example/feed": "One, by itself", "https://two.example/feed": "Two"}
    assert magpie("export").output == (home / "mine.opml").read_text()


def test_a_broken_list_is_one_sentence_and_changes_nothing(home: Path) -> None:
    (home / "others.opml").write_text("<opml")
    done = CliRunner().invoke(app, ["feeds", "import", "others.opml"])
    assert isinstance(done.exception, MagpieError)
    assert (home / "magpie.toml").read_text() == TOML and not (home / "feeds.opml").exists()


def test_settings_that_cannot_be_added_to_stay_as_they_are(home: Path) -> None:
    inline = '[owner]\nhandle = "me@home.example"\n'
    (home / "magpie.toml").write_text('sources = [{ kind = "feed", urls = ["https://one.example/feed"] }]\n' + inline)
    before = (home / "magpie.toml").read_text()
    done = CliRunner().invoke(app, ["feeds", "import", "others.opml"])
    assert isinstance(done.exception, MagpieError) and "cannot be added to" in str(done.exception)
    assert (home / "magpie.toml").read_text() == before


def test_linked_articles_are_read_last_and_only_if_the_owner_wants_it(home: Path) -> None:
    assert not any(isinstance(source, Articles) for source in Magpie(load(home / "magpie.toml")).sources)
    (home / "magpie.toml").write_text(TOML + "\n[articles]\nfetch = true\n")
    assert isinstance(Magpie(load(home / "magpie.toml")).sources[-1], Articles)


def test_a_source_is_told_its_own_secrets_and_no_others(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAGPIE_OWNER_TOKEN", "owner-secret")
    monkeypatch.setenv("MAGPIE_GITHUB_TOKEN", "github-secret")
    (home / "magpie.toml").write_text(TOML + '\n[[sources]]\nkind = "github"\nuser = "wren"\n')
    _, github = Magpie(load(home / "magpie.toml")).sources
    assert github.token.get_secret_value() == "github-secret"  # type: ignore[attr-defined]
    assert "secret" not in repr(github)
