from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

INSTRUCTION_SET: Final[str]
HAS_INT8_DOT_PRODUCT: Final[bool]

def l_plane(source: NDArray[Any], out: NDArray[np.float32]) -> None: ...
def merge_ab(
    source: NDArray[Any],
    ab_planes: NDArray[np.float32],
    saturation: float,
    guided: bool,
    out: NDArray[Any],
) -> None: ...
def chroma_planes(
    luma_u8: NDArray[np.uint8],
    ab_planes: NDArray[np.float32],
    saturation: float,
    guided: bool,
    out: NDArray[np.uint8],
) -> None: ...
def film_chroma(
    luma: NDArray[Any],
    ab_planes: NDArray[np.float32],
    saturation: float,
    guided: bool,
    code: NDArray[np.float32],
    cb: NDArray[Any],
    cr: NDArray[Any],
) -> None: ...
def smooth_globally(
    planes: NDArray[np.float32], guide: NDArray[np.float32], strength: float
) -> None: ...
