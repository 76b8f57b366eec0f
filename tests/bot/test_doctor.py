"""magpie doctor: checks are gone through one by one, nothing is changed by looking, and the command says it all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli.app import app
from bot.doctor import Check, Finding, Health, Patient, examine
from bot.doctor.findings import fault, well
from config.errors import ConfigError
from tests.bot.login_server import OWNER
from tests.bot.patients import findings, magpie
from tests.fakes import HashedWords


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
    assert done.exit_code == 3
    assert "there is no setting 'digset'; did you mean 'digest'." in done.output
    assert "Nothing else can be looked at before" in done.output


def test_programs_get_one_object_a_line(command: Callable[..., Any]) -> None:
    done = command(TOML, "--json")
    rows = [json.loads(row) for row in done.output.splitlines()]
    assert done.exit_code == 1
    assert all(list(row) == ["name", "health", "found", "advice", "part"] for row in rows)
    assert {"settings", "data", "memory", "sources", "time"} <= {row["part"] for row in rows}
    assert [row["name"] for row in rows if row["health"] == "fault"] == ["sources"]
