import pytest

from colorize_batch.benchmarks.engine.picture_mix import PictureMix
from colorize_batch.benchmarks.engine.workload import Workload
from colorize_batch.chosen_model import choose_model
from colorize_batch.engine.pictures.formats import FORMATS
from colorize_batch.engine.pictures.read_options import ReadOptions
from colorize_batch.engine.pictures.reader import open_picture
from colorize_batch.errors import UsageError


def test_files_of_every_size_and_format(tmp_path):
    mix = PictureMix.parsed("0.01+0.04", "jpg+png")
    assert mix.label == "0.01+0.04 MP jpg+png"
    files = mix.files_in(tmp_path)
    assert len(files) == len(set(files)) == 16
    found = set()
    shapes = set()
    for file in files:
        picture = open_picture(
            file.read_bytes(), picture_format=None, options=ReadOptions(max_pixels=10**6)
        )
        size = picture.height * picture.width
        found.add((file.suffix, round(size / 1e6, 2)))
        shapes.add(round(picture.width / picture.height, 1))
    assert found == {(".jpg", 0.01), (".jpg", 0.04), (".png", 0.01), (".png", 0.04)}
    assert shapes == {0.7, 0.8, 1.3, 1.5}


def test_made_once_and_the_same(tmp_path):
    mix = PictureMix.parsed("0.002", "jpg")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    files = mix.files_in(tmp_path / "a")
    before = [(file.stat().st_mtime_ns, file.read_bytes()) for file in files]
    again = mix.files_in(tmp_path / "a")
    assert [(file.stat().st_mtime_ns, file.read_bytes()) for file in again] == before
    assert [file.read_bytes() for file in mix.files_in(tmp_path / "b")] == [b for _, b in before]


@pytest.mark.parametrize(
    ("sizes", "formats", "message"),
    [
        ("two", "jpg", "megapixels like 2"),
        ("0", "jpg", "expected 0.001..200 megapixels, got 0"),
        ("nan", "jpg", "got nan"),
        ("1+", "jpg", "megapixels like 2"),
        ("1", "bmp", "got 'bmp'"),
        ("1", "", "got ''"),
    ],
)
def test_refuses(sizes, formats, message):
    with pytest.raises(UsageError, match=message):
        PictureMix.parsed(sizes, formats)


def test_a_workload_takes_files_in_turn(tmp_path):
    files = (tmp_path / "a.jpg", tmp_path / "b.gif")
    workload = Workload(
        model=choose_model(device="cpu"),
        batch_size=2,
        files=files,
        count=5,
        folder=tmp_path / "out",
    )
    jobs = list(workload.jobs())
    assert [job.source for job in jobs] == [*files, *files, files[0]]
    outputs = [job.output for job in jobs]
    assert len(set(outputs)) == 5
    assert [output.suffix for output in outputs] == [".jpg", ".png", ".jpg", ".png", ".jpg"]
    assert workload.options.batch_size == 2
    assert FORMATS["png"].suffixes == (".png",)
