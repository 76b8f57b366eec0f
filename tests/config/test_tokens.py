"""Tokens are kept where nobody else reads them, and never shown."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr

from config import tokens as module
from config.errors import ConfigError
from config.tokens import Login, Role, Tokens, system_keyring

ME = "me@home.example"
TOKEN, SECRET = "t0ken-of-a-magpie", "s3cret-of-an-app"
posix = pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")


@dataclass
class Drawer:
    """A keyring that keeps what it gets, until it is locked."""

    kept: dict[tuple[str, str], str] = field(default_factory=dict)
    locked: bool = False

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        del self.kept[service, username]

    def _check(self) -> None:
        if self.locked:
            raise RuntimeError(f"locked, with {TOKEN} in it")


def login(role: Role = "owner", token: str = TOKEN) -> Login:
    return Login(
        role=role,
        handle=ME,
        base_url="https://home.example",
        scopes=("read",),
        client_id="id",
        client_secret=SecretStr(SECRET),
        token=SecretStr(token),
    )


@pytest.fixture
def filed(tmp_path: Path) -> Tokens:
    """Tokens where there is no keyring."""
    return Tokens(tmp_path / "data", ME, lambda: None)


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture
def ringed(tmp_path: Path, drawer: Drawer) -> Tokens:
    """Tokens where there is one."""
    return Tokens(tmp_path / "data", ME, lambda: drawer)


@pytest.fixture(params=["filed", "ringed"])
def either(request: pytest.FixtureRequest) -> Tokens:
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


def test_nobody_is_logged_in_at_first(either: Tokens) -> None:
    assert either.login("owner") is None
    assert either.token("bot") == SecretStr("")
    assert either.known() == {}
    assert not either.folder.exists(), "asking makes nothing"


def test_what_is_kept_is_there_again(either: Tokens) -> None:
    either.keep(login())
    either.keep(login("bot", "another"))
    again = Tokens(either.folder, either.owner, either.keyring)
    assert again.login("owner") == login()
    assert again.token("bot").get_secret_value() == "another"
    assert again.known() == {"owner": ME, "bot": ME}


def test_a_new_login_takes_the_place_of_the_old_one(either: Tokens) -> None:
    either.keep(login(token="old"))
    either.keep(login(token="new"))
    assert either.token("owner").get_secret_value() == "new"


def test_what_is_forgotten_is_gone(either: Tokens, drawer: Drawer) -> None:
    either.keep(login())
    either.keep(login("bot"))
    either.forget("owner")
    either.forget("owner")
    assert either.login("owner") is None
    assert either.login("bot") == login("bot")
    assert TOKEN not in either.path.read_text().partition('"bot"')[0]
    assert ("magpie", f"owner of {ME}") not in drawer.kept


@posix
def test_the_file_is_the_owners_alone_from_the_moment_it_is_made(
    filed: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    really = os.open

    def opened(path: str, flags: int, mode: int = 0o777) -> int:
        descriptor = really(path, flags, mode)
        made.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return descriptor

    monkeypatch.setattr(module.os, "open", opened)
    before = os.umask(0)
    try:
        filed.keep(login())
    finally:
        os.umask(before)
    assert made == [0o600]
    assert stat.S_IMODE(filed.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(filed.folder.stat().st_mode) == 0o700
    assert [path.name for path in filed.folder.iterdir()] == ["tokens.json"]


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(filed: Tokens, mode: int) -> None:
    filed.keep(login())
    filed.path.chmod(mode)
    with pytest.raises(ConfigError, match=rf"^Others can read .*: run 'chmod 600 {filed.path}'\.$"):
        filed.token("owner")
    with pytest.raises(ConfigError, match="chmod 600"):
        filed.keep(login())
    filed.path.chmod(0o600)
    assert filed.login("owner") == login()


def test_with_a_keyring_the_file_holds_no_secret(ringed: Tokens) -> None:
    assert ringed.keep(login()) == "the keyring of this system"
    text = ringed.path.read_text()
    assert ME in text
    assert TOKEN not in text
    assert SECRET not in text


def test_two_owners_share_a_keyring(tmp_path: Path, drawer: Drawer) -> None:
    mine, yours = Tokens(tmp_path / "1", ME, lambda: drawer), Tokens(tmp_path / "2", "you@home.example", lambda: drawer)
    mine.keep(login(token="mine"))
    yours.keep(login(token="yours"))
    assert mine.token("owner").get_secret_value() == "mine"


def test_a_keyring_that_takes_nothing_is_passed_over(ringed: Tokens, drawer: Drawer) -> None:
    drawer.locked = True
    assert "tokens.json" in ringed.keep(login())
    assert ringed.login("owner") == login()


def test_the_file_can_be_chosen_and_then_nothing_stays_in_the_keyring(ringed: Tokens, drawer: Drawer) -> None:
    ringed.keep(login(token="old"))
    ringed.keep(login(), in_file=True)
    assert drawer.kept == {}
    assert ringed.login("owner") == login()


@pytest.mark.parametrize("trouble", ["locked", "lost", "none"])
def test_a_keyring_in_trouble_is_told_in_one_sentence(ringed: Tokens, drawer: Drawer, trouble: str) -> None:
    ringed.keep(login())
    tokens = Tokens(ringed.folder, ME, lambda: None) if trouble == "none" else ringed
    drawer.locked = trouble == "locked"
    if trouble == "lost":
        drawer.kept.clear()
    with pytest.raises(ConfigError) as refused:
        tokens.token("owner")
    assert {"locked": "unlock it", "lost": "'magpie login'", "none": "--file"}[trouble] in str(refused.value)
    assert str(refused.value).count(". ") == 0
    assert TOKEN not in str(refused.value)
    tokens.keep(login(), in_file=True)
    assert tokens.login("owner") == login(), "a new login helps"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"owner": 3}',
        '{"owner": {}}',
        '{"owner": {"kept": "file"}}',
        json.dumps({"owner": {"kept": "file", "token": [TOKEN], "client_secret": SECRET}}),
        json.dumps({"owner": {"kept": "file", "token": TOKEN, "more": 1}}),
        "\ud800",
    ],
)
def test_a_file_that_is_no_longer_whole_is_told_without_its_words(filed: Tokens, content: str) -> None:
    filed.keep(login())
    filed.path.write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(ConfigError, match=r"^\S+ cannot be read: delete it, then log in again with .*\.$") as refused:
        filed.token("owner")
    assert refused.value.__cause__ is None
    assert TOKEN not in str(refused.value)


def test_what_somebody_who_was_killed_was_writing_does_not_stay(filed: Tokens) -> None:
    filed.keep(login())
    filed.path.with_name(".tokens.json.0badc0de").write_text(TOKEN)
    filed.forget("owner")
    assert [path.name for path in filed.folder.iterdir()] == ["tokens.json"]
    assert TOKEN not in filed.path.read_text()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"tokens.json cannot be (read|written): .*\.$"):
        Tokens(tmp_path / "file", ME, lambda: None).keep(login())


def test_a_token_is_not_given_to_another_server_than_its_own(filed: Tokens) -> None:
    filed.keep(login())
    for own in ("home.example", "https://home.example", "https://HOME.example/", ""):
        assert filed.token("owner", own).get_secret_value() == TOKEN
    for other in ("evil.example", "home.example.evil.example", "https://home.example:444"):
        with pytest.raises(ConfigError, match=r"is logged in at home\.example: correct it") as refused:
            filed.token("owner", other)
        assert TOKEN not in str(refused.value)


def test_neither_a_login_nor_the_tokens_show_a_secret(either: Tokens) -> None:
    either.keep(login())
    found = either.login("owner")
    assert found is not None
    for shown in (repr(found), str(found), found.model_dump_json(), str(found.model_dump()), repr(either)):
        assert TOKEN not in shown
        assert SECRET not in shown


@pytest.mark.parametrize("backend", ["keyring.backends.fail", "keyring.backends.null"])
def test_a_keyring_that_keeps_nothing_is_none(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    keyring = pytest.importorskip("keyring")
    empty = pytest.importorskip(backend).Keyring()
    monkeypatch.setattr(keyring, "get_keyring", lambda: empty)
    assert system_keyring() is None


def test_a_keyring_that_is_one_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring")

    class Good(Drawer):
        priority = 5

    monkeypatch.setattr(keyring, "get_keyring", Good)
    assert isinstance(system_keyring(), Good)


def test_a_keyring_that_falls_over_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring")
    monkeypatch.setattr(keyring, "get_keyring", lambda: 1 / 0)
    assert system_keyring() is None
