"""The chat model: there, answering, and where what it reads goes."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from bot.doctor.findings import Check, Finding, fault, warning, well
from bot.doctor.patient import Patient
from config.errors import ModelAwayError, ModelError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

PATIENCE: Final = 5.0
"""Seconds for a model server to say which models it has."""
SHORT: Final = 8
"""Tokens of the answer that is asked for."""
_NEEDS: Final = {"mlx": "mlx_lm", "local": "transformers"}


def chat_model(patient: Patient) -> Iterator[Finding]:
    """Built by its table of magpie.toml; what is wrong there is a ConfigError."""
    summariser = patient.magpie.mind.summariser
    if summariser is None:
        yield well("chat model", "none: a digest quotes posts in their own words")
        return
    yield from _answering(patient, summariser.model)
    yield _privacy(summariser.model, summariser.private_words)


def _privacy(model: BaseChatModel, private_words: bool) -> Finding:
    from agents.models import stays_here

    if stays_here(model):
        return well("privacy", "what the chat model reads stays on this machine")
    if private_words:
        found = "posts for followers only go to a model on another machine, as private_words in magpie.toml allows"
        return warning("privacy", found, "take private_words out of [model] if that is not what you want")
    return well("privacy", "public posts go to a model on another machine; posts for followers only do not")


def _answering(patient: Patient, model: BaseChatModel) -> Iterator[Finding]:
    if model._llm_type == "openai":
        yield from _served(model)
        return
    package = _NEEDS.get(model._llm_type, "")
    if package and find_spec(package) is None:
        advice = f"run \"pip install 'magpie-agent[{model._llm_type}]'\", or choose another kind of model"
        yield fault("chat model", f"the kind {model._llm_type!r} needs {package}, which is not installed", advice)
    elif not _here(model, patient.data / "models"):
        found = f"{model.get_name()} is not on this machine yet: the first digest fetches or unpacks it"
        advice = "wait longer for that one, or make it come now with 'magpie digest --dry-run'"
        yield warning("chat model", found, advice)
    elif patient.running:
        yield well("chat model", f"{model.get_name()} is here; not loaded a second time beside the Magpie that runs")
    else:
        yield _asked(model)


def _served(model: Any) -> Iterator[Finding]:
    """A server first says what it has, which it does at once or not at all."""
    from agents.models.servers import named, trouble

    try:
        listed = [str(one.id) for one in model.client().with_options(timeout=PATIENCE).models.list().data or ()]
    except ModelError:
        raise
    except Exception as error:  # of the client, and of what it stands on
        why = trouble(model.base_url, model.model_name, PATIENCE, error)
        if isinstance(why, ModelAwayError) and getattr(error, "status_code", 0) not in (404, 405, 501):
            raise why from error
        listed = []
    if listed and not any(name.removesuffix(":latest") == model.model_name for name in (*listed, *_bare(listed))):
        advice = f"install it there, or set [model] name to one of: {', '.join(sorted(listed)[:8])}"
        yield warning("chat model", f"{named(model.base_url)} does not list {model.model_name!r}", advice)
    yield _asked(model)


def _bare(names: list[str]) -> list[str]:
    return [name.removesuffix(".gguf") for name in names]


def _asked(model: BaseChatModel) -> Finding:
    began = monotonic()
    answer = model.model_copy(update={"max_tokens": SHORT}).invoke("Say yes.")
    seconds = monotonic() - began
    if not answer.text.strip():
        advice = "see the log of its server, or take another model; until then posts are quoted as they are"
        return warning("chat model", f"{model.get_name()} answered with nothing", advice)
    return well("chat model", f"{model.get_name()} answers, the first time in {seconds:.1f} s")


def _here(model: BaseChatModel, folder: Path) -> bool:
    """Whether the weights need not be fetched or unpacked first."""
    name = str(getattr(model, "name_or_path", ""))
    if not name:
        return any(folder.glob("smollm2-*/config.json"))
    if Path(name).is_dir():
        return True
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(name, "config.json"), str)


CHECKS = (Check("chat model", "chat model", chat_model),)
