"""The mark that colour was added by a model, in XMP and EXIF."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Final

from .exif import with_software
from .metadata import Metadata
from .xmp import value_of, with_properties

_IPTC_EXTENSION: Final = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_XMP: Final = "http://ns.adobe.com/xap/1.0/"
_OURS: Final = "https://ns.colorize-batch.org/1.0/"
_SOURCE_TYPE: Final = (
    "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What a result says of how it was made.

    Parameters
    ----------
    model_name, model_sha256
        The model file.
    source_sha256
        The source file; empty where it is not known yet.
    salvaged
        Whether the source was damaged, and only what could be read of it is shown.
    """

    model_name: str
    model_sha256: str
    source_sha256: str = ""
    salvaged: bool = False

    def of_source(self, sha256: str, *, salvaged: bool = False) -> Provenance:
        """The same for a source."""
        return replace(self, source_sha256=sha256, salvaged=salvaged)

    def xmp(self, packet: bytes) -> bytes:
        """Mark an XMP packet; an empty one is made."""
        properties = {
            (_IPTC_EXTENSION, "Iptc4xmpExt", "DigitalSourceType"): _SOURCE_TYPE,
            (_XMP, "xmp", "CreatorTool"): creator_tool(),
            (_OURS, "colorize", "Model"): self.model_name,
            (_OURS, "colorize", "ModelSHA256"): self.model_sha256,
            (_OURS, "colorize", "SourceSHA256"): self.source_sha256,
        }
        if self.salvaged:
            properties[_OURS, "colorize", "Salvaged"] = "True"
        return with_properties(packet, properties)

    def marked(self, metadata: Metadata) -> Metadata:
        """Metadata with the mark."""
        return replace(
            metadata,
            exif=with_software(metadata.exif, creator_tool()),
            xmp=self.xmp(metadata.xmp),
        )


def creator_tool() -> str:
    """Name and version of this program."""
    return f"colorize-batch {version('colorize-batch')}"


def is_marked(metadata: Metadata) -> bool:
    """Whether a file says that this program added its colour."""
    return value_of(metadata.xmp, _OURS, "ModelSHA256") != "" or (
        value_of(metadata.xmp, _XMP, "CreatorTool").startswith("colorize-batch")
        and value_of(metadata.xmp, _IPTC_EXTENSION, "DigitalSourceType") == _SOURCE_TYPE
    )
