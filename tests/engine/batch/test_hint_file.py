from __future__ import annotations

import json
from pathlib import Path

import pytest

from colorize_batch.engine.batch.hint_file import hinted_jobs
from colorize_batch.engine.batch.job import Job
from colorize_batch.engine.pictures.hint import Hint
from colorize_batch.errors import UsageError

JOBS = [Job(Path("in/a/one.jpg")), Job(Path("in/b/one.jpg")), Job(Path("in/two.jpg"))]
RED = {"x": 0.5, "y": 0.25, "color": "#ff0000"}


def read(tmp_path, content):
    path = tmp_path / "hints.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return hinted_jobs(JOBS, path)


def test_by_name_and_by_the_end_of_the_path(tmp_path):
    jobs = read(tmp_path, {"two.jpg": [RED], "b/one.jpg": [RED, RED | {"radius": 0.1}]})
    assert [job.source for job in jobs] == [job.source for job in JOBS]
    assert [len(job.hints) for job in jobs] == [0, 2, 1]
    assert jobs[2].hints == (Hint(x=0.5, y=0.25, color="#ff0000"),)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "expected JSON"),
        ([RED], 'expected {"picture.jpg"'),
        ({"two.jpg": RED}, 'expected {"picture.jpg"'),
        ({"three.jpg": [RED]}, "'three.jpg' is no picture of this run"),
        ({"wo.jpg": [RED]}, "'wo.jpg' is no picture of this run"),
        ({"one.jpg": [RED]}, "is 2 pictures of this run, in/a/one.jpg, in/b/one.jpg; write more"),
        ({"two.jpg": [RED | {"x": 2}]}, "hints.json: hint: x must be a number in 0..1"),
    ],
)
def test_refused(tmp_path, content, message):
    with pytest.raises(UsageError, match=message):
        read(tmp_path, content)


def test_a_missing_file(tmp_path):
    with pytest.raises(UsageError, match="cannot read it: No such file"):
        hinted_jobs(JOBS, tmp_path / "none.json")
