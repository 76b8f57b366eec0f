"""What [model] in magpie.toml comes to."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from agents.digest import Desk
from agents.gathering import Reading
from agents.models import stays_here
from agents.models.openai import OpenAIChatModel
from bot.build import Magpie
from config.errors import ConfigError
from config.settings import parse
from tests.fakes import HOUR, NOW, HashedWords, Pigeon, Village, post

ELSEWHERE = {"kind": "openai", "base_url": "http://models.example/v1", "name": "small"}


def magpie(folder: Path, **model: Any) -> Magpie:
    return Magpie(parse({"owner": {"handle": "me@home.example"}, "data": str(folder), "model": model}))


def test_a_model_elsewhere_gets_no_private_words_unless_the_settings_say_so(tmp_path: Path) -> None:
    summariser = magpie(tmp_path, **ELSEWHERE).mind.summariser
    assert summariser is not None and not stays_here(summariser.model)
    assert not summariser.private_words and summariser.budget == 60
    allowed = magpie(tmp_path, **ELSEWHERE, private_words=True, seconds_a_digest=5).mind.summariser
    assert allowed is not None and allowed.private_words and allowed.budget == 5


def test_the_key_for_a_server_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAGPIE_MODEL_KEY", "s3cret")
    summariser = magpie(tmp_path, **ELSEWHERE).mind.summariser
    assert summariser is not None and isinstance(summariser.model, OpenAIChatModel)
    assert summariser.model._key.get_secret_value() == "s3cret"


@pytest.mark.parametrize("name", ["api_key", "token"])
def test_a_key_in_the_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="holds a secret"):
        magpie(tmp_path, **ELSEWHERE, **{name: "s3cret"})


@pytest.mark.parametrize(
    ("wrong", "value"),
    [("private_words", "yes"), ("private_words", 1), ("seconds_a_digest", "long"), ("seconds_a_digest", -1)],
)
def test_a_wrong_type_is_one_sentence(tmp_path: Path, wrong: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=f"{wrong} is {value!r}: write"):
        _ = magpie(tmp_path, **ELSEWHERE, **{wrong: value}).mind.summariser


def test_a_misspelt_setting_is_told_with_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no setting 'bas_url'; did you mean 'base_url'"):
        _ = magpie(tmp_path, **{**ELSEWHERE, "bas_url": 1}).mind.summariser


def test_a_model_that_is_good_enough_judges_unless_it_is_switched_off(tmp_path: Path) -> None:
    """The small one that is shipped is not, and there is none without a model."""

    def judge(model: dict[str, Any], **digest: Any) -> Any:
        table = {"owner": {"handle": "me@home.example"}, "data": str(tmp_path), "model": model, "digest": digest}
        one = Magpie(parse(table))
        return one.mind.at(Desk(cast(Reading, None)), one.settings.digest).judge

    judging = judge(ELSEWHERE, judge_seconds=7)
    assert judging.budget == 7 and judging.name == "small" and not judging.private_words
    assert judge({"kind": "local"}) is None and judge({"kind": "none"}) is None
    assert judge(ELSEWHERE, judge=False) is None and judge(ELSEWHERE, judge_seconds=0) is None
    assert judge({**ELSEWHERE, "private_words": True}).private_words


def test_a_model_that_is_away_is_noted_once_in_the_run_and_the_digest_quotes_instead(tmp_path: Path) -> None:
    village = Village()
    for name in ("ann", "bo", "cy"):
        village.posts(
            post(name, f"Number {name}: a long enough tale of bees in the bell tower.", by=name, at=NOW - HOUR)
        )
    away = {"kind": "openai", "base_url": "http://127.0.0.1:9/v1", "name": "small"}
    table = {"owner": {"handle": "me@home.example"}, "data": str(tmp_path), "model": away, "digest": {"floor": -100}}
    wired = Magpie(
        parse(table),
        now=lambda: NOW,
        given_sources=[village],
        given_channel=Pigeon(),
        given_embedder=HashedWords(),
        given_web=None,
    )
    wired.collector.collect(wired.sources)
    made = wired.editor.digest("pigeon")
    assert made.entries and not any(entry.summary for entry in made.entries)
    with wired.store.begin() as memory:
        (run,) = memory.runs.latest("digest", 1)
    assert run.state == "done"  # type: ignore[attr-defined]
    assert len(run.failures) == 1 and "127.0.0.1:9" in run.failures[0]  # type: ignore[attr-defined]
    wired.close()
