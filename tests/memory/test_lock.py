"""One Magpie at a time, and whether the one before came to its end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Event, Thread
from time import sleep

import pytest

from config.errors import InUseError, StoreError
from memory.lock import held, in_use, unused

KILLED = """
import os, sys
from pathlib import Path
from memory.lock import held
with held(Path(sys.argv[1])) as clean:
    os.kill(os.getpid(), 9)
"""


def test_the_folder_is_held_by_one(tmp_path: Path) -> None:
    with held(tmp_path):
        assert in_use(tmp_path)
        with pytest.raises(InUseError, match=r"Another Magpie \(process \d+\) works on the data in"), held(tmp_path):
            pass
    assert not in_use(tmp_path)


def test_whoever_comes_to_an_end_is_not_suspected(tmp_path: Path) -> None:
    with held(tmp_path) as clean:
        assert clean
    with pytest.raises(ValueError, match="a mistake"), held(tmp_path):
        raise ValueError("a mistake")
    with held(tmp_path) as clean:
        assert clean


def test_whoever_is_killed_is_found_out_by_the_next(tmp_path: Path) -> None:
    assert subprocess.run([sys.executable, "-c", KILLED, tmp_path], check=False).returncode == -9
    with held(tmp_path) as clean:
        assert not clean
    with held(tmp_path) as clean:
        assert clean


def test_whoever_is_refused_does_not_make_the_holder_suspect(tmp_path: Path) -> None:
    with held(tmp_path):
        for _ in range(2):
            with pytest.raises(InUseError), held(tmp_path):
                pass
    with held(tmp_path) as clean:
        assert clean


def test_a_second_signal_counts_as_killed(tmp_path: Path) -> None:
    with pytest.raises(SystemExit), held(tmp_path):
        raise SystemExit(143)
    with held(tmp_path) as clean:
        assert not clean


def test_a_folder_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sentence = r"The data folder .*file/data cannot be used: .*; check its permissions"
    with pytest.raises(StoreError, match=sentence), held(tmp_path / "file" / "data"):
        pass


def test_whoever_only_looks_is_waited_for(tmp_path: Path) -> None:
    with unused(tmp_path) as free:
        assert free
        with pytest.raises(InUseError), held(tmp_path, looking=0.05):
            pass
    looked = Event()
    looker = Thread(target=look, args=(tmp_path, looked))
    looker.start()
    assert looked.wait(5)
    with held(tmp_path) as clean:
        assert clean
    looker.join()


def test_whoever_looks_after_one_that_was_killed_is_waited_for(tmp_path: Path) -> None:
    assert subprocess.run([sys.executable, "-c", KILLED, tmp_path], check=False).returncode == -9
    looked = Event()
    looker = Thread(target=look, args=(tmp_path, looked))
    looker.start()
    assert looked.wait(5)
    with held(tmp_path) as clean:
        assert not clean
    looker.join()


def look(folder: Path, looked: Event) -> None:
    """As doctor does it, for a moment."""
    with unused(folder) as free:
        assert free
        looked.set()
        sleep(0.2)
