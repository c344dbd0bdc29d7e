"""CIFAR-10, from the archive for Python that its makers publish.

A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009);
https://www.cs.toronto.edu/~kriz/cifar.html.
"""

from __future__ import annotations

import functools
import io
import pickle
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...engine.pictures.vips import pyvips
from ...errors import DatasetError, ModelError, first_line
from ..fetch import fetched
from .photo import Photo

URL: Final = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
SHA256: Final = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
CLASSES: Final = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
SIDE: Final = 32
FOLDER: Final = "cifar-10-batches-py"
# 10,000 pictures and their names; far less than what an archive could swell to.
MAX_BATCH_BYTES: Final = 1 << 26

_DAMAGE: Final = (
    *(AttributeError, LookupError, MemoryError, OverflowError, TypeError, ValueError),
    pickle.UnpicklingError,
)


def cifar10_archive() -> Path:
    """Fetch the archive, 163 MB, unless that was done before.

    Raises
    ------
    DatasetError
        It cannot be reached, or it is another file.
    """
    try:
        return fetched(URL, SHA256)
    except ModelError as error:
        raise DatasetError(str(error)) from error


def photos_in_cifar10(path: Path, *, test: bool) -> Iterator[Photo]:
    """Every photograph of an archive, 32 x 32 pixels; its group is the name of its class.

    Parameters
    ----------
    path
        Of the archive.
    test
        Take the 10,000 photographs meant for tests, not the 50,000 for training.

    Raises
    ------
    DatasetError
        The archive is damaged or another one.
    """
    begin = "test_batch" if test else "data_batch_"
    found = False
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                name = PurePosixPath(member.name)
                stream = archive.extractfile(member) if member.isfile() else None
                if stream is None or name.parent.name != FOLDER or not name.name.startswith(begin):
                    continue
                if member.size > MAX_BATCH_BYTES:
                    raise DatasetError(f"{path}: {member.name} is too large for CIFAR-10")
                found = True
                yield from _photos_in_batch(stream.read(), name.name)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise DatasetError(f"{path}: cannot read the archive: {error}") from error
    except _DAMAGE as error:
        raise DatasetError(f"{path}: not CIFAR-10 for Python: {first_line(error)}") from error
    if not found:
        raise DatasetError(f"{path}: no {FOLDER}/{begin} in it; expected CIFAR-10 for Python")


def _photos_in_batch(pickled: bytes, batch: str) -> Iterator[Photo]:
    content = _PlainUnpickler(io.BytesIO(pickled), encoding="bytes").load()
    rows, labels = np.asarray(content[b"data"]), content[b"labels"]
    if rows.dtype != np.uint8 or rows.shape != (len(labels), 3 * SIDE * SIDE):
        raise ValueError(f"{batch} holds {rows.dtype} {rows.shape}")
    if not all(0 <= label < len(CLASSES) for label in labels):
        raise ValueError(f"{batch} has labels beyond {len(CLASSES)} classes")
    # Red, green and blue planes, one after the other.
    rgb_u8_nhwc = rows.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)
    for number, (label, rgb_u8) in enumerate(zip(labels, rgb_u8_nhwc, strict=True)):
        read = functools.partial(_png_bytes, rgb_u8)
        yield Photo(f"{batch}-{number:05}.png", CLASSES[label], read)


def _png_bytes(rgb_u8_hwc: NDArray[np.uint8]) -> bytes:
    image = pyvips.Image.new_from_array(np.ascontiguousarray(rgb_u8_hwc))
    encoded: bytes = image.pngsave_buffer(compression=0)
    return encoded


class _PlainUnpickler(pickle.Unpickler):
    """Builds arrays, lists, dictionaries, numbers and text; nothing that could do harm."""

    _ALLOWED: Final = frozenset(
        {
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy._core.multiarray", "_reconstruct"),
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
            ("_codecs", "encode"),
        }
    )

    def find_class(self, module_name: str, global_name: str) -> Any:
        """Refuse all but what arrays are made of."""
        if (module_name, global_name) not in self._ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module_name}.{global_name}")
        # Under the name that numpy has today: the old one warns.
        return super().find_class(module_name.replace("numpy.core", "numpy._core"), global_name)
