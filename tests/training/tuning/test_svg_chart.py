import re
import xml.etree.ElementTree as ET

import pytest

from colorize_batch.training.tuning.svg_chart import BOTTOM, HEIGHT, LEFT, WIDTH, Series, svg_chart


def drawn(**options: object) -> ET.Element:
    return ET.fromstring(svg_chart(x_title="a < b", y_title="y", **options))  # type: ignore[arg-type]


def dots(chart: ET.Element) -> list[tuple[float, float]]:
    return [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in chart.iter("circle")]


def texts(chart: ET.Element) -> list[str]:
    return [text.text or "" for text in chart.iter("text")]


def test_dots_lie_in_the_frame_in_order() -> None:
    points = ((1.0, 5.0), (2.0, 0.0), (4.0, 10.0))
    (x_1, y_1), (x_2, y_2), (x_3, y_3) = dots(drawn(series=[Series(points=points, color="red")]))
    assert LEFT < x_1 < x_2 < x_3 < WIDTH
    assert x_3 - x_2 == pytest.approx(2 * (x_2 - x_1), abs=0.2)
    assert 0 < y_3 < y_1 < y_2 < HEIGHT - BOTTOM


def test_logarithms_and_words() -> None:
    points = ((1.0, 1.0), (10.0, 1.0), (100.0, 1.0))
    chart = drawn(series=[Series(points=points, color="red")], log_x=True)
    (x_1, _), (x_2, _), (x_3, _) = dots(chart)
    assert x_3 - x_2 == pytest.approx(x_2 - x_1, abs=0.2)
    assert {"1", "10", "100"} <= set(texts(chart))
    words = drawn(series=[Series(points=((1.0, 2.0),), color="red")], x_words=["few", "many"])
    ((place, _),) = dots(words)
    assert {"few", "many"} <= set(texts(words))
    assert place > (LEFT + WIDTH) / 2


@pytest.mark.parametrize("points", [((3.0, 3.0),), ((0.0, -1e-7), (1e6, 1e-7))])
def test_any_range_has_a_few_ticks(points: tuple[tuple[float, float], ...]) -> None:
    chart = drawn(series=[Series(points=points, color="red", line=True)])
    assert 4 <= len(texts(chart)) <= 20
    (line,) = chart.iter("polyline")
    assert re.fullmatch(r"[\d., ]+", line.attrib["points"])
