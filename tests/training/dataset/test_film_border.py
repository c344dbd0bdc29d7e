import numpy as np
import torch

from colorize_batch.training.dataset.film_border import MAX_WIDTH, bordered


def test_borders_leave_the_picture_alone() -> None:
    l_plane = torch.full((1, 50, 60), 42.0)
    touched = []
    for seed in range(40):
        found, picture = bordered(l_plane, np.random.default_rng(seed))
        border = picture == 0
        touched.append(float(border.float().mean()))
        assert torch.equal(border, picture != 1)
        assert torch.equal(found[~border], l_plane[~border])
        assert not border[:, 10:40, 10:50].any()
        if border.any():
            # One even tone, but for the noise of a scan.
            assert float(found[border].std()) < 3
            assert 0 <= found.min() <= found.max() <= 100
    assert np.mean(np.array(touched) > 0) > 0.8
    assert max(touched) <= 1 - (1 - 2 * MAX_WIDTH) ** 2 + 0.02
    assert (l_plane == 42).all()


def test_borders_are_black_white_and_gray() -> None:
    l_plane = torch.full((1, 32, 32), 25.0)
    tones = []
    for seed in range(200):
        found, picture = bordered(l_plane, np.random.default_rng(seed))
        if (picture == 0).any():
            tones.append(float(found[picture == 0].mean()))
    for lowest, highest in ((0, 13), (35, 75), (82, 100)):
        assert sum(lowest <= tone <= highest for tone in tones) > 10
