"""``magpie eval``: what cannot be written is told before the work begins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.evaluate import evaluate
from config.errors import ConfigError
from tests.fakes import HashedWords


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One person who liked a post."""
    monkeypatch.setattr("memory.embedding.SentenceEmbedder", HashedWords)
    room = tmp_path / "people" / "users" / "ann"
    room.mkdir(parents=True)
    for name in ("liked", "seen", "candidates"):
        (room / f"{name}.jsonl").write_text(json.dumps({"id": name, "text": f"bees {name}"}), encoding="utf-8")
    return tmp_path / "people"


@pytest.mark.parametrize("nowhere", ["nowhere/curve.html", "file/curve.svg", "folder.html"])
def test_a_curve_that_cannot_be_written_is_told_before_the_trial(tmp_path: Path, nowhere: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.html").mkdir()
    plot = tmp_path / nowhere
    done = CliRunner().invoke(
        evaluate, ["digest", str(tmp_path / "no stars"), "--out", str(tmp_path / "o.json"), "--plot", str(plot)]
    )
    assert isinstance(done.exception, ConfigError)
    assert str(done.exception).startswith(f"--plot {plot} cannot be written: ")


def test_looking_whether_a_curve_can_be_written_leaves_what_is_there(tmp_path: Path) -> None:
    plot = tmp_path / "curve.html"
    plot.write_text("an older one")
    CliRunner().invoke(evaluate, ["digest", str(tmp_path), "--out", str(tmp_path / "o.json"), "--plot", str(plot)])
    assert plot.read_text() == "an older one" and list(tmp_path.iterdir()) == [plot]


@pytest.mark.parametrize("nowhere", ["file/kept.npz", "folder.npz"])
def test_vectors_that_cannot_be_kept_are_told_of_and_stop_nothing(people: Path, tmp_path: Path, nowhere: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.npz").mkdir()
    kept, out = tmp_path / nowhere, tmp_path / "o.jsonl"
    done = CliRunner().invoke(evaluate, ["likes", str(people), "--out", str(out), "--vectors", str(kept)])
    assert done.exit_code == 0, done.output
    assert f"No vectors are kept for the next time: {kept} cannot be written (" in done.stderr.replace("\n", "")
    assert len(out.read_text().splitlines()) == 1 and "was judged for 1 person: " in done.stdout


def test_vectors_are_kept_in_a_folder_that_is_made_for_them(people: Path, tmp_path: Path) -> None:
    kept, out = tmp_path / "new" / "kept.npz", tmp_path / "o.jsonl"
    done = CliRunner().invoke(evaluate, ["likes", str(people), "--out", str(out), "--vectors", str(kept)])
    assert done.exit_code == 0 and "No vectors" not in done.stderr and list(kept.parent.iterdir()) == [kept]
