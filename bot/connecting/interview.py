"""What ``magpie init`` asks, and what it takes for likely."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast, get_args

from bot.connecting.instance import Handle, base_url, parse_handle
from bot.connecting.wizard import MODELS, Answers, Channel, likely_languages, likely_model, likely_time_zone
from config.errors import ConfigError
from config.settings import parse

_SERVED: Final = {
    "base_url": ("Its address", "http://127.0.0.1:11434/v1"),
    "name": ("The name of the model there", "llama3:8b"),
}


class Ask(Protocol):
    """Puts a question, again and again until ``check`` no longer raises ConfigError; returns the answer."""

    def __call__(self, words: str, likely: str, check: Callable[[str], object]) -> str: ...


@dataclass(frozen=True)
class Interview:
    """Question by question; what is ``given`` already is only checked. ``find`` tells the server of a handle."""

    given: Mapping[str, str]
    ask: Ask
    find: Callable[[Handle], str]

    def answers(self) -> Answers:
        """All of it. Raises ConfigError for something given that cannot be."""
        handle = parse_handle(self._one("handle", "Your handle, such as @me@example.social", "", parse_handle))
        instance = self._server("instance", "Your server", lambda: self.find(handle))
        words = "Where shall Magpie talk with you: mastodon, telegram, both or terminal"
        channel = cast("Channel", self._one("channel", words, "mastodon", _channel))
        speaker = self._speaker(instance) if channel in ("mastodon", "both") else ("", "")
        hours = self._one("hour", "When is your digest due (several with commas)", "8:00", _hours)
        zone = self._one("time_zone", "Your time zone", likely_time_zone(), _zone)
        languages = self._one(
            "languages", "Languages you read, with commas (or all)", ",".join(likely_languages()), _words
        )
        interests = self._one("interests", "What do you like, in plain words (or nothing)", "", str, needed=False)
        model = self._one("model", f"Chat model: {', '.join(MODELS)}", likely_model(), _model)
        options = {key: self._one(f"model_{key}", *_SERVED[key], str) for key in _SERVED} if model == "openai" else {}
        return Answers(
            handle=handle.bare,
            instance=instance,
            channel=channel,
            bot_handle=speaker[0],
            bot_instance=speaker[1],
            hours=_words(hours),
            time_zone=zone,
            languages=() if languages == "all" else _words(languages),
            interests=interests,
            model=model,
            model_options=options,
        )

    def _speaker(self, instance: str) -> tuple[str, str]:
        words = "The account it speaks from, a second one of yours, such as @my_magpie@example.social"
        handle = parse_handle(self._one("bot_handle", words, "", parse_handle))
        host = base_url(instance).partition("://")[2]
        there = self._server(
            "bot_instance", "Its server", lambda: instance if handle.host == host else self.find(handle)
        )
        return handle.bare, there

    def _server(self, key: str, words: str, likely: Callable[[], str]) -> str:
        known = self.given.get(key)
        return base_url(self._one(key, words, known or likely(), base_url)).removeprefix("https://")

    def _one(self, key: str, words: str, likely: str, check: Callable[[str], object], *, needed: bool = True) -> str:
        if key in self.given:
            check(self.given[key])
            return self.given[key].strip()

        def checked(text: str) -> None:
            if needed and not text.strip():
                raise ConfigError(f"--{key.replace('_', '-')} is needed: {words}.")
            check(text)

        return self.ask(words, likely, checked).strip()


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.replace(",", " ").split())


def _hours(text: str) -> object:
    return _section("schedule", hours=list(_words(text)))


def _zone(text: str) -> object:
    return _section("owner", time_zone=text.strip())


def _section(name: str, **values: Any) -> object:
    owner = {"handle": "me@example.social"}
    return parse({"owner": owner} | {name: (owner if name == "owner" else {}) | values}, "This")


def _channel(text: str) -> None:
    _among(text, get_args(Channel))


def _model(text: str) -> None:
    _among(text, MODELS)


def _among(text: str, known: tuple[str, ...]) -> None:
    if text.strip() not in known:
        raise ConfigError(f"{text!r} is none of {', '.join(known)}: choose one of them.")
