"""Batch norms measured anew, by the weights that a run ended with and at the size of use."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final, cast

import torch
from torch import nn

from ..errors import UsageError
from .augment_recipe import AugmentRecipe
from .checkpoint import load_checkpoint, save_network
from .dataset.crop_batches import CropBatches
from .dataset.photo_cache import PhotoCache
from .models.network import ColorNetwork
from .recipe import CropStage

BATCH: Final = 12
# Nearly whole photographs, as they are.
_MIN_CROP: Final = 0.85


def remeasure_norms(
    checkpoint: Path, cache_dir: Path, output: Path, *, photos: int = 720, seed: int = 0
) -> int:
    """Write a checkpoint whose norms hold the means and variances of whole photographs.

    A run's norms average over many steps, over crops that are smaller than what users' pictures are
    looked at with, and over pictures that were blended and aged; its weights are those of the end, or
    a mean of weights. So the two do not fit quite: P. Izmailov et al., "Averaging weights leads to wider
    optima and better generalization" (2018), measure them anew for that reason. Norms of a pretrained
    part stay, because it came with them.

    Parameters
    ----------
    checkpoint
        Of `training.trainer.run` or `average_checkpoints`.
    cache_dir
        Of `colorize-train data prepare`; photographs that the recipe trains on are taken.
    output
        Replaced if it exists; may be `checkpoint`. It has no state to resume from.
    photos
        How many are drawn, rounded down to whole batches of `BATCH`.
    seed
        Of the draw.

    Returns
    -------
    int
        How many norms were measured; 0 if the network has none.

    Raises
    ------
    DatasetError
        There is no usable cache.
    ModelError
        The checkpoint cannot be read.
    UnwritableError
        The file cannot be written.
    UsageError
        `photos` is under `BATCH`.
    """
    if photos < BATCH:
        raise UsageError(f"photos {photos}: expected at least {BATCH}")
    trained = load_checkpoint(checkpoint)
    network, recipe = trained.network, trained.recipe
    cache = PhotoCache(cache_dir)
    training, validation = cache.split(recipe.data.validation_share)
    side = math.isqrt(network.working_area) // network.working_multiple * network.working_multiple
    steps = photos // BATCH
    batches = CropBatches(
        cache,
        training or validation,
        stages=(CropStage(steps=steps, crop=side, batch=BATCH),),
        augment=AugmentRecipe(
            balance=recipe.data.balance, min_crop=_MIN_CROP, tone_share=0.0, grain_share=0.0
        ),
        seed=seed,
        first_step=0,
        last_step=steps,
    )
    norms = _norms_of_new_parts(network)
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all batches
        norm.train()
    cast("Any", network).to(memory_format=torch.channels_last)
    with torch.inference_mode():
        for step in range(steps):
            network(batches[step]["l_plane"].contiguous(memory_format=torch.channels_last))
    save_network(output, network.state_dict(), trained)
    return len(norms)


def _norms_of_new_parts(network: ColorNetwork) -> list[nn.BatchNorm2d]:
    pretrained = {id(parameter) for parameter in network.pretrained_parameters()}
    return [
        module
        for module in network.modules()
        if isinstance(module, nn.BatchNorm2d) and id(module.weight) not in pretrained
    ]
