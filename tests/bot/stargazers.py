"""A made-up folder of stars: a dozen people with three fields of interest, and what each of them starred when."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from pathlib import Path

from bot.trials.town import Plan
from tests.fakes import HashedWords

FIELDS = {
    "bees": "hive honey queen swarm wax comb drone nectar brood smoker",
    "rail": "track train signal sleeper station gauge bogie points ballast tender",
    "chess": "rook gambit endgame opening mate bishop clock castle fork pin",
}
WORDS = HashedWords(dim=1024)  # so many that hardly two words fall together
PLAN = Plan(most_days=2, fewest_days=2, per_day=40, fewest_stars=5, near=3, drawn=4)
FIRST = date(2025, 1, 1)


def field_of(item: str) -> str:
    """Which field an item is of."""
    return item.partition("-")[0]


def write(folder: Path, people: int = 12, stars: int = 60, each: int = 300, seed: int = 5) -> Path:
    """``each`` items of a field; a person stars one a day, mostly of one field, and a fifth from anywhere."""
    chance = random.Random(seed)
    texts = {
        f"{name}-{number:03}": " ".join([*chance.choices(words.split(), k=1), name, *_odd_words(chance)])
        for name, words in FIELDS.items()
        for number in range(each)
    }
    likes = {}
    for person in range(people):
        own = [item for item in texts if field_of(item) == list(FIELDS)[person % len(FIELDS)]]
        drawn = dict.fromkeys(chance.choice(list(texts) if chance.random() < 0.2 else own) for _ in range(stars))
        days = [FIRST + timedelta(days=day) for day in range(len(drawn))]
        likes[f"p{person:02}"] = [[item, str(day)] for item, day in zip(drawn, days, strict=True)]
    folder.mkdir(exist_ok=True)
    rows = [json.dumps({"id": item, "text": text}) for item, text in texts.items()]
    (folder / "items.jsonl").write_text("\n".join(rows), encoding="utf-8")
    (folder / "likes.json").write_text(json.dumps(likes), encoding="utf-8")
    return folder


def _odd_words(chance: random.Random) -> list[str]:
    """Words that no other text has: without them all texts of a field would be one story."""
    return ["".join(chance.choices("aeioulmnprst", k=7)) for _ in range(7)]
