from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ModelError
from memory.reranking import CrossEncoderReranker

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "bees", "swarm", "in", "may", "trains", "are", "late"]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder of the usual kind, but tiny and untrained."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder = tmp_path_factory.mktemp("reader")
    torch.manual_seed(7)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = BertConfig(vocab_size=len(WORDS), num_labels=1, initializer_range=1.0, **sizes)
    model = BertForSequenceClassification(config)
    model.save_pretrained(folder)
    BertTokenizerFast(vocab={word: number for number, word in enumerate(WORDS)}).save_pretrained(folder)
    return folder


def test_each_text_is_read_together_with_the_question(reader: Path) -> None:
    rerank, texts = CrossEncoderReranker(str(reader)), ["bees swarm in may", "trains are late", "bees swarm in may"]
    first, second, again = rerank("bees", texts)
    assert first == pytest.approx(again) and first != pytest.approx(second)
    assert rerank("trains", texts)[0] != pytest.approx(first)


def test_nothing_to_read_is_answered_with_nothing(reader: Path) -> None:
    assert CrossEncoderReranker(str(reader))("bees", []) == []


def test_a_model_that_is_not_there_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot be loaded .*: correct \[embedding\] reranker in magpie.toml"):
        CrossEncoderReranker(str(tmp_path / "nowhere"))("bees", ["swarm"])
