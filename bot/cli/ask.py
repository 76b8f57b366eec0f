"""``magpie ask``, ``note`` and ``notes``: the archive from a command line, also while Magpie is at work."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bot.cli.app import CONFIG, Config, app, beside, echo, echo_json
from config.errors import ConfigError

if TYPE_CHECKING:
    from agents.answer import Answer
    from bot.build import Magpie
    from memory.query import Hit
    from memory.store.questions import Question

CHANNEL = "ask"
NOT_UNDERSTOOD: Final = 2
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]

_COMMAND: Final = re.compile(r"\s*/(\w+)(?:\s|$)")
_ALSO_HERE: Final = {
    "digest": "magpie digest",
    "status": "magpie status",
    "help": "magpie --help",
    "notes": "magpie notes",
    "remember": "magpie note “…”",
    "forget": "magpie ask “forget what I said about …”",
    "import": "magpie import PATH",
}
"""Command of the chat → what does the same on a command line."""


@app.command()
def ask(question: str, config: Config = CONFIG, as_json: AsJson = False) -> None:
    """Ask your archive. Soon after another question, this one may go on from it."""
    if not question.strip():
        raise ConfigError('There is no question in that. For example: magpie ask "who wrote about bees?"')
    if refused := _of_the_chat(question):
        echo(f"magpie: {refused}", err=True)
        raise typer.Exit(NOT_UNDERSTOOD)
    magpie = _at_this_terminal(config)
    if settled := _settled(magpie, question):
        echo(settled)
        return
    answer, told = magpie.home.answerer.answer(_kept(magpie, question))
    if as_json:
        echo_json({"question": question, **written(answer)})
        return
    for out in told:
        magpie.channel.send(out)


@app.command()
def note(text: str, config: Config = CONFIG) -> None:
    """Have something remembered."""
    from bot.notes import NOTHING, Notebook

    if not text.strip():
        raise ConfigError(NOTHING)
    magpie = _at_this_terminal(config)
    author = magpie.reading.owner_uri
    with magpie.store.begin() as memory:
        echo(Notebook(memory, magpie.now(), author).remember(text))


@app.command()
def notes(config: Config = CONFIG) -> None:
    """All notes with their numbers."""
    from bot.notes import Notebook

    magpie = _at_this_terminal(config)
    with magpie.store.begin() as memory:
        echo(Notebook(memory, magpie.now(), "").listed())


def _of_the_chat(text: str) -> str:
    """Where to say what is no question but a command of the chat; nothing of a question, and of what is asked so."""
    from bot.commands import COMMANDS, WAITS

    found = _COMMAND.match(text)
    name = found[1].lower() if found else ""
    if not name or name in WAITS:
        return ""
    if name not in COMMANDS and name != "digest":
        return (
            f"I do not know /{name[:20]}: the chat has commands, and /help there lists them; a question needs no slash."
        )
    here = f"; here, {_ALSO_HERE[name]} does the same" if name in _ALSO_HERE else ""
    return f"“/{name}” is a command of the chat: say it where your digests come, or in magpie chat{here}."


def _at_this_terminal(config: Config) -> Magpie:
    from bot.channels.terminal import TerminalChannel

    return beside(config, given_channel=TerminalChannel(name=CHANNEL))


def _settled(magpie: Magpie, text: str) -> str:
    """What is said to a yes or no after something was to be forgotten; whatever else is said drops that."""
    from bot.notes import KEPT, Notebook, agreed, declined
    from memory.keeping import sweeping

    author = magpie.reading.owner_uri
    with magpie.store.begin() as memory:
        notebook = Notebook(memory, magpie.now(), author, lambda: sweeping.begin(magpie.settings.data))
        what = notebook.asked_about()
        if what and agreed(text):
            return notebook.forget(what)
        notebook.let_go()
        return KEPT if what and declined(text) else ""


def _kept(magpie: Magpie, text: str) -> Question:
    from bot.jobs.answer import asked
    from memory.records import Message

    now = magpie.now()
    with magpie.store.begin() as memory:
        question = asked(memory, Message(CHANNEL, text, now, platform_id=f"{now:%Y%m%dT%H%M%S%f}"))
        memory.questions.add(question)
        return memory.questions.latest(CHANNEL) or question


def written(answer: Answer) -> dict[str, Any]:
    """An answer for other programs: hits are numbered from 1, and claims name them by these numbers."""
    understood = answer.understood
    asked = {"text": understood.text, "intent": understood.intent, "filters": list(understood.filtered)}
    claims = [{"text": one.text, "cites": list(one.cites), "quotes": list(one.quotes)} for one in answer.claims]
    return {
        "understood": {**asked, "language": understood.language},
        "claims": claims,
        "hits": [_hit(number, hit) for number, hit in enumerate(answer.hits, 1)],
        "nearest": [_hit(number, hit) for number, hit in enumerate(answer.nearest, 1)],
        "notes": list(answer.notes),
    }


def _hit(number: int, hit: Hit) -> dict[str, Any]:
    item, passage = hit.item, hit.passage
    said = {"number": number, "uri": item.uri, "url": item.url, "at": item.created_at.isoformat(), "kind": item.kind}
    said |= {"warning": item.warning} if item.warning else {}
    return {**said, "author": item.author, "text": passage.text if passage else item.searchable}
