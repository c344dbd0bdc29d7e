import numpy as np
import torch

from colorize_batch.training.dataset.film_border import MAX_WIDTH, bordered


def test_borders_have_no_colour_and_leave_the_picture_alone() -> None:
    l_plane, ab_planes = torch.full((1, 50, 60), 42.0), torch.full((2, 50, 60), 17.0)
    touched = []
    for seed in range(40):
        found_l, found_ab = bordered(l_plane, ab_planes, np.random.default_rng(seed))
        border = found_ab[0] == 0
        touched.append(float(border.float().mean()))
        assert torch.equal(found_ab[0], found_ab[1])
        assert torch.equal(found_l[0][~border], l_plane[0][~border])
        assert torch.equal(found_ab[0][~border], ab_planes[0][~border])
        assert not border[10:40, 10:50].any()
        if border.any():
            # One even tone, but for the noise of a scan.
            assert float(found_l[0][border].std()) < 3
            assert 0 <= found_l.min() <= found_l.max() <= 100
    assert np.mean(np.array(touched) > 0) > 0.8
    assert max(touched) <= 1 - (1 - 2 * MAX_WIDTH) ** 2 + 0.02
    assert (l_plane == 42).all()
    assert (ab_planes == 17).all()


def test_borders_are_black_white_and_gray() -> None:
    l_plane, ab_planes = torch.full((1, 32, 32), 25.0), torch.ones(2, 32, 32)
    tones = []
    for seed in range(200):
        found_l, found_ab = bordered(l_plane, ab_planes, np.random.default_rng(seed))
        border = found_ab[0] == 0
        if border.any():
            tones.append(float(found_l[0][border].mean()))
    for lowest, highest in ((0, 13), (35, 75), (82, 100)):
        assert sum(lowest <= tone <= highest for tone in tones) > 10
