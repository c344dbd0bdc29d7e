"""Pretrained classifiers with a block of each kind, for tests that need no more."""

from __future__ import annotations

import dataclasses

import pytest
from torch import nn

from colorize_batch.training.models import efficientnet_lite
from colorize_batch.training.models.inception_resnet_v2 import InceptionResNetV2


def shorten_efficientnets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let EfficientNet-Lite have one block a stage."""
    stages = tuple(dataclasses.replace(stage, repeats=1) for stage in efficientnet_lite.STAGES)
    monkeypatch.setattr(efficientnet_lite, "STAGES", stages)


def shorten_inception(classifier: InceptionResNetV2) -> None:
    """Keep the last block of each kind."""
    for name in ("blocks_35", "blocks_17", "blocks_8"):
        blocks = classifier.get_submodule(name)
        assert isinstance(blocks, nn.Sequential)
        setattr(classifier, name, blocks[-1:])
