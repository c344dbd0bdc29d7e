"""Every public network against its original: keys, shapes, inner activations, outputs."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch

from colorize_batch.engine.inference.published_files import PUBLISHED_FILES
from colorize_batch.errors import ModelError
from colorize_batch.training.public.families import PUBLIC_FAMILIES, family_of_keys
from colorize_batch.training.public.normed_conv import NormedConv, fold_weights
from colorize_batch.training.public.public_weights import PublicWeights

from . import weights_rule
from .goldens import ALL, LARGE, NAMES, Golden, compare, entries, weights

FAMILY = {family.name: family for family in PUBLIC_FAMILIES}
RUNS = [
    pytest.param(
        *(name, case, precision),
        marks=pytest.mark.skipif(
            not ALL and (name in LARGE or case == "a" or precision == "float64"),
            reason="runs under COLORIZE_ALL_GOLDENS=1",
        ),
    )
    for name in NAMES
    for case in ("b", "a")
    for precision in ("float32", "float64")
]


def network_of(name):
    weights_of = PublicWeights(
        family=FAMILY[name], sha256="", published=None, tensors=dict(weights(name))
    )
    return weights_of.network()


@pytest.mark.parametrize("name", NAMES)
def test_keys_shapes_and_dtypes_are_the_published_ones(name):
    with torch.device("meta"):
        state = FAMILY[name].build().state_dict()
    found = {
        key: (tuple(each.shape), str(each.dtype).removeprefix("torch."))
        for key, each in state.items()
    }
    assert found == {key: (shape, dtype) for key, shape, dtype in entries(name)}


@pytest.mark.parametrize("name", NAMES)
def test_the_family_is_told_by_keys_alone(name):
    assert family_of_keys({key: shape for key, shape, _ in entries(name)}).name == name


@pytest.mark.parametrize("name", ["ddcolor-small", "ddcolor-base"])
def test_sizes_without_published_files_are_told_too(name):
    with torch.device("meta"):
        state = FAMILY[name].build().state_dict()
    assert family_of_keys({key: tuple(each.shape) for key, each in state.items()}).name == name


def test_every_published_file_is_of_a_family():
    assert {file.family for file in PUBLISHED_FILES} <= FAMILY.keys()


def test_the_older_decoder_of_ddcolor_is_refused():
    shapes = {"decoder.color_decoder.transformer.layers.0.weight": (1, 1)}
    with pytest.raises(ModelError, match="older decoder of a single scale"):
        family_of_keys(shapes)


def test_another_network_is_refused_with_its_first_keys():
    with pytest.raises(ModelError, match="found 1 tensors of another network: conv.weight"):
        family_of_keys({"conv.weight": (8, 3, 3, 3)})


@pytest.mark.parametrize(("name", "case", "precision"), RUNS)
def test_activations_and_outputs_are_the_original_ones(name, case, precision):
    report = compare(network_of(name), name, case, precision)
    assert not report.failures, "\n".join(report.failures)


def test_the_rule_is_the_one_of_the_goldens():
    digest = hashlib.sha256()
    for each in weights_rule.build(entries("eccv16")).values():
        digest.update(each.tobytes())
    assert digest.hexdigest() == "92769e910e802af941cfce77b38252701fa7b1ba3d90b3a065556c32a80781cc"


def test_a_wrong_layer_is_named_first():
    network = network_of("tutorial-resnet18")
    network.get_submodule("layers.5.bn").eps = 0.3
    report = compare(network, "tutorial-resnet18", "b")
    assert report.failures[0].startswith("layers.6.conv2.0")


def test_folded_norms_change_no_output():
    network = network_of("ddcolor-tiny")
    x = torch.from_numpy(Golden("ddcolor-tiny").inputs("b")["x"][:, :, :64, :96])
    with torch.no_grad():
        expected = network(x)
        fold_weights(network)
        found = network(x)
    assert not any(isinstance(module, NormedConv) for module in network.modules())
    np.testing.assert_allclose(found, expected, atol=1e-5 * float(expected.std()), rtol=0)


def test_several_pictures_are_each_as_alone():
    network = network_of("ddcolor-tiny")
    x = torch.from_numpy(Golden("ddcolor-tiny").inputs("b")["x"])[:, :, :64, :96]
    pictures = torch.cat([x, x.flip(3)])
    with torch.no_grad():
        together, alone = network(pictures), network(pictures[1:])
    np.testing.assert_allclose(together[1:], alone, atol=1e-4 * float(alone.std()), rtol=0)
