"""The house itself: flat names that are ours alone, imports that go one way, light doors, and a test for every plug."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOUSE = ("config", "memory", "tools", "agents", "bot")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
MODULES = sorted(path for name in HOUSE for path in (ROOT / name).rglob("*.py"))
HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "chromadb",
    "langgraph",
    "mastodon",
    "mlx",
    "sklearn",
    "telegram",
    "feedparser",
    "trafilatura",
    "pypdf",
)
SHOW_HEAVY = f"print([name for name in {HEAVY!r} if name in sys.modules])"
PLUGS = {
    "tools/sources": "tests/tools",
    "tools/importers": "tests/tools",
    "agents/models": "tests/agents",
    "bot/channels": "tests/bot",
}


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


OURS = [dotted(path) for path in MODULES if path.name != "env.py"]  # that one is run by Alembic, not imported


def python(*lines: str) -> subprocess.CompletedProcess[str]:
    """In a process that keeps nothing of what it compiles."""
    return subprocess.run(
        [sys.executable, "-B", "-c", "\n".join(lines)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# -- names


@pytest.mark.parametrize("name", HOUSE)
def test_no_other_distribution_owns_one_of_our_names(name: str) -> None:
    owners = set(metadata.packages_distributions().get(name, [])) - {PYPROJECT["project"]["name"]}
    assert owners == set(), f"{name} is shadowed by {owners}"


@pytest.mark.parametrize("name", HOUSE)
def test_our_names_are_imported_from_here(name: str) -> None:
    done = python(f"import {name}; print({name}.__file__)")
    assert Path(done.stdout.strip()) == ROOT / name / "__init__.py"


def test_tests_are_no_packages() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_every_package_is_listed_and_every_listed_one_is_there() -> None:
    there = {dotted(path) for path in MODULES if path.name == "__init__.py"}
    listed = PYPROJECT["tool"]["setuptools"]["packages"]
    assert sorted(there) == sorted(listed)


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent for path in MODULES}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_every_file_that_is_read_at_run_time_is_shipped() -> None:
    shipped = {
        file
        for package, patterns in PYPROJECT["tool"]["setuptools"]["package-data"].items()
        for pattern in patterns
        for file in (ROOT / package.replace(".", "/")).glob(pattern)
    }
    data = {
        file
        for name in HOUSE
        for file in (ROOT / name).rglob("*")
        if file.suffix in (".md", ".json", ".jsonl", ".mako")
    }
    assert data <= shipped


# -- imports


def test_imports_go_rightwards_only() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_commands_are_known_without_numbers_or_tables() -> None:
    done = python("import sys", "import bot.cli", "print({'numpy', 'sqlalchemy'} & sys.modules.keys())")
    assert (done.stdout.strip(), done.stderr) == ("set()", "")


WATCH = """
import importlib, sys
told, doings = [], {"open", "os.mkdir", "os.remove", "os.rename", "os.system", "sqlite3.connect", "subprocess.Popen",
                    "socket.connect", "socket.bind", "socket.getaddrinfo"}
def watch(event, args):
    if event in doings and (event != "open" or set(str(args[1] or "r")) & set("wax+")) and ".pyc" not in str(args):
        told.append((event, str(args)[:200]))
for name in OTHERS:
    importlib.import_module(name)
sys.addaudithook(watch)
for name in OURS:
    importlib.import_module(name)
print(told)
"""


@pytest.fixture(scope="module")
def imported() -> list[str]:
    """What is told of an import of all our modules, those of others before them: what was done, and what is heavy."""
    others = {
        name
        for path in MODULES
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
        if name.split(".")[0] not in HOUSE
    }
    done = python(f"OTHERS, OURS = {sorted(others)!r}, {OURS!r}", WATCH, SHOW_HEAVY)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip().splitlines()


def test_nothing_is_done_at_import(imported: list[str]) -> None:
    """Nothing is written, connected or started."""
    assert imported[0] == "[]"


def test_nothing_heavy_is_imported_before_it_is_needed(imported: list[str]) -> None:
    assert imported[1] == "[]"


def test_constructors_do_nothing(tmp_path: Path) -> None:
    from memory.embedding import KeptEmbedder, SentenceEmbedder
    from memory.index import ChromaIndex

    ChromaIndex(tmp_path / "chroma", "me@home.example", "model")
    KeptEmbedder(SentenceEmbedder("no such model"), tmp_path / "kept.npz")
    assert list(tmp_path.iterdir()) == []


def test_sql_is_spoken_in_memory_alone() -> None:
    speakers = {
        dotted(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
        if name.split(".")[0] in ("sqlalchemy", "alembic") and not path.is_relative_to(ROOT / "memory")
    }
    assert speakers == set()


def test_settings_are_read_in_one_place() -> None:
    readers = {
        dotted(path)
        for path in MODULES
        if "Settings" in path.read_text("utf-8")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "config.settings"
        if {alias.name for alias in node.names} & {"Settings", "Secrets", "load"}
    }
    assert {reader for reader in readers if not reader.startswith("bot.demo.")} <= {"bot.build", "bot.cli.app"}


# -- plugs


def plugs() -> list[tuple[str, str]]:
    return [
        (folder, path.stem)
        for folder in PLUGS
        for path in sorted((ROOT / folder).glob("*.py"))
        if any(
            isinstance(node, ast.FunctionDef) and node.name == "build"
            for node in ast.parse(path.read_text("utf-8")).body
        )
        if path.stem != "__init__"
    ]


def test_there_is_something_in_each_folder_of_plugs_that_has_modules() -> None:
    assert {folder for folder, _ in plugs()} == {"tools/sources", "tools/importers", "agents/models", "bot/channels"}


@pytest.mark.parametrize(("folder", "kind"), plugs())
def test_every_plug_has_a_test_of_its_name(folder: str, kind: str) -> None:
    tests = list((ROOT / PLUGS[folder]).glob(f"test_*{kind}*.py"))
    assert tests, f"write {PLUGS[folder]}/test_{kind}.py with what {folder}/{kind}.py reads or writes, recorded"


@pytest.mark.parametrize(("folder", "kind"), plugs())
def test_every_plug_says_what_it_does_not_know(folder: str, kind: str) -> None:
    """A misspelt setting is refused by every module, or it does not take any."""
    build = ast.parse((ROOT / folder / f"{kind}.py").read_text("utf-8"))
    source = ast.unparse(build)
    function = next(node for node in build.body if isinstance(node, ast.FunctionDef) and node.name == "build")
    assert ast.get_docstring(function), f"{folder}/{kind}.py: build has no docstring"
    assert (
        "refuse_unknown" in source or "Whose.of(" in source or "ConfigError" in source or "extra='forbid'" in source
    ), f"{folder}/{kind}.py takes any setting: call config.settings.refuse_unknown"


# -- words


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_a_file_says_what_lives_there(path: Path) -> None:
    assert not {"utils", "helpers", "manager", "base", "common"} & {path.stem, path.parent.name}
    assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), "the module has no docstring"
