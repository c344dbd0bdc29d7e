import numpy as np
import pytest

from colorize_batch.errors import UsageError
from colorize_batch.training.evaluation.labels import CIFAR10_CLASSES, Labels


def logits(**scores: float) -> np.ndarray:
    row = np.zeros(1000, dtype=np.float32)
    for number, score in scores.items():
        row[int(number.removeprefix("c"))] = score
    return row


def test_imagenet_by_synset_and_by_number() -> None:
    labels = Labels("imagenet")
    # The first, the last and a well-known one: tench, toilet tissue, golden retriever.
    for wnid, number in (("n01440764", 0), ("n15075141", 999), ("n02099601", 207)):
        assert labels.number(wnid) == labels.number(str(number)) == number
    assert labels.guess(logits(c207=3.0, c5=2.0)) == 207


def test_cifar_classes_compete_by_their_sums() -> None:
    labels = Labels("cifar10")
    assert [labels.number(name) for name in ("airplane", "dog", "truck")] == [0, 5, 9]
    # One strong horse against two cats that are strong together; a chair is no answer.
    assert labels.guess(logits(c339=9.0, c281=8.5, c282=8.5, c423=20.0)) == labels.number("cat")
    classes = [number for group in CIFAR10_CLASSES.values() for number in group]
    assert len(set(classes)) == len(classes)


@pytest.mark.parametrize(("kind", "group"), [("imagenet", "1000"), ("cifar10", "chair")])
def test_groups_that_are_no_labels(kind: str, group: str) -> None:
    with pytest.raises(UsageError, match=f"folders named .*, got '{group}'"):
        Labels(kind).number(group)


def test_unknown_kind() -> None:
    with pytest.raises(UsageError, match="labels 'places': expected imagenet or cifar10"):
        Labels("places")
