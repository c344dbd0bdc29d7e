from __future__ import annotations

import re

import numpy as np
import pytest

from colorize_batch.engine.pictures.metadata.xmp_regions import turned_regions
from colorize_batch.engine.pictures.orientation import is_turned, upright

HEIGHT, WIDTH = 200, 100
SPACES = (
    'xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" '
    'xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" '
    'xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#" '
    'xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#" '
)
ELEMENTS = """<mwg-rs:AppliedToDimensions rdf:parseType="Resource"><stDim:h>200</stDim:h>
<stDim:unit>pixel</stDim:unit><stDim:w>100</stDim:w></mwg-rs:AppliedToDimensions>
<mwg-rs:Area rdf:parseType="Resource"><stArea:h>0.1</stArea:h><stArea:w>0.4</stArea:w>
<stArea:x>0.3</stArea:x><stArea:y>0.15</stArea:y></mwg-rs:Area><mwg-rs:Name>Ada</mwg-rs:Name>"""
ATTRIBUTES = """<mwg-rs:AppliedToDimensions stDim:w="100" stDim:h="200" stDim:unit="pixel"/>
<mwg-rs:Area stArea:x="0.3" stArea:y="0.15" stArea:w="0.4" stArea:h="0.1"/>"""
PEOPLE = '<rdf:li MPReg:Rectangle="0.1, 0.1, 0.4, 0.1" MPReg:PersonDisplayName="Ada"/>'


def packet(body: str) -> bytes:
    return f"<rdf:RDF><rdf:Description {SPACES}>{body}</rdf:Description></rdf:RDF>".encode()


def marked() -> np.ndarray:
    """A stored picture with the region in white."""
    picture = np.zeros((HEIGHT, WIDTH), np.uint8)
    picture[20:40, 10:50] = 255
    return picture


def region_of(xmp: bytes) -> tuple[float, ...]:
    """Left, top, right and bottom of the first region."""
    text = xmp.decode()
    if "MPReg:Rectangle" in text:
        numbers = re.search(r'Rectangle="([^"]*)"', text)
        left, top, width, height = map(float, numbers[1].split(","))
        return left, top, left + width, top + height
    x, y, w, h = (float(re.search(rf"stArea:{name}(?:=\"|>)([\d.]+)", text)[1]) for name in "xywh")
    return x - w / 2, y - h / 2, x + w / 2, y + h / 2


@pytest.mark.parametrize("body", [ELEMENTS, ATTRIBUTES, PEOPLE])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_regions_turn_as_pixels_do(orientation: int, body: str) -> None:
    turned = upright(marked()[..., None], orientation)[..., 0]
    rows, columns = np.nonzero(turned)
    height, width = turned.shape
    expected = (
        columns.min() / width, rows.min() / height,
        (columns.max() + 1) / width, (rows.max() + 1) / height,
    )  # fmt: skip
    xmp = turned_regions(packet(body), orientation, height, width)
    assert region_of(xmp) == pytest.approx(expected, abs=1e-5)
    if "stDim" in body:
        sides = [re.search(rf"stDim:{name}(?:=\"|>)(\d+)", xmp.decode())[1] for name in "wh"]
        assert sides == (["200", "100"] if is_turned(orientation) else ["100", "200"])
    assert xmp.decode().count("Ada") == body.count("Ada")


def test_regions_of_the_upright_picture_stay() -> None:
    xmp = packet(ATTRIBUTES)
    assert turned_regions(xmp, 6, 200, 100) == xmp


def test_what_has_no_regions_stays() -> None:
    assert turned_regions(b"", 6, 10, 20) == b""
    assert turned_regions(packet("<dc:title>x</dc:title>"), 6, 10, 20) == packet(
        "<dc:title>x</dc:title>"
    )
