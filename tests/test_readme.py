"""The README says what is so."""

import re
import subprocess
import sys
from pathlib import Path

from agents.digest import NODES
from bot.commands import COMMANDS, WAITS
from bot.menu import HELP
from config.settings import FeedbackSection, parse
from tools.importers import kinds
from tools.importers.mapping import SETTINGS
from tools.importers.recognising import called

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_the_picture_of_the_graph_is_the_graph() -> None:
    drawn = re.search(r"graph LR\n\s*(.+)\n", README)
    assert drawn is not None
    assert drawn[1].split(" --> ") == list(NODES)


def test_the_table_of_measurements_is_the_one_in_the_docs() -> None:
    measurements = (ROOT / "docs" / "measurements.md").read_text("utf-8")
    rows = [line for line in README.splitlines() if line.startswith(("| way", "| D,", "| A,", "| P,", "| **Magpie**"))]
    assert len(rows) == 5
    assert all(row in measurements for row in rows)


def test_each_command_in_the_readme_and_the_help_exists() -> None:
    for text in (README.split("## Use it")[1].split("## The two walks")[0], HELP):
        named = set(re.findall(r"(?:^|[`\s])/([a-z]+)", text))
        assert named
        assert named <= {*COMMANDS, *WAITS, "digest"}


def test_the_example_of_magpie_toml_can_be_loaded() -> None:
    import tomllib

    example = re.search(r"```toml\n(.*?)```", README, re.S)
    assert example is not None
    settings = parse(tomllib.loads(example[1]))
    assert settings.sources[0].kind == settings.channel.kind == "mastodon"


def test_the_emoji_in_the_readme_are_the_defaults() -> None:
    section = FeedbackSection()
    for sign in (*section.more, *section.less, *section.save, *section.seen, *section.mute, *section.tell):
        assert sign in README


def test_each_shell_command_in_the_readme_is_one() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "bot.cli", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    for name in re.findall(r"^magpie (\w+)", README, re.M):
        assert name in shown.stdout


def test_each_kind_of_export_and_its_settings_are_on_the_page_of_importing() -> None:
    page = (ROOT / "docs" / "importing.md").read_text("utf-8")
    shown = subprocess.run(
        [sys.executable, "-m", "bot.cli", "import", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    for kind in kinds():
        assert f"`{called(kind)}`" in page and called(kind) in shown.stdout
    for setting in SETTINGS:
        assert f"`{setting}`" in page
