"""Files that mean harm, or are only broken: each is refused in one sentence, or read as far as it goes.

None reads or writes outside its place, none takes the memory, none is a traceback.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.jobs.collect import Collector
from bot.jobs.importing import Importing, Taken
from config.errors import SourceError
from memory.records import Fetched
from tests.scenarios.broken_files import READ
from tests.scenarios.hostile_files import HEAVY, PDFS, REFUSED, ROOT, SECRET, noise, plain
from tools.importers import importer, kind_of, kinds
from tools.importers.opening import opened

ROOM = 64 << 20  # bytes of memory beside what the program takes: 2 GB or 64 MB of export are the same
SMALL = 50_000  # signs: more than that is only read here, not cut, indexed and stored
UNSEEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\u200b\u202a-\u202e\ud800-\udfff\U000e0000-\U000e007f]")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder of its own, with a secret beside it."""
    for name in ("secret.md", "secret.txt", "outside.txt"):
        (tmp_path / name).write_text(SECRET)
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


def around(place: Path) -> dict[str, str]:
    files = (path for path in place.parent.rglob("*") if path.is_file() and not path.is_symlink())
    return {
        str(path): path.read_text("latin-1")
        for path in files
        if path.suffix in (".txt", ".md") and place not in path.parents
    }


def take(collector: Collector, path: Path) -> Taken:
    with opened(path) as export:
        return Importing(collector).take_in(importer(kind_of(export), export, {}), embed=False)


def one_sentence(words: str) -> None:
    assert re.fullmatch(r"[^\n\x00-\x1f]{10,400}\.", words), words
    assert "Traceback" not in words


@pytest.mark.parametrize("name", REFUSED)
def test_what_means_harm_is_refused_in_one_sentence(name: str, place: Path, collector: Collector) -> None:
    path = REFUSED[name](place)
    before = around(place)
    try:
        taken = take(collector, path)
    except SourceError as error:
        one_sentence(str(error))
    else:
        assert taken.failures or taken.damaged
        for words in (*taken.failures, *taken.examples):
            one_sentence(words)
    with collector.store.begin() as memory:
        kept = memory.items.by_id(range(50)).values()
    assert not any(SECRET in item.text or "root:" in item.text or "Apache" in item.text for item in kept)
    assert around(place) == before


@pytest.mark.parametrize("name", READ)
def test_what_is_only_broken_is_read_as_far_as_it_goes(name: str, place: Path, collector: Collector) -> None:
    path = READ[name](place)
    before = around(place)
    with opened(path) as export:
        rows = list(importer(kind_of(export), export, {}).fetch(None))
    for row in rows:
        if isinstance(row, SourceError):
            one_sentence(str(row))
    kept = [row.item for row in rows if isinstance(row, Fetched) and row.item is not None]
    assert kept
    if sum(len(item.searchable) for item in kept) < SMALL:
        taken = take(collector, path)
        assert taken.counts["new"] == len(kept)
    for item in kept:
        assert SECRET not in item.searchable
        assert not UNSEEN.search(item.searchable)
    assert around(place) == before


@pytest.mark.parametrize("name", PDFS)
def test_a_hostile_pdf_is_left_out(name: str, place: Path, collector: Collector) -> None:
    (place / "a.pdf").write_bytes(PDFS[name])
    taken = take(collector, place)
    assert taken.damaged or taken.skipped
    assert taken.counts["new"] == 0
    for words in taken.examples:
        one_sentence(words)


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize("seed", range(3))
def test_no_importer_stumbles_over_noise(kind: str, seed: int, place: Path) -> None:
    path = plain("a.bin", noise(100 + seed, 20_000))(place)
    try:
        with opened(path) as export:
            rows = list(importer(kind, export, {}).fetch(None))
    except SourceError as error:
        one_sentence(str(error))
    else:
        assert all(isinstance(row, SourceError) or row.item for row in rows)


CHILD = f"""
import resource, sys
from pathlib import Path
from tools.importers import importer, kind_of
from tools.importers.opening import opened
from config.errors import SourceError
import ijson, nh3, yaml, pypdf, defusedxml.ElementTree, tools.sources.prose
taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + {ROOM}, taken + {ROOM}))
for path in sys.argv[1:]:
    try:
        with opened(Path(path)) as export:
            print(sum(1 for row in importer(kind_of(export), export, {{}}).fetch(None)), "rows", flush=True)
    except SourceError as error:
        print(error, flush=True)
"""


def test_nothing_takes_the_memory(tmp_path: Path) -> None:
    paths = []
    for number, make in enumerate(HEAVY.values()):
        (tmp_path / str(number)).mkdir()
        paths.append(make(tmp_path / str(number)))
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *paths], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-300:] + done.stderr[-800:]
    assert len(done.stdout.splitlines()) == len(HEAVY)
    assert all(re.fullmatch(r"\d+ rows|[^\n]+\.", line) for line in done.stdout.splitlines())


def test_there_are_enough_of_them() -> None:
    assert len(REFUSED) + len(READ) + len(PDFS) + len(HEAVY) >= 150
