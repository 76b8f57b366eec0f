"""What the owner decides: magpie.toml for everything that may be read by others, the environment for secrets."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StrictBool, ValidationError, field_validator
from pydantic_core.core_schema import ValidationInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.errors import ConfigError
from config.mistakes import nearest, secret_places, sentence

FILE = Path("magpie.toml")
ENV: Final = ".env"  # beside it
_WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DATES: Final = r"^\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d$"
PERSONA: Final = "persona"  # of [model]: how answers sound
_LONGEST_PERSONA: Final = 200
Hour = Annotated[str, Field(pattern=r"^([01]?\d|2[0-3])(:[0-5]\d)?$", description="8:00")]


class Section(BaseModel):
    """A table of magpie.toml. A key that is not known is refused, so that a misspelt one is not silently ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Plugged(BaseModel):
    """A table whose ``kind`` names a module; that module knows the other keys and checks them."""

    model_config = ConfigDict(frozen=True, extra="allow")
    kind: str

    @property
    def options(self) -> dict[str, Any]:
        """All keys but ``kind``."""
        return dict(self.model_extra or {})


class OwnerSection(Section):
    """Whom Magpie works for."""

    handle: Annotated[str, Field(pattern=r"^@?[^@\s]+@[^@\s]+$", description="name@host")]
    time_zone: str = "UTC"
    languages: tuple[str, ...] = ()
    interests: str = ""

    @field_validator("handle")
    @classmethod
    def _bare(cls, handle: str) -> str:
        return handle.lstrip("@")

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{name!r} is not a time zone; write one such as Europe/Berlin") from None
        return name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that dates are told in."""
        return ZoneInfo(self.time_zone)


class DigestSection(Section):
    """What a digest is like."""

    entries: Annotated[int, Field(strict=True, ge=1, le=30)] = 8
    explore: Annotated[int, Field(strict=True, ge=0, le=5)] = 1  # so many of the entries, from outside the usual
    preset: Literal["balanced", "friends", "discussions", "discovery"] = "balanced"
    discovery: Annotated[float, Field(strict=True, ge=0, le=1)] = 0.5  # from what you are known to like to new ground
    window_hours: Annotated[float, Field(strict=True, gt=0, le=24 * 14)] = 36  # further back after a longer stop
    floor: Annotated[float, Field(strict=True)] = 0.6  # points; nothing under them is told
    form: Literal["thread", "compact"] = "thread"
    home_marker: StrictBool = True  # what you have scrolled past in your client counts as seen, perhaps
    quote_followers_only: StrictBool = False  # in a channel that is not on this machine
    judge: StrictBool = True  # a chat model that is good enough has a say in the best few
    judge_seconds: Annotated[float, Field(strict=True, ge=0)] = 60


class ScheduleSection(Section):
    """When Magpie works, in the owner's time zone. What is chosen in the chat comes before what is written here."""

    hours: Annotated[tuple[Hour, ...], Field(min_length=1, max_length=12)] = ("8:00",)
    days: Annotated[tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...], Field(min_length=1)] = _WEEK
    quiet: Annotated[str, Field(pattern=r"^(\d{1,2}(:\d\d)?-\d{1,2}(:\d\d)?)?$", description="22-7 or 22:30-7")] = ""
    vacations: tuple[Annotated[str, Field(pattern=_DATES, description="2026-08-01/2026-08-14")], ...] = ()
    when_empty: Literal["line", "silent"] = "line"  # nothing worth telling: one quiet line, or nothing
    collect_minutes: Annotated[float, Field(strict=True, ge=1, le=24 * 60)] = 15
    listen_seconds: Annotated[float, Field(strict=True, ge=1, le=3600)] = 15

    @property
    def times(self) -> tuple[time, ...]:
        """The hours in order."""
        return tuple(sorted({_time(hour) for hour in self.hours}))

    @property
    def weekdays(self) -> frozenset[int]:
        """The days of the week, Monday as 0."""
        return frozenset(_WEEK.index(day) for day in self.days)

    @property
    def quiet_hours(self) -> tuple[time, time] | None:
        """From when to when nothing is said unasked."""
        start, _, end = self.quiet.partition("-")
        return (_time(start), _time(end)) if end else None

    @property
    def away(self) -> tuple[tuple[date, date], ...]:
        """First and last date of each vacation."""
        spans = (span.partition("/") for span in self.vacations)
        return tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, _, last in spans)

    @field_validator("quiet")
    @classmethod
    def _a_stretch(cls, quiet: str) -> str:
        try:
            start, end = map(_time, quiet.split("-")) if quiet else (time(0), time(1))
        except ValueError:
            raise ValueError(f"{quiet!r} holds an hour that no day has; write for example 22-7") from None
        if start == end:
            raise ValueError(f"{quiet!r} begins when it ends; write for example 22-7")
        return quiet

    @field_validator("vacations")
    @classmethod
    def _dates(cls, spans: tuple[str, ...]) -> tuple[str, ...]:
        for span in spans:
            first, _, last = span.partition("/")
            try:
                right = date.fromisoformat(first) <= date.fromisoformat(last)
            except ValueError:
                right = False
            if not right:
                raise ValueError(f"{span!r} is no stretch of dates; write for example 2026-08-01/2026-08-14")
        return spans


def _time(written: str) -> time:
    hour, _, minute = written.partition(":")
    return time(int(hour), int(minute or 0))


class FeedbackSection(Section):
    """Which emoji means what. An emoji named here replaces its meaning; the others stay."""

    more: tuple[str, ...] = ("👍", "❤️", "⭐", "🔥")
    less: tuple[str, ...] = ("👎", "😴")
    save: tuple[str, ...] = ("🔖",)
    seen: tuple[str, ...] = ("🙈",)
    mute: tuple[str, ...] = ("🔇",)
    tell: tuple[str, ...] = ("🧵",)


class EmbeddingSection(Section):
    """The model that turns texts into vectors."""

    name: str = "all-MiniLM-L6-v2"
    threads: Annotated[int, Field(strict=True, ge=0)] = 0  # of the processor; 0: as many as torch likes
    reranker: str = ""  # a cross-encoder by name or path, which reads the best passages once more; empty: none


class ArchiveSection(Section):
    """What of the network is at hand. Greetings and the like are kept, but neither searched nor told, unless wanted."""

    sift: StrictBool = True


class ArticlesSection(Section):
    """Whether pages that others link to are read, and how many at a time."""

    fetch: StrictBool = False
    most: Annotated[int, Field(strict=True, ge=1, le=200)] = 20
    allow: tuple[str, ...] = ()  # hosts on a private network


class Secrets(BaseSettings):
    """From the environment or a .env file: MAGPIE_OWNER_TOKEN reads, MAGPIE_BOT_TOKEN speaks, MAGPIE_TELEGRAM_TOKEN
    speaks there, before those of a login (config.tokens); MAGPIE_MODEL_KEY opens a model server; what opens a source
    bears its name (MAGPIE_BLUESKY_PASSWORD, MAGPIE_GITHUB_TOKEN).
    """

    model_config = SettingsConfigDict(env_prefix="MAGPIE_", env_file=ENV, extra="ignore", frozen=True)
    owner_token: SecretStr = SecretStr("")
    bot_token: SecretStr = SecretStr("")
    telegram_token: SecretStr = SecretStr("")
    model_key: SecretStr = SecretStr("")
    bluesky_password: SecretStr = SecretStr("")
    github_token: SecretStr = SecretStr("")


class Settings(Section):
    """All of it, frozen."""

    owner: OwnerSection
    data: Path = Path("data")
    digest: DigestSection = DigestSection()
    schedule: ScheduleSection = ScheduleSection()
    feedback: FeedbackSection = FeedbackSection()
    embedding: EmbeddingSection = EmbeddingSection()
    model: Plugged = Plugged(kind="auto")  # mlx on Apple silicon where it is installed, else local
    sources: tuple[Plugged, ...] = ()
    archive: ArchiveSection = ArchiveSection()
    articles: ArticlesSection = ArticlesSection()
    channel: Plugged = Plugged(kind="terminal")
    channels: tuple[Plugged, ...] = ()  # instead of the one: a digest is made once, and told in each
    secrets: Annotated[Secrets, Field(default_factory=Secrets, repr=False)]

    @field_validator("model")
    @classmethod
    def _sounding(cls, model: Plugged) -> Plugged:
        said = model.options.get(PERSONA, "assistant")
        if not isinstance(said, str) or not said.strip() or len(said) > _LONGEST_PERSONA:
            raise ValueError(
                f"{PERSONA} is assistant, archivist, tutor, or your own words of at most {_LONGEST_PERSONA} characters"
            )
        return model

    @field_validator("channels")
    @classmethod
    def _apart(cls, channels: tuple[Plugged, ...], info: ValidationInfo) -> tuple[Plugged, ...]:
        kinds = [channel.kind for channel in channels]
        if kinds and info.data.get("channel") != Plugged(kind="terminal"):
            raise ValueError("write either one [channel], or a [[channels]] for each")
        if len(kinds) > 1 and ("terminal" in kinds or len(set(kinds)) < len(kinds)):
            raise ValueError("name each kind once, and leave out the terminal: 'magpie chat' is always there")
        return channels

    @property
    def places(self) -> tuple[Plugged, ...]:
        """Where Magpie and its owner talk; the first is the one that digests are kept under."""
        return self.channels or (self.channel,)

    @property
    def persona(self) -> str:
        """How answers sound, where a model writes them."""
        return str(self.model.options.get(PERSONA, "assistant"))


def load(path: Path = FILE) -> Settings:
    """Read magpie.toml. ``data`` and the file .env are looked for from its folder, wherever Magpie is started.

    Raises ConfigError in one sentence that names the key and what to do.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"There is no {path}: write one with 'magpie init', or try Magpie with 'magpie demo'."
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}; check its permissions, or name another with --config."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} cannot be read: it is no text in UTF-8; write it anew with an editor.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} cannot be read: {error}; correct it there.") from error
    return parse(table, where=str(path), folder=path.parent)


def parse(table: Mapping[str, Any], where: str = "the settings", folder: Path = Path()) -> Settings:
    """Check a table of settings that stands in that folder. Raises ConfigError."""
    if place := next(secret_places(table), None):
        raise ConfigError(
            f"{where} holds a secret, {place!r}: take it out, and use 'magpie login' or the environment "
            "(MAGPIE_OWNER_TOKEN, MAGPIE_BOT_TOKEN, MAGPIE_TELEGRAM_TOKEN, MAGPIE_MODEL_KEY)."
        )
    try:
        settings = Settings.model_validate({**table, "secrets": Secrets(_env_file=folder / ENV)})  # type: ignore[call-arg]
        placed = tuple(_placed(source, folder) for source in settings.sources)
        return settings.model_copy(update={"data": folder / settings.data, "sources": placed})
    except ValidationError as error:
        raise ConfigError(f"{where}: {sentence(error, Settings)}") from error
    except (OSError, UnicodeDecodeError) as error:  # of the file beside it
        why = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise ConfigError(f"The file {folder / ENV} cannot be read: {why}; correct it, or take it away.") from None


def _placed(source: Plugged, folder: Path) -> Plugged:
    """The table with its file of feeds looked for from the folder of the settings."""
    opml = source.options.get("opml")
    return source.model_copy(update={"opml": str(folder / opml)}) if isinstance(opml, str) and opml else source


def refuse_unknown(given: Mapping[str, Any], known: set[str], where: str) -> None:
    """For modules that check their own table. Raises ConfigError naming the nearest known key."""
    for key in given:
        if key not in known:
            raise ConfigError(f"{where} has no setting {key!r}{nearest(key, known) or '; take it out'}.")
