import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from colorize_batch.kernels.reference import lab_from_srgb
from colorize_batch.training.callbacks.tensorboard_log import (
    MOST_PICTURES,
    TensorBoardLog,
    sample_picture,
)
from colorize_batch.training.dataset.photo_cache import PhotoCache
from colorize_batch.training.trainer import CHECKPOINT_NAME, run
from tests.training.measured import measured_lines
from tests.training.photos import photo_u8
from tests.training.tiny_family import TINY_GAN_RECIPE, TINY_RECIPE


def events(log_dir: Path) -> EventAccumulator:
    return EventAccumulator(str(log_dir)).Reload()


def test_a_run_is_the_same_with_it(cache: PhotoCache, tmp_path: Path, tiny_family: None) -> None:
    run(TINY_RECIPE, cache.cache_dir, tmp_path / "without")
    log = TensorBoardLog(tmp_path / "log", every=1)
    run(TINY_RECIPE, cache.cache_dir, tmp_path / "with", callbacks=[log])

    lines = measured_lines(tmp_path / "with")
    assert lines == measured_lines(tmp_path / "without")
    weights = [
        torch.load(tmp_path / name / CHECKPOINT_NAME, weights_only=True)["state_dict"]
        for name in ("with", "without")
    ]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])

    found = events(tmp_path / "log")
    for name in ("loss", "val_loss", "val_ab_loss", "val_gray_loss"):
        written = [(each.step, each.value) for each in found.Scalars(name)]
        expected = [(line["step"], line[name]) for line in lines if name in line]
        assert written == [(step, pytest.approx(value)) for step, value in expected]
    rates = [each.value for each in found.Scalars("learning_rate")]
    assert rates[-1] < max(rates)
    pictures = found.Images("gray_ours_truth")
    assert [each.step for each in pictures] == [3, 6, 9]
    with Image.open(io.BytesIO(pictures[-1].encoded_image_string)) as image:
        assert image.size == (3 * 64, 2 * 64)  # two held-out crops


def test_a_resumed_run_replaces_what_came_after_its_checkpoint(
    cache: PhotoCache, tmp_path: Path, tiny_family: None
) -> None:
    class Stop(TensorBoardLog):
        def on_train_batch_end(self, trainer, *rest):
            super().on_train_batch_end(trainer, *rest)
            if trainer.global_step == 5:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(TINY_GAN_RECIPE, cache.cache_dir, tmp_path, callbacks=[Stop(tmp_path / "log", every=1)])
    log = TensorBoardLog(tmp_path / "log", every=1)
    run(TINY_GAN_RECIPE, cache.cache_dir, tmp_path, resume=True, callbacks=[log])
    steps = [each.step for each in events(tmp_path / "log").Scalars("loss")]
    assert steps == list(range(1, 10))


def test_rows_of_gray_ours_and_truth() -> None:
    true_u8 = photo_u8(16, 24, seed=1)
    lab = torch.from_numpy(lab_from_srgb(true_u8 / 255)).permute(2, 0, 1)[None].float()
    l_plane, ab_planes = lab[:, :1], lab[:, 1:]
    ours = torch.full((1, 2, 8, 12), 20.0)
    picture = sample_picture(
        l_plane.expand(9, -1, -1, -1), ours.expand(9, -1, -1, -1), ab_planes.expand(9, -1, -1, -1)
    )
    assert picture.shape == (MOST_PICTURES * 16, 3 * 24, 3)
    gray, colored, truth = np.split(picture[-16:].astype(int), 3, axis=1)
    assert np.ptp(gray, axis=2).max() <= 1
    assert np.abs(truth - true_u8).max() <= 1
    found = lab_from_srgb(colored / 255)[..., 1:]
    assert np.abs(np.median(found, axis=(0, 1)) - 20).max() < 1
