"""Sources over recorded answers: a folder for each kind in fixtures/sources, with sound.toml and damaged.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from langchain_core.documents import Document
from pydantic import SecretStr

from memory.records import Fetched, Item
from tools.sources import Source, SourceError
from tools.web import Page

FOLDER = Path(__file__).parent / "fixtures" / "sources"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OTHERWISE = {"mastodon", "sample"}  # these have recordings of another form, and their own tests


def kinds() -> list[str]:
    """All sources that are recorded here."""
    import tools.sources

    folder = Path(tools.sources.__file__).parent
    return sorted({p.stem for p in folder.glob("*.py") if "\ndef build(" in p.read_text("utf-8")} - OTHERWISE)


@dataclass
class Recorded:
    """A web of recorded answers; for whatever else is asked there is nothing. ``asked`` are (URL, headers, form)."""

    answers: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, str], Mapping[str, Any] | None]] = field(default_factory=list)

    def says(self, url: str, body: bytes | str, kind: str = "", status: int = 200, **headers: str) -> None:
        """From now on this URL is answered so."""
        raw = body.encode() if isinstance(body, str) else body
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        told |= {"content-type": kind} if kind else {}
        self.answers[url] = Page(url, status, told, raw, kind.partition(";")[0])

    def ask(self, url: str, headers: Mapping[str, str] | None = None, form: Mapping[str, Any] | None = None) -> Page:
        """The recorded answer; 304 where it is known by its ETag."""
        self.asked.append((url, dict(headers or {}), form))
        page = self.answers.get(url, Page(url, 404, {}, b""))
        etag = page.headers.get("etag")
        return Page(url, 304, {}, b"") if etag and (headers or {}).get("If-None-Match") == etag else page

    def get(self, url: str) -> Page:
        """The recorded answer."""
        return self.ask(url)

    @property
    def urls(self) -> list[str]:
        """What was asked for, in order."""
        return [url for url, _, _ in self.asked]


def recording(kind: str, what: str = "sound") -> dict[str, Any]:
    """The recording of a kind."""
    path = FOLDER / kind / f"{what}.toml"
    assert path.exists(), f"write {path}: its settings, and what servers answered"
    return tomllib.loads(path.read_text("utf-8"))


def recorded_web(kind: str, what: str = "sound") -> Recorded:
    """What servers answered."""
    web = Recorded()
    for answer in recording(kind, what).get("answers", ()):
        body = (FOLDER / kind / answer["file"]).read_bytes() if "file" in answer else answer["body"]
        web.says(answer["url"], body, answer.get("type", "application/json"), **answer.get("headers", {}))
    return web


def source(kind: str, what: str = "sound", web: Recorded | None = None, **settings: Any) -> Any:
    """The source of that kind over its recording, at NOW."""
    told = recording(kind, what)
    secrets = {name: SecretStr(value) for name, value in told.get("secrets", {}).items()}
    built: Source = import_module(f"tools.sources.{kind}").build({**told["settings"], **settings}, secrets)
    if "documents" in told:
        documents = [Document(**document) for document in told["documents"]]
        return replace(built, load=lambda: iter(documents), now=lambda: NOW)  # type: ignore[type-var]
    return replace(built, web=web or recorded_web(kind, what), now=lambda: NOW)  # type: ignore[type-var]


def fetched(reader: Source, cursor: Mapping[str, str] | None = None) -> list[Fetched]:
    """What a source brings when nothing is wrong."""
    steps = list(reader.fetch(cursor))
    assert [str(step) for step in steps if isinstance(step, SourceError)] == []
    return [step for step in steps if isinstance(step, Fetched)]


def items(steps: list[Fetched]) -> list[Item]:
    """Their items."""
    return [step.item for step in steps if step.item is not None]


def cursor_after(steps: list[Fetched], before: Mapping[str, str] | None = None) -> dict[str, str]:
    """Where the source stands after these steps."""
    return {**(before or {}), **{feed: mark for step in steps for feed, mark in step.cursor.items()}}
