"""The prompts: one Markdown file each, with a version that grows with every change, filled with values that stay data.

A file begins with ``version: N`` between two lines of ``---`` and has the parts ``# system`` and ``# user``.
``{{name}}`` on a line of its own takes any text, fenced off by two lines that nothing within it can imitate;
``{{name}}`` within a line takes a few words, on one line. ``{{mark}}`` is what the fences of this prompt hold.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

from config.errors import ConfigError

WORDS_LIMIT = 200
"""Most characters of a value within a line."""

_TRIED: dict[str, Path] = {}
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
_ALONE = re.compile(r"^\{\{(?!mark\}\})(\w+)\}\}$", re.MULTILINE)
_FILE = re.compile(r"---\nversion: (\d+)\n---\n+# system\n(.*?)\n# user\n(.*)", re.DOTALL)
_FENCE_LIKE = re.compile(r"[\[［〔【⟦]\s*(?:begin|end)\b[^\]］〕】⟧\n]*[\]］〕】⟧]?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt that is ready to be sent; name and version say which text it was made of."""

    name: str
    version: int
    system: str
    user: str

    @property
    def messages(self) -> list[tuple[str, str]]:
        """As LangChain's chat models take them."""
        return [("system", self.system), ("human", self.user)]


def render(name: str, **values: str) -> Prompt:
    """Fill the prompt ``name``. The same values give the same prompt.

    Raises ConfigError when there is no such prompt, or when a value is missing or has no place in it.
    """
    version, system, user = _read(name)
    wanted = set(_PLACEHOLDER.findall(system + user)) - {"mark"}
    for wrong, told in ((wanted - set(values), "is given no value for"), (set(values) - wanted, "has no place for")):
        if wrong:
            raise ConfigError(f"The prompt {name!r} {told} {', '.join(sorted(wrong))}.")
    mark = _mark(name, values)
    return Prompt(name, version, _fill(system, values, mark).strip(), _fill(user, values, mark).strip())


@contextmanager
def instead(path: Path) -> Iterator[None]:
    """Within, this file stands in for the prompt of its name. Raises ConfigError when there is none, or it is unfit."""
    _read(path.stem)
    _TRIED[path.stem] = path
    _read.cache_clear()
    try:
        _read(path.stem)
        yield
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The prompt {path} cannot be read: {error}.") from error
    finally:
        del _TRIED[path.stem]
        _read.cache_clear()


@cache
def _read(name: str) -> tuple[int, str, str]:
    folder = Path(__file__).parent
    path = _TRIED.get(name, folder / f"{name}.md")
    if not name.isidentifier() or not (path.is_file() or name in _TRIED):
        there = ", ".join(sorted(found.stem for found in folder.glob("*.md")))
        raise ConfigError(f"There is no prompt {name!r}: there are {there}.")
    found = _FILE.fullmatch(path.read_text(encoding="utf-8"))
    if found is None:
        raise ConfigError(f"The prompt {path.name} cannot be read: it needs 'version: N', '# system' and '# user'.")
    return int(found[1]), found[2], found[3]


def _mark(name: str, values: Mapping[str, str]) -> str:
    """A mark that stands in none of the values, nor can be put there: it is made of all of them.

    Unlike a random one it is the same whenever the values are, so that a run can be replayed to the letter.
    """
    told = json.dumps([name, sorted(values.items())])
    marks = (hashlib.sha256(f"{turn}{told}".encode()).hexdigest()[:16] for turn in count())
    return next(mark for mark in marks if not any(mark in value.lower() for value in values.values()))


def _fill(template: str, values: Mapping[str, str], mark: str) -> str:
    """Both kinds of places are filled in one pass each over the template, so that no value is ever taken for one."""
    parts = re.split(_ALONE, template)  # text, name, text, name, … text
    texts = (_PLACEHOLDER.sub(lambda m: mark if m[1] == "mark" else _words(values[m[1]]), t) for t in parts[::2])
    fenced = (f"[begin {mark}]\n{unfenced(values[name]).strip()}\n[end {mark}]" for name in parts[1::2])
    return next(texts) + "".join(material + text for material, text in zip(fenced, texts, strict=True))


def _words(value: str) -> str:
    return " ".join(unfenced(value).split())[:WORDS_LIMIT]


def unfenced(text: str) -> str:
    """The text without anything that looks like a fence, also when it was hidden in another."""
    while (plain := _FENCE_LIKE.sub("", text)) != text:
        text = plain
    return text
