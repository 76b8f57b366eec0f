"""magpie doctor: what is wrong is found and said with what to do, and nothing is changed by looking."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from pydantic import SecretStr
from typer.testing import CliRunner

from bot.build import Magpie
from bot.cli.app import app
from bot.connecting.bot_account import line
from bot.connecting.instance import parse_handle
from bot.connecting.login import SCOPES
from bot.doctor import CHECKS, Check, Finding, Health, Patient, examine
from bot.doctor import kept as kept_checks
from bot.doctor.findings import fault, well
from config.errors import ConfigError
from config.settings import Secrets, parse
from config.tokens import Login, Role
from memory.index import ChromaIndex, bring_up_to_date
from memory.lock import held
from memory.records import Occasion, State
from memory.store import Store
from tests.bot.login_server import BOT, OWNER, Server, nobody_there, running_server
from tests.fakes import HOUR, HashedWords, post

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = 24 * HOUR


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder, which is not there yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("config.tokens.system_keyring", lambda: None)
    return tmp_path / "data"


def magpie(data: Path, given: dict[str, Any] | None = None, **secrets: str) -> Magpie:
    """A Magpie as the command builds it, but with an embedder that needs no model."""
    tables = {"owner": {"handle": OWNER, "time_zone": "Europe/Berlin"}, "model": {"kind": "none"}}
    settings = parse({**tables, "sources": [{"kind": "sample"}], "data": str(data), **(given or {})})
    hidden = Secrets(**{name: SecretStr(value) for name, value in secrets.items()}, _env_file=None)  # type: ignore[arg-type]
    settings = settings.model_copy(update={"secrets": hidden})
    return Magpie(settings, now=lambda: NOW, given_embedder=HashedWords(), alone=False)


def findings(one: Magpie, *parts: str) -> list[Finding]:
    checks = [check for check in CHECKS if not parts or check.part in parts]
    return list(examine(Patient(one, Path("magpie.toml")), checks))


def found(one: Magpie, name: str, *parts: str) -> Finding:
    """The one finding of that name."""
    (only,) = [finding for finding in findings(one, *parts) if finding.name == name]
    return only


def remember(data: Path, *names: str, owner: str = OWNER) -> Store:
    store = Store.open(data / "magpie.db", owner)
    with store.begin() as memory:
        for name in names:
            memory.items.keep(post(name), NOW)
    return store


# -- how checks are gone through


def test_a_new_magpie_is_well_and_looking_makes_nothing(data: Path) -> None:
    said = findings(magpie(data))
    assert {finding.health for finding in said} == {Health.WELL}, said
    assert all(finding.part and finding.name and finding.found for finding in said)
    assert not data.exists()


def test_a_check_that_breaks_stops_no_other(data: Path) -> None:
    def broken(patient: Patient) -> Iterator[Finding]:
        yield well("first", "is told")
        raise RuntimeError("secret words")

    def refused(patient: Patient) -> Iterator[Finding]:
        raise ConfigError("It is wrong: correct it.")

    checks = [Check("one", "broken", broken), Check("two", "refused", refused), Check("two", "last", lambda p: ())]
    said = list(examine(Patient(magpie(data), Path("magpie.toml")), checks))
    assert [(finding.part, finding.name, finding.health) for finding in said] == [
        ("one", "first", Health.WELL),
        ("one", "broken", Health.FAULT),
        ("two", "refused", Health.FAULT),
    ]
    assert "RuntimeError" in said[1].found
    assert "secret" not in said[1].found
    assert said[2].found == "It is wrong: correct it."


def test_every_fault_that_is_no_sentence_of_its_own_says_what_to_do() -> None:
    assert fault("x", "is broken", "mend it").advice == "mend it"


# -- settings, folder, disk, lock


def test_secrets_that_others_can_read_are_told(data: Path) -> None:
    Path(".env").write_text("MAGPIE_OWNER_TOKEN=hush\n")
    Path(".env").chmod(0o644)
    said = found(magpie(data), "secrets", "settings")
    assert "others can read" in said.found
    assert said.advice == "run 'chmod 600 .env'"
    Path(".env").chmod(0o600)
    assert [finding.name for finding in findings(magpie(data), "settings")] == ["file"]


def test_a_file_where_the_folder_should_be_is_told(data: Path) -> None:
    data.write_text("a shopping list")
    said = found(magpie(data), "folder")
    assert said.health is Health.FAULT
    assert "is not a folder" in said.found
    assert "name another one as data" in said.advice
    assert data.read_text() == "a shopping list"


def test_a_folder_in_which_nothing_can_be_written_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data.mkdir()

    def refused(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", refused)
    said = found(magpie(data), "folder")
    assert (said.health, "Read-only file system" in said.found) == (Health.FAULT, True)


def test_what_others_can_look_into_is_told(data: Path) -> None:
    remember(data, "a").close()
    assert found(magpie(data), "permissions").health is Health.WELL
    (data / "magpie.db").chmod(0o644)
    said = found(magpie(data), "permissions")
    assert "magpie.db" in said.found
    assert said.advice == f"run 'chmod -R go-rwx {data}'"


@pytest.mark.parametrize(("free", "health"), [(5_000_000, Health.FAULT), (5 * 10**8, Health.WARNING)])
def test_a_disk_that_fills_up_is_told(data: Path, monkeypatch: pytest.MonkeyPatch, free: int, health: Health) -> None:
    usage = shutil.disk_usage(data.parent)
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage._replace(free=free))
    said = found(magpie(data), "disk")
    assert said.health is health
    assert "MB free" in said.found
    assert "make room" in said.advice


def test_a_magpie_that_runs_is_left_alone(data: Path) -> None:
    remember(data, "a").close()
    with held(data):
        before = {path.name: path.read_bytes() for path in data.iterdir() if path.suffix not in (".db-wal", ".db-shm")}
        said = findings(magpie(data))
        after = {path.name: path.read_bytes() for path in data.iterdir() if path.suffix not in (".db-wal", ".db-shm")}
    assert [finding.found for finding in said if finding.name == "running"] == [
        "Magpie is running; what it holds open is not touched here"
    ]
    assert "1 post" in next(finding.found for finding in said if finding.name == "database")
    assert set(after) - set(before) <= {"magpie.db-wal", "magpie.db-shm"}
    assert all(after[name] == before[name] for name in before)


def test_one_that_was_killed_is_told_and_stays_suspect(data: Path) -> None:
    data.mkdir(mode=0o700)
    (data / "magpie.pid").write_text("1")
    assert "was killed, or the power went" in found(magpie(data), "running").found
    with held(data) as clean:
        assert not clean, "the next start still knows"


# -- what is kept


def test_a_damaged_memory_is_told_once_and_the_rest_is_looked_at(data: Path) -> None:
    remember(data, "a").close()
    (data / "magpie.db").write_bytes(b"\xff" * 50_000)
    said = findings(magpie(data))
    (bad,) = [finding for finding in said if finding.health is Health.FAULT]
    assert bad.name == "database"
    assert "is damaged" in bad.found
    assert "magpie restore" in bad.found
    assert {"embedding", "sample", "terminal", "time zone"} <= {finding.name for finding in said}
    assert (data / "magpie.db").read_bytes() == b"\xff" * 50_000


def test_a_memory_that_has_vanished_is_not_taken_for_a_new_one(data: Path) -> None:
    (data / "backups").mkdir(parents=True, mode=0o700)
    (data / "backups" / "magpie-2026-11-20T120000Z.db").touch()
    assert "the file is gone" in found(magpie(data), "database").found


def test_the_memory_of_another_owner_is_told(data: Path) -> None:
    remember(data, "a", owner="otto@mock.local").close()
    said = found(magpie(data), "database")
    assert "it is the memory of otto@mock.local, not of nell@mock.local" in said.found
    assert "correct [owner] handle" in said.advice


@pytest.mark.parametrize(("step", "name", "health"), [("001", "tables", "warning"), ("999", "database", "fault")])
def test_tables_of_another_magpie_are_told_and_left_as_they_are(data: Path, step: str, name: str, health: str) -> None:
    remember(data, "a").close()
    with closing(sqlite3.connect(data / "magpie.db")) as conn, conn:
        conn.execute("UPDATE alembic_version SET version_num = ?", (step,))
    assert found(magpie(data), name).health == health
    with closing(sqlite3.connect(data / "magpie.db")) as conn:
        assert conn.execute("SELECT version_num FROM alembic_version").fetchall() == [(step,)]


@pytest.mark.parametrize("change", ["DELETE FROM items_fts WHERE rowid = 1", "UPDATE items SET indexable = 0"])
def test_full_text_that_is_not_what_is_kept_is_told_and_mended_by_reindex(data: Path, change: str) -> None:
    store = remember(data, "a", "b")
    assert found(magpie(data), "full text").health is Health.WELL
    with closing(sqlite3.connect(data / "magpie.db")) as conn, conn:
        conn.execute(change)
    said = found(magpie(data), "full text")
    assert said.health is Health.FAULT
    assert "magpie reindex" in said.advice
    with store.begin() as memory:
        memory.items.rewrite_full_text()
    store.close()
    assert found(magpie(data), "full text").health is Health.WELL


def embedded(data: Path, model: str = "hashed words") -> None:
    store, embedder = remember(data, *"abcdef"), HashedWords()
    with store.begin() as memory:
        items = list(memory.items.by_id(range(9)).values())
        vectors = embedder.embed([item.searchable for item in items])
        memory.vectors.put(model, zip(items, vectors, strict=True))
    bring_up_to_date(store, ChromaIndex(data / "chroma", OWNER, model), model)
    store.close()


def test_another_embedding_model_than_before_is_told(data: Path) -> None:
    store = remember(data, "a")
    with store.begin() as memory:
        memory.vectors.put("older words", [(memory.items.by_id([1])[1], HashedWords().embed(["a"])[0])])
    store.close()
    said = found(magpie(data), "vectors")
    assert "1 vector of older words, and none of hashed words" in said.found
    assert "embeds every post anew" in said.advice


def test_an_index_that_lost_files_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded(data)
    with monkeypatch.context() as patch:
        patch.setattr(kept_checks, "healthy", lambda folder, owner, model, sample, seconds: len(sample[0]) == 6)
        assert found(magpie(data), "index").found == "it finds what it should hold; 6 posts were asked for"
    for folder in (data / "chroma").iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    with closing(sqlite3.connect(data / "chroma" / "chroma.sqlite3")) as conn, conn:
        conn.execute("DELETE FROM embeddings_queue")
    said = found(magpie(data), "index")
    assert said.health is Health.WARNING
    assert "magpie reindex" in said.advice


def test_the_index_of_a_magpie_that_runs_is_not_opened(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded(data)
    monkeypatch.setattr(kept_checks, "healthy", lambda *_: pytest.fail("it was opened"))
    with held(data):
        assert "Magpie has it open" in found(magpie(data), "index").found


def test_an_old_backup_and_none_are_told(data: Path) -> None:
    from memory.keeping.backup import back_up

    remember(data, "a").close()
    assert "there is none" in found(magpie(data), "backup").found
    back_up(data, NOW)
    assert found(magpie(data), "backup").health is Health.WELL
    late = replace(magpie(data), now=lambda: datetime.now(UTC) + 40 * DAY)
    assert "40 days old" in found(late, "backup").found


# -- models


class NoWords(HashedWords):
    """An embedder whose model is not there."""

    def embed(self, texts: Any) -> Any:
        from config.errors import ModelError

        raise ModelError("The embedding model 'x' cannot be loaded: check its name in magpie.toml.")


def test_an_embedding_model_that_is_away_is_told(data: Path) -> None:
    said = found(replace(magpie(data), given_embedder=NoWords()), "embedding")
    assert said.health is Health.FAULT
    assert "check its name" in said.found


@pytest.fixture
def inn() -> Iterator[tuple[str, list[str]]]:
    """A model server: its address, and the words that its model will answer with, one after the other."""
    words: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(json.dumps({"object": "list", "data": [{"id": "small:latest", "object": "model"}]}).encode())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            delta = {"index": 0, "delta": {"content": words.pop(0)}, "finish_reason": "stop"}
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "small", "choices": [delta]}
            self._say(f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode(), "text/event-stream")

        def _say(self, body: bytes, kind: str = "application/json") -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1", words
    server.shutdown()
    server.server_close()


def with_model(data: Path, url: str, name: str = "small", **more: Any) -> Magpie:
    pytest.importorskip("openai")
    return magpie(data, {"model": {"kind": "openai", "base_url": url, "name": name, **more}}, model_key="hush-key")


def test_a_model_that_answers_is_well_and_what_it_reads_stays_here(data: Path, inn: tuple[str, list[str]]) -> None:
    inn[1].append("Yes.")
    said = findings(with_model(data, inn[0]), "chat model")
    assert [finding.health for finding in said] == [Health.WELL, Health.WELL]
    assert "small answers, the first time in" in said[0].found
    assert "stays on this machine" in said[1].found


def test_a_model_that_is_not_there_or_says_nothing_is_told(data: Path, inn: tuple[str, list[str]]) -> None:
    inn[1].append("")
    said = findings(with_model(data, inn[0], "large"), "chat model")
    assert "does not list 'large'" in said[0].found
    assert "small:latest" in said[0].advice
    assert "answered with nothing" in said[1].found


def test_a_model_server_that_is_down_is_told(data: Path) -> None:
    said = findings(with_model(data, f"{nobody_there()}/v1"), "chat model")
    assert said[0].health is Health.FAULT
    assert "cannot be reached" in said[0].found
    assert "start it, or correct base_url" in said[0].found
    assert "hush-key" not in str(said)


@pytest.mark.parametrize(
    ("private", "health", "words"),
    [(False, "well", "posts for followers only do not"), (True, "warning", "as private_words in magpie.toml allows")],
)
def test_it_is_told_what_leaves_this_machine(
    data: Path, inn: tuple[str, list[str]], private: bool, health: str, words: str
) -> None:
    inn[1].append("Yes.")
    said = found(with_model(data, inn[0], "small:cloud", private_words=private), "privacy")
    assert (said.health, words in said.found) == (health, True)


def test_a_model_that_would_have_to_come_first_is_not_fetched(data: Path) -> None:
    said = found(magpie(data, {"model": {"kind": "local"}}), "chat model")
    assert said.health is Health.WARNING
    assert "is not on this machine yet" in said.found
    assert not data.exists()


# -- Mastodon


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
    return magpie(data, {"owner": owner, "sources": [place], "channel": {**place, "handle": BOT}}, **secrets)


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

    def build(token: str = "seed-nell", role: Role = "owner", more: tuple[str, ...] = (), less: str = "") -> Magpie:
        one = mastodon(data, server.url)
        logged_in(one, server.url, "owner", "seed-nell")
        logged_in(one, server.url, "bot", "seed-magpie")
        logged_in(one, server.url, role, token if role == "owner" else "seed-magpie", *more, less=less)
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
    with server.mock.fault(path="/api/v1/bookmarks", status=403):
        assert "lacks read:bookmarks" in found(one, "scopes", "sources").found


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


# -- time and work


def test_a_time_zone_that_was_never_chosen_is_asked_about(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tzlocal.get_localzone_name", lambda: "Asia/Kathmandu")
    said = found(magpie(data, {"owner": {"handle": OWNER}}), "time zone")
    assert 'write time_zone = "Asia/Kathmandu"' in said.advice
    assert found(magpie(data), "time zone").health is Health.WELL
    monkeypatch.setattr("tzlocal.get_localzone_name", lambda: "Etc/UTC")
    assert found(magpie(data, {"owner": {"handle": OWNER}}), "time zone").health is Health.WELL


def test_a_machine_without_time_zones_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import zoneinfo

    one = magpie(data)
    monkeypatch.setattr("zoneinfo.TZPATH", ())

    def unknown(name: str) -> None:
        raise zoneinfo.ZoneInfoNotFoundError(name)

    monkeypatch.setattr("config.settings.ZoneInfo", unknown)
    said = found(one, "time zone", "time")
    assert "does not know the time zone Europe/Berlin" in said.found
    assert "tzdata" in said.advice


def collected(data: Path, at: datetime, *failures: str) -> None:
    store = remember(data, "a")
    with store.begin() as memory:
        run = memory.runs.begin("collect", at)
        memory.runs.end(run, at, "failed" if failures else "done", {}, failures)
    store.close()


def test_a_collect_long_ago_is_told_and_what_to_do(data: Path) -> None:
    collected(data, NOW - 5 * HOUR)
    said = found(magpie(data), "last collect")
    assert (said.found, said.advice) == ("5 hours ago", "start it with 'magpie run'")
    with held(data):
        assert "see its log" in found(magpie(data), "last collect").advice
    daily = {"schedule": {"collect_minutes": 1440}}
    assert found(magpie(data, daily), "last collect").health is Health.WELL


def test_a_collect_that_failed_is_told_without_its_words(data: Path) -> None:
    collected(data, NOW - HOUR, "a sentence")
    said = found(magpie(data), "last collect")
    assert "failed, with 1 failure" in said.found
    assert "magpie runs show" in said.advice


def test_a_run_from_the_future_is_told(data: Path) -> None:
    collected(data, NOW + 3 * DAY)
    assert "3 days from now" in found(magpie(data), "clock").found


def test_a_digest_that_failed_and_messages_that_wait_are_told(data: Path) -> None:
    store = remember(data, "a")
    with store.begin() as memory:
        memory.occasions.settle(Occasion("terminal", NOW.date(), 0, State.FAILED, NOW, "The disk is full."))
    store.close()
    said = found(magpie(data), "last digests")
    assert said.health is Health.WARNING
    assert "The disk is full" in said.found


def test_a_pause_without_an_end_is_told(data: Path) -> None:
    store = remember(data, "a")
    assert found(magpie(data), "next digest").health is Health.WELL
    with store.begin() as memory:
        memory.preferences.choose("pause", {"since": f"{NOW:%Y-%m-%dT%H:%M}", "until": None}, NOW)
    store.close()
    assert "/resume" in found(magpie(data), "next digest").advice


# -- the command


TOML = f'[owner]\nhandle = "{OWNER}"\ntime_zone = "Europe/Berlin"\n[model]\nkind = "none"\n'


@pytest.fixture
def command(data: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The command in a folder, with an embedder that needs no model."""
    monkeypatch.setattr("bot.build.SentenceEmbedder", lambda name, threads: HashedWords())

    def run(toml: str, *words: str) -> Any:
        Path("magpie.toml").write_text(toml)
        return CliRunner().invoke(app, ["doctor", *words])

    return run


def test_all_is_well(command: Callable[..., Any]) -> None:
    done = command(f'{TOML}[[sources]]\nkind = "sample"\n')
    assert done.exit_code == 0
    assert done.output.endswith("All is well.\n")
    assert "settings\n  ✓ file: magpie.toml is read: nell@mock.local; sample; talks in terminal\n" in done.output


def test_warnings_alone_are_no_failure(command: Callable[..., Any], data: Path) -> None:
    data.mkdir(mode=0o755)
    data.chmod(0o755)
    done = command(f'{TOML}[[sources]]\nkind = "sample"\n')
    assert done.exit_code == 0
    assert "  ! permissions: others can look into data → run 'chmod -R go-rwx data'\n" in done.output
    assert "1 warning; " in done.output


def test_faults_are_a_failure_and_each_is_one_line(command: Callable[..., Any]) -> None:
    done = command(TOML)
    assert done.exit_code == 1
    assert "  ✗ sources: magpie.toml names no [[sources]]: add one, as the README shows.\n" in done.output
    assert "1 fault; " in done.output


def test_settings_that_cannot_be_read_are_all_there_is_to_say(command: Callable[..., Any]) -> None:
    done = command(TOML + "[digset]\n")
    assert done.exit_code == 1
    assert "there is no setting 'digset'; did you mean 'digest'." in done.output
    assert "Nothing else can be looked at before" in done.output


def test_programs_get_one_object_a_line(command: Callable[..., Any]) -> None:
    done = command(TOML, "--json")
    rows = [json.loads(row) for row in done.output.splitlines()]
    assert done.exit_code == 1
    assert all(list(row) == ["name", "health", "found", "advice", "part"] for row in rows)
    assert {"settings", "data", "memory", "sources", "time"} <= {row["part"] for row in rows}
    assert [row["name"] for row in rows if row["health"] == "fault"] == ["sources"]
