"""What came of a trial, as one table that can be kept, and in the words and lines of a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.trials.digest import ABLATIONS, ANSWERED, MAGPIE, NEWCOMER, NEWCOMER_ANSWERED, Outcome
from bot.trials.learning import summed_up
from bot.trials.life import ENTRIES
from bot.trials.measures import MEASURES, curve, mean_and_error, paired
from bot.trials.peers import PEERS

PRECISION: Final = MEASURES[0]
HEAD: Final = ("way", *MEASURES, "precision against the best peer")
CURVES: Final = (MAGPIE.name, ANSWERED.name, NEWCOMER.name, NEWCOMER_ANSWERED.name)


def tabled(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Means and errors of every way, paired differences, curves over days, and the speed of learning."""
    figures = {way: {outcome.owner: outcome.told[way].figures() for outcome in outcomes} for way in outcomes[0].told}
    precision = {way: {owner: row[PRECISION] for owner, row in rows.items()} for way, rows in figures.items()}
    best = max(PEERS, key=lambda way: mean_and_error(list(precision[way].values()))[0])
    return {
        "owners": [outcome.owner for outcome in outcomes],
        "days": {outcome.owner: len(outcome.told[best].days) for outcome in outcomes},
        "entries a day": ENTRIES,
        "ways": {way: _means(list(rows.values())) for way, rows in figures.items()},
        "best peer": best,
        "against the best peer": {
            way: paired(precision[way], precision[best]) for way in precision if way not in PEERS
        },
        "what each part is worth": _worth(precision),
        "what answers are worth": _answers(outcomes),
        "curves": {way: curve([outcome.told[way].hits() for outcome in outcomes], ENTRIES) for way in _there(outcomes)},
        "emoji until": {
            kind: summed_up([outcome.speeds[kind] for outcome in outcomes if kind in outcome.speeds])
            for kind in ("new", "rejected")
        },
        "by owner": {owner: {way: rows[owner] for way, rows in precision.items()} for owner in precision[best]},
    }


def lines(table: Mapping[str, Any]) -> list[list[str]]:
    """The rows of the table of ways: each measure with its standard error, and the difference to the best peer."""
    rows = []
    for way, measures in table["ways"].items():
        against = table["against the best peer"].get(way)
        beside = f"{against['difference']:+.4f} (t {against['t']:+.1f})" if against else ""
        rows.append([way, *(f"{mean:.4f} ± {error:.4f}" for mean, error in measures.values()), beside])
    return rows


def _means(rows: Sequence[Mapping[str, float]]) -> dict[str, tuple[float, float]]:
    return {measure: mean_and_error([row[measure] for row in rows]) for measure in MEASURES}


def _worth(precision: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """Magpie with everything against Magpie without a part."""
    names = [way.name for way in ABLATIONS if way.name in precision and MAGPIE.name in precision]
    return {name: paired(precision[MAGPIE.name], precision[name]) for name in names}


def _there(outcomes: Sequence[Outcome]) -> list[str]:
    return [way for way in CURVES if way in outcomes[0].told]


def _answers(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Answered against not answered, in the first and the last half of each owner's days."""
    found = {}
    for answered, silent in ((ANSWERED.name, MAGPIE.name), (NEWCOMER_ANSWERED.name, NEWCOMER.name)):
        if answered in outcomes[0].told and silent in outcomes[0].told:
            for half, name in enumerate(("first half", "last half")):
                mine, other = ({o.owner: _of_half(o, way, half) for o in outcomes} for way in (answered, silent))
                found[f"{answered}, {name}"] = paired(mine, other)
    return found


def _of_half(outcome: Outcome, way: str, half: int) -> float:
    hits = outcome.told[way].hits()
    middle = len(hits) // 2
    some = hits[middle:] if half else hits[:middle]
    return sum(some) / (ENTRIES * max(len(some), 1))
