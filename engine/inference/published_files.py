"""Files of weights that are published: where, how large, of which digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFile:
    """One file.

    Parameters
    ----------
    name
        By which `colorize-export fetch` takes it, and of the model that is made of it.
    family
        Of `PUBLIC_FAMILIES`.
    file
        Its own name.
    url
        Where it is published.
    size_bytes
        0 where only a rounded size is stated.
    size_text
        For people.
    sha256
        Hex; "" where none is known.
    license
        SPDX, and who says so where the file does not.
    hash_from
        Where the digest was read.
    """

    name: str
    family: str
    file: str
    url: str
    size_text: str
    sha256: str
    license: str
    hash_from: str
    size_bytes: int = 0


_ZHANG: Final = "https://colorizers.s3.us-east-2.amazonaws.com"
_DDCOLOR: Final = "https://huggingface.co/piddnad"
_FORK: Final = "a public fork's README; its first 8 digits are in the file's name"
_POINTER: Final = "the authors' model repository"
_MIRRORS: Final = "mirrors that agree; none of them the author's"

PUBLISHED_FILES: Final[tuple[PublishedFile, ...]] = (
    PublishedFile(
        name="eccv16",
        family="eccv16",
        file="colorization_release_v2-9b330a0b.pth",
        url=f"{_ZHANG}/colorization_release_v2-9b330a0b.pth",
        size_text="123 MiB",
        sha256="9b330a0bae53f4ded77b1e23defbf78beaa09c10ebc4c4999e8e4f4a160b93f9",
        license="BSD-2-Clause",
        hash_from=_FORK,
    ),
    PublishedFile(
        name="siggraph17",
        family="siggraph17",
        file="siggraph17-df00044c.pth",
        url=f"{_ZHANG}/siggraph17-df00044c.pth",
        size_text="131 MiB",
        sha256="df00044c0a4d7c3edcecf6f75437ce346a66e7a42612d9b968e1a7e17dbc6f66",
        license="BSD-2-Clause",
        hash_from=_FORK,
    ),
    PublishedFile(
        name="ddcolor-tiny",
        family="ddcolor-tiny",
        file="ddcolor_paper_tiny.pth",
        url=f"{_DDCOLOR}/DDColor-models/resolve/main/ddcolor_paper_tiny.pth",
        size_text="220 MB",
        size_bytes=220393145,
        sha256="81dd643904f4664c3718513e3320ae3db0c567f0d3e18398606659adee7bfc17",
        license="Apache-2.0",
        hash_from=_POINTER,
    ),
    PublishedFile(
        name="ddcolor-tiny-hf",
        family="ddcolor-tiny",
        file="pytorch_model.bin",
        url=f"{_DDCOLOR}/ddcolor_paper_tiny/resolve/main/pytorch_model.bin",
        size_text="220 MB",
        sha256="8a1277bc90a1bfbb6d2d83933a9a6bc821931879ca93e26e4fcec12165d41fce",
        license="Apache-2.0",
        hash_from=_POINTER,
    ),
    PublishedFile(
        name="ddcolor-large",
        family="ddcolor-large",
        file="ddcolor_modelscope.pth",
        url=f"{_DDCOLOR}/DDColor-models/resolve/main/ddcolor_modelscope.pth",
        size_text="912 MB",
        sha256="17c460d7e55b32a598370621d77173be59e03c24b0823f06821db23a50c263ce",
        license="Apache-2.0",
        hash_from=_POINTER,
    ),
    PublishedFile(
        name="ddcolor-large-paper",
        family="ddcolor-large",
        file="ddcolor_paper.pth",
        url=f"{_DDCOLOR}/DDColor-models/resolve/main/ddcolor_paper.pth",
        size_text="912 MB",
        sha256="789781789db1bafc2165e1cf9658580f871cce64a81901ec49127877813f10b9",
        license="Apache-2.0",
        hash_from=_POINTER,
    ),
    PublishedFile(
        name="ddcolor-large-paper-hf",
        family="ddcolor-large",
        file="pytorch_model.bin",
        url=f"{_DDCOLOR}/ddcolor_paper/resolve/main/pytorch_model.bin",
        size_text="912 MB",
        sha256="5c77db8292398a2ec1397003f0a90266c28e97b013515d5e9a32e73a4c54a67d",
        license="Apache-2.0",
        hash_from=_POINTER,
    ),
    PublishedFile(
        name="ddcolor-large-artistic",
        family="ddcolor-large",
        file="ddcolor_artistic.pth",
        url=f"{_DDCOLOR}/DDColor-models/resolve/main/ddcolor_artistic.pth",
        size_text="912 MB",
        size_bytes=911950059,
        sha256="a591ee5beedad36de703d8977e92d0c30c1eedc6453fd1b300f3b460842a23a9",
        license="Apache-2.0",
        hash_from=_POINTER,
    ),
    PublishedFile(
        name="deoldify-artistic",
        family="deoldify-artistic",
        file="ColorizeArtistic_gen.pth",
        url="https://data.deepai.org/deoldify/ColorizeArtistic_gen.pth",
        size_text="255 MB",
        size_bytes=255144681,
        sha256="3f750246fa220529323b85a8905f9b49c0e5d427099185334d048fb5b5e22477",
        license="MIT",
        hash_from=_MIRRORS,
    ),
    PublishedFile(
        name="deoldify-stable",
        family="deoldify-wide",
        file="ColorizeStable_gen.pth",
        url="https://www.dropbox.com/s/axsd2g85uyixaho/ColorizeStable_gen.pth?dl=1",
        size_text="874 MB",
        size_bytes=874066230,
        sha256="ca9cd7f43fb8b222c9a70f7b292e305a000694b0ff9d2ae4a6747b1a2e1ee5af",
        license="MIT",
        hash_from=_MIRRORS,
    ),
    PublishedFile(
        name="deoldify-video",
        family="deoldify-wide",
        file="ColorizeVideo_gen.pth",
        url="https://data.deepai.org/deoldify/ColorizeVideo_gen.pth",
        size_text="874 MB",
        size_bytes=874066230,
        sha256="e3d98bb6a222354c79f95485c2f078a89dc724e9183662506d9e0f5aafac83ad",
        license="MIT",
        hash_from=_MIRRORS,
    ),
)


def published_file(name: str) -> PublishedFile:
    """Find a file by the name that `colorize-export fetch` takes.

    Raises
    ------
    UsageError
        There is none.
    """
    for each in PUBLISHED_FILES:
        if each.name == name:
            return each
    raise UsageError(
        f"{name!r}: expected one of {', '.join(each.name for each in PUBLISHED_FILES)}"
    )


def file_of_sha256(sha256: str) -> PublishedFile | None:
    """Find a file by its digest; None if it is not published."""
    return next((each for each in PUBLISHED_FILES if each.sha256 == sha256), None)
