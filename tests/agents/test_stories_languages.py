"""What is joined in other languages than that of the shipped model, and what is not.

The cosines are those that all-MiniLM-L6-v2 gives these sentences: to it all texts in a foreign language are alike.
"""

from __future__ import annotations

import numpy as np
import pytest

from agents.stories import group
from memory.records import Item
from tests.fakes import HOUR, NOW, post

GERMAN = (
    "Die alte Brücke über den Fluss wird ab Montag für zwei Jahre gesperrt",
    "Ab Montag ist die Flussbrücke zwei Jahre lang gesperrt, teilt der Stadtrat mit",
    "Unsere Bienen haben den Winter gut überstanden und fliegen heute aus",
    "Heute Abend spielt das Orchester im Stadtpark ein kostenloses Konzert",
)
SPANISH = (
    "El viejo puente sobre el río estará cerrado dos años desde el lunes",
    "Desde el lunes cierran durante dos años el puente viejo del río, dice el ayuntamiento",
    "Nuestras abejas han sobrevivido al invierno y hoy salen a volar",
    "Esta noche la orquesta toca gratis en el parque de la ciudad",
)
JAPANESE = (
    "川にかかる古い橋は月曜日から二年間通行止めになります",
    "古い橋は月曜から二年間閉鎖されると市議会が発表しました",
    "うちの蜂は冬を無事に越して、今日はじめて外に飛び出しました",
    "今夜、市立公園で交響楽団が無料の演奏会を開きます",
)
COSINES = {
    "de": [[1, 0.72, 0.50, 0.26], [0.72, 1, 0.45, 0.34], [0.50, 0.45, 1, 0.36], [0.26, 0.34, 0.36, 1]],
    "es": [[1, 0.84, 0.47, 0.59], [0.84, 1, 0.41, 0.55], [0.47, 0.41, 1, 0.37], [0.59, 0.55, 0.37, 1]],
    "ja": [[1, 0.86, 0.54, 0.43], [0.86, 1, 0.60, 0.53], [0.54, 0.60, 1, 0.47], [0.43, 0.53, 0.47, 1]],
}
TEXTS = {"de": GERMAN, "es": SPANISH, "ja": JAPANESE}


def items(language: str, texts: tuple[str, ...], **more: object) -> list[Item]:
    return [
        post(f"p{n}", text, by=f"by{n}", at=NOW + n * HOUR, id=n, language=language, **more)
        for n, text in enumerate(texts, 1)
    ]


@pytest.mark.parametrize("language", TEXTS)
def test_the_same_news_in_one_language_is_one_story_and_other_news_are_others(language: str) -> None:
    rows = np.linalg.cholesky(np.array(COSINES[language])).astype(np.float32)
    vectors = dict(enumerate(rows, 1))
    found = group(items(language, TEXTS[language]), [], vectors)
    assert sorted(len(story.items) for story in found) == [1, 1, 2]
    assert {"https://fedi.example/posts/p1", "https://fedi.example/posts/p2"} in [set(story.items) for story in found]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        (
            "de",
            "Holm: Bürgermeisterin Krüger gewinnt mit 62 Prozent",
            "62 Prozent: Krüger bleibt Bürgermeisterin Holms",
        ),
        ("es", "El pleno cierra el puente Saltmouth por obras", "Saltmouth: el pleno deja cerrado el puente por obras"),
        ("ja", "来週から夜行列車リヨン行きが再び運行されます", "夜行列車リヨン行きが来週から復活、寝台つき"),
    ],
)
def test_names_and_numbers_in_common_join_where_the_meaning_says_little(language: str, one: str, other: str) -> None:
    rows = np.linalg.cholesky(np.array([[1, 0.62], [0.62, 1]])).astype(np.float32)
    assert len(group(items(language, (one, other)), [], dict(enumerate(rows, 1)))) == 1


def test_the_same_news_in_two_languages_is_joined_by_its_link() -> None:
    both = [*items("de", GERMAN[:1]), *(post("q", SPANISH[0], by="eve", id=9, language="es"),)]
    link = ("https://news.example/bridge",)
    linked = [post(one.uri[-2:].strip("/"), one.text, by="x", id=one.id, canonical=link) for one in both]
    assert len(group(linked, [], {})) == 1


def test_the_same_news_in_two_languages_is_not_joined_where_the_model_knows_only_one() -> None:
    both = [post("a", GERMAN[0], id=1, language="de"), post("b", SPANISH[0], by="eve", id=2, language="es")]
    rows = np.linalg.cholesky(np.array([[1, 0.08], [0.08, 1]])).astype(np.float32)
    assert len(group(both, [], dict(enumerate(rows, 1)))) == 2


def test_with_a_model_that_knows_both_languages_it_is_joined_by_meaning() -> None:
    both = [post("a", GERMAN[0], id=1, language="de"), post("b", SPANISH[0], by="eve", id=2, language="es")]
    rows = np.linalg.cholesky(np.array([[1, 0.88], [0.88, 1]])).astype(np.float32)
    assert len(group(both, [], dict(enumerate(rows, 1)))) == 1
