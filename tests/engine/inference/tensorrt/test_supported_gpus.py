"""Which flavour serves which GPU, before anything is built."""

from __future__ import annotations

import pytest

from colorize_batch.engine.inference.tensorrt.supported_gpus import serves, serving_flavor
from colorize_batch.errors import BackendError

BOTH = ("tensorrt", "tensorrt-rtx")


@pytest.mark.parametrize("capability", [(7, 5), (8, 6), (8, 9), (12, 0), (12, 1)])
def test_rtx_serves_its_cards(capability):
    assert serving_flavor(["tensorrt-rtx"], "A card", capability) == "tensorrt-rtx"
    assert serving_flavor(BOTH, "A card", capability) == "tensorrt"


@pytest.mark.parametrize("capability", [(8, 0), (9, 0), (10, 0)])
def test_data_centre_cards_need_tensorrt_itself(capability):
    assert not serves("tensorrt-rtx", capability)
    assert serving_flavor(reversed(BOTH), "A card", capability) == "tensorrt"
    number = "{}\\.{}".format(*capability)
    message = (
        f"NVIDIA H200: tensorrt-rtx does not serve compute capability {number}; "
        r"pip install 'colorize-batch\[tensorrt\]' for tensorrt, or use --device cpu"
    )
    with pytest.raises(BackendError, match=message):
        serving_flavor(["tensorrt-rtx"], "NVIDIA H200", capability)
