"""``magpie demo`` as a newcomer runs it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.demo import stage
from memory.embedding import Embedder

ROOT = Path(__file__).parent.parent.parent


def _typed(cache: Path) -> str:
    """In a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "demo"],
        cwd=ROOT,
        env={**os.environ, **_surroundings(cache), "OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout


def _again(cache: Path, *options: str) -> str:
    """In this process, which has imported already what it needs."""
    done = CliRunner(env=_surroundings(cache)).invoke(app, ["demo", *options])
    assert (done.exception, done.exit_code) == (None, 0), done.stderr
    return done.stdout


def _surroundings(cache: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(cache), "COLUMNS": "100"}


@pytest.fixture(autouse=True)
def one_model(minilm: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loaded once, whoever asks for it in this process."""
    monkeypatch.setattr(stage, "SentenceEmbedder", lambda: minilm)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def shown(cache: Path) -> str:
    return _typed(cache)


def _tells_two_days(shown: str) -> None:
    first, second = shown.split("Wren answers with three emoji.")
    assert "stories you have not seen" in first
    assert "Why: " in first
    for sign in "👍👎🔖":
        assert sign in second
    assert "In the next digest" in " ".join(second.split())
    assert "feedback" in second.split("you have not seen")[1].lower()
    assert "points" in second.split("/why 2")[1]
    assert "From your archive" in second


def test_the_demo_shows_two_days_feedback_and_what_it_changed(shown: str) -> None:
    _tells_two_days(shown)


def test_posts_like_those_that_were_wanted_rise_and_like_those_that_were_not_fall(shown: str) -> None:
    told = " ".join(shown.split())
    change = r"posts? most like it ([+-][\d.]+) → ([+-][\d.]+) points"
    moved = re.findall(rf"(More|Less) like \d+ “[^”]*”\. In the next digest: the \d+ {change}", told)
    assert {word for word, _, _ in moved} == {"More", "Less"}
    assert all((float(after) > float(before)) == (word == "More") for word, before, after in moved)


def test_nobody_who_must_not_be_told_is_told(shown: str) -> None:
    for hidden in ("@nadia", "@xander", "@brodie", "horoscope"):
        assert hidden not in shown.lower()


def test_a_second_run_begins_anew_and_tells_the_same(cache: Path, shown: str) -> None:
    assert _again(cache) == shown


def test_the_same_play_goes_through_a_mastodon_server(cache: Path, shown: str) -> None:
    assert shown
    _tells_two_days(_again(cache, "--mastodon"))
