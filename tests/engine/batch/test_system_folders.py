from __future__ import annotations

import pytest

from colorize_batch.engine.batch.manifest import MANIFEST_NAME
from colorize_batch.engine.batch.source import plan_jobs
from tests.engine.pictures.samples import FILES


def put(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(FILES["gray.jpg"]())


@pytest.mark.parametrize(
    "litter",
    [
        "@eaDir/photo.jpg/SYNOPHOTO_THUMB_M.jpg",
        "deep/#recycle/thrown away.jpg",
        "$RECYCLE.BIN/$RABC12.jpg",
        "@Recycle/a.jpg",
        "Catalog Previews.lrdata/a.jpg",
        "lost+found/a.jpg",
    ],
)
def test_leavings_of_systems_are_passed_over_and_named_once(tmp_path, litter):
    source = tmp_path / "share"
    put(source / "photo.jpg")
    put(source / litter)
    put(source / "other" / litter)
    plan = plan_jobs(str(source), tmp_path / "out")
    assert [job.source.name for job in plan.jobs] == ["photo.jpg"]
    (note,) = plan.notes
    assert "2 folders are passed over" in note
    named = plan_jobs(str((source / litter).parent), tmp_path / "out")
    assert len(named.jobs) == 1


def test_outputs_of_an_earlier_run_are_no_source(tmp_path):
    source = tmp_path / "share"
    put(source / "photo.jpg")
    put(source / "colour" / "photo.jpg")
    (source / "colour" / MANIFEST_NAME).write_text("")
    plan = plan_jobs(str(source), tmp_path / "out")
    assert [job.source for job in plan.jobs] == [source / "photo.jpg"]
    (note,) = plan.notes
    assert "colour" in note
    assert "output of a run" in note


def test_names_that_differ_in_case_get_a_note(tmp_path):
    source = tmp_path / "share"
    put(source / "photo.jpg")
    put(source / "PHOTO.JPG")
    if len(list(source.iterdir())) == 1:
        pytest.skip("this file system ignores case")
    plan = plan_jobs(str(source), tmp_path / "out")
    assert len(plan.jobs) == 2
    (note,) = plan.notes
    assert "differ only in case: PHOTO.JPG and photo.jpg" in note
