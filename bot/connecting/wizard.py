"""The settings that ``magpie init`` writes: what was answered, in a magpie.toml that explains itself."""

from __future__ import annotations

import json
import os
import platform
import sys
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from config.errors import ConfigError
from config.settings import parse

MODELS: Final = ("none", "local", "mlx", "openai")
_MODEL_LINES: Final = {
    "none": "# Without a model people are quoted in their own words. Others: local, mlx, openai.",
    "local": "# The small model that is shipped, to try it with; name = any transformers model.",
    "mlx": "# Llama 3 8B on Apple silicon, fetched once (4.5 GB). Needs: pip install 'magpie-agent[mlx]'",
    "openai": "# Any server that speaks OpenAI's API: Ollama, LM Studio, llama-server, vLLM.",
}


Channel = Literal["mastodon", "telegram", "both", "terminal"]


@dataclass(frozen=True)
class Answers:
    """What the owner has answered. Handles are name@host; ``hours`` such as 8:00."""

    handle: str
    instance: str
    channel: Channel
    bot_handle: str = ""
    bot_instance: str = ""
    hours: tuple[str, ...] = ("8:00",)
    time_zone: str = "UTC"
    languages: tuple[str, ...] = ()
    interests: str = ""
    model: str = "none"
    model_options: Mapping[str, str] | None = None


def settings_file(answers: Answers) -> str:
    """The text of magpie.toml, which loads. Raises ConfigError for an answer that cannot be."""
    text = _OWNER.format(
        handle=_quoted(answers.handle),
        time_zone=_quoted(answers.time_zone),
        languages=_quoted(list(answers.languages)),
        interests=_quoted(answers.interests),
        hours=_quoted(list(answers.hours)),
        instance=_quoted(answers.instance),
    )
    text += _channel(answers) + _model(answers)
    parse(tomllib.loads(text), "The new magpie.toml")
    return text


def write(path: Path, text: str) -> None:
    """Raises ConfigError when the file cannot be written. One that is there is replaced whole."""
    beside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, "utf-8")
        beside.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}; check the folder's permissions.") from None


def likely_time_zone() -> str:
    """The time zone of this machine."""
    with suppress(Exception):  # a machine set up oddly is in no zone that has a name
        from tzlocal import get_localzone_name

        return str(get_localzone_name())
    return "UTC"


def likely_languages() -> tuple[str, ...]:
    """The language of this session, such as en."""
    named = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    code = named.partition("_")[0].partition(".")[0].lower()
    return (code,) if len(code) == 2 and code.isalpha() else ("en",)


def likely_model() -> str:
    """mlx where there is Apple silicon; elsewhere none, since the small one that is shipped only tries the plumbing."""
    return "mlx" if sys.platform == "darwin" and platform.machine() == "arm64" else "none"


def _quoted(value: Any) -> str:
    """A string or a list of them as TOML, whose basic strings are those of JSON but for one sign."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _channel(answers: Answers) -> str:
    if answers.channel == "terminal":
        return f"\n[channel]{_TERMINAL}"
    speaker = _SPEAKER.format(instance=_quoted(answers.bot_instance), handle=_quoted(answers.bot_handle))
    if answers.channel == "both":
        return f"\n[[channels]]{speaker}\n[[channels]]{_TELEGRAM}"
    return f"\n[channel]{_TELEGRAM if answers.channel == 'telegram' else speaker}"


def _model(answers: Answers) -> str:
    lines = [f"\n[model]\n{_MODEL_LINES.get(answers.model, '')}\nkind = {_quoted(answers.model)}"]
    lines += [f"{key} = {_quoted(value)}" for key, value in (answers.model_options or {}).items() if value]
    return "\n".join(lines) + "\n"


_OWNER: Final = """\
# What Magpie knows about you. All settings and their defaults: config/settings.py. Tokens do not belong here.

[owner]
handle = {handle}
time_zone = {time_zone}
languages = {languages}  # of the posts you want told; none means all
interests = {interests}  # in plain words: "more on rail and bees, no crypto"

[schedule]
hours = {hours}  # when a digest is due, in your time zone
# quiet = "22-7"  # nothing is said in these hours
# days = ["mon", "tue", "wed", "thu", "fri"]

[[sources]]
kind = "mastodon"
instance = {instance}
# lists = ["Close friends"]  # beside the home timeline
# hashtags = ["NightTrains"]
"""

_TERMINAL: Final = '\nkind = "terminal"  # where Magpie talks with you\n'
_TELEGRAM: Final = '\nkind = "telegram"  # which bot, and whose, the login keeps: magpie login --telegram\n'
_SPEAKER: Final = """
kind = "mastodon"  # where Magpie talks with you; for both, "telegram" too: a [[channels]] each
instance = {instance}
handle = {handle}  # the account that Magpie speaks from
"""
