from __future__ import annotations

from pathlib import Path

import pytest

from colorize_batch.engine.batch.source import plan_jobs
from colorize_batch.errors import UsageError


def touch(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return root


def pairs(plan, source: Path, destination: Path) -> dict[str, str]:
    return {
        str(job.source.relative_to(source)): str(job.output.relative_to(destination))
        for job in plan.jobs
    }


def test_a_folder_keeps_its_structure_and_takes_pictures_only(tmp_path):
    source = touch(
        tmp_path / "in",
        "a.jpg",
        "deep/er/b.TIF",
        "notes.txt",
        ".hidden.png",
        ".cache/c.png",
        "d.gif",
    )
    plan = plan_jobs(str(source), tmp_path / "out")
    assert pairs(plan, source, tmp_path / "out") == {
        "a.jpg": "a.jpg",
        "d.gif": "d.png",
        "deep/er/b.TIF": "deep/er/b.TIF",
    }
    assert plan.root == tmp_path / "out"


def test_a_format_changes_the_ending_only_where_it_must(tmp_path):
    source = touch(tmp_path / "in", "a.jpeg", "b.png")
    plan = plan_jobs(str(source), tmp_path / "out", output_format="jpg")
    assert pairs(plan, source, tmp_path / "out") == {"a.jpeg": "a.jpeg", "b.png": "b.jpg"}


def test_two_sources_with_one_output(tmp_path):
    source = touch(tmp_path / "in", "a.jpg", "a.png", "a.webp", "b.png")
    plan = plan_jobs(str(source), tmp_path / "out", output_format="png")
    assert pairs(plan, source, tmp_path / "out") == {
        "a.jpg": "a.jpg.png",
        "a.png": "a.png",  # who keeps its name has it
        "a.webp": "a.webp.png",
        "b.png": "b.png",
    }
    assert not plan.refused


def test_a_name_that_is_taken_on_both_sides_is_refused(tmp_path):
    source = touch(tmp_path / "in", "a.gif", "a.png", "a.gif.png")
    plan = plan_jobs(str(source), tmp_path / "out")
    assert [one.job.source.name for one in plan.refused] == ["a.gif.png"]


def test_what_is_passed_over_is_counted_by_ending(tmp_path):
    source = touch(tmp_path / "in", "a.jpg", "b.MOV", "c/d.mov", "c/raw.nef", "README", ".hidden")
    plan = plan_jobs(str(source), tmp_path / "out")
    assert plan.passed_over == {".mov": 2, ".nef": 1, "without an ending": 1}
    assert plan.passed_over_sentence == (
        "4 files are no pictures that can be read: 2 .mov, 1 .nef, 1 without an ending"
    )


def test_links_to_folders_are_named(tmp_path):
    source = touch(tmp_path / "in", "a.jpg")
    (source / "elsewhere").symlink_to(touch(tmp_path / "other", "b.jpg"))
    (note,) = plan_jobs(str(source), tmp_path / "out").notes
    assert "elsewhere is a link to a folder and is not entered" in note


def test_a_file_that_is_listed_twice_is_done_once(tmp_path, monkeypatch):
    touch(tmp_path, "a.jpg", "b.jpg")
    monkeypatch.chdir(tmp_path)
    listed = f"a.jpg\n./a.jpg\n{tmp_path}/a.jpg\nb.jpg\n".encode()
    plan = plan_jobs("-", tmp_path / "out", listed=listed)
    assert [str(job.source) for job in plan.jobs] == ["a.jpg", "b.jpg"]


def test_a_single_file_to_a_folder_or_a_file(tmp_path):
    source = touch(tmp_path, "a.jpg") / "a.jpg"
    to_folder = plan_jobs(str(source), tmp_path / "out", output_format="webp")
    assert [job.output for job in to_folder.jobs] == [tmp_path / "out" / "a.webp"]
    to_file = plan_jobs(str(source), tmp_path / "b.png")
    assert [job.output for job in to_file.jobs] == [tmp_path / "b.png"]
    assert to_file.root is None


def test_a_glob_keeps_structure_below_its_fixed_part(tmp_path):
    touch(tmp_path / "in", "x/a.jpg", "y/b.jpg", "y/c.png")
    plan = plan_jobs(f"{tmp_path}/in/**/*.jpg", tmp_path / "out")
    assert pairs(plan, tmp_path / "in", tmp_path / "out") == {
        "x/a.jpg": "x/a.jpg",
        "y/b.jpg": "y/b.jpg",
    }


def test_a_list(tmp_path):
    touch(tmp_path / "in", "x/a.jpg", "y/b.jpg")
    lines = f"{tmp_path}/in/x/a.jpg\n\n{tmp_path}/in/y/b.jpg\r\n".encode()
    plan = plan_jobs("-", tmp_path / "out", listed=lines)
    assert pairs(plan, tmp_path / "in", tmp_path / "out") == {
        "x/a.jpg": "x/a.jpg",
        "y/b.jpg": "y/b.jpg",
    }


def test_dst_inside_src_is_not_taken_as_a_source(tmp_path):
    source = touch(tmp_path / "in", "a.jpg", "out/a.jpg", "out/deep/b.jpg")
    plan = plan_jobs(str(source), source / "out")
    assert pairs(plan, source, source / "out") == {"a.jpg": "a.jpg"}
    assert "lies inside SRC" in plan.notes[0]


def test_a_folder_that_may_not_be_listed_is_noted(tmp_path, monkeypatch):
    source = touch(tmp_path / "in", "a.jpg", "shut/b.jpg")
    import os

    scandir = os.scandir

    def guarded(path):
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    stat = os.stat

    def guarded_stat(path, **how):
        if "shut/" in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, **how)

    monkeypatch.setattr(os, "scandir", guarded)
    monkeypatch.setattr(os, "stat", guarded_stat)
    plan = plan_jobs(str(source), tmp_path / "out")
    assert len(plan.jobs) == 1
    (refused,) = plan.refused
    assert refused.job.source.name == "shut"
    assert "cannot be listed: Permission denied" in refused.reason


@pytest.mark.parametrize(
    ("source", "destination", "message"),
    [
        ("missing", "out", "no such file or folder"),
        ("missing/*.jpg", "out", "no pictures found"),
        ("in", "in", "is SRC itself"),
        ("in", "file.txt", "is a file; DST must be a folder"),
        ("empty", "out", "no pictures found; expected JPEG"),
        ("in/a.jpg", "in/a.jpg", "is SRC itself"),
        ("in/a.jpg", "in", "is SRC itself"),
        ("in/a.jpg", "file.txt", "is a file without a picture's ending"),
        ("in/a.jpg", "b.gif", ".gif files are not written; name a file ending in .jpg"),
    ],
)
def test_requests_that_cannot_be_meant(tmp_path, monkeypatch, source, destination, message):
    touch(tmp_path, "in/a.jpg", "file.txt")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=message):
        plan_jobs(source, Path(destination))


def test_formats_must_be_known_and_agree(tmp_path):
    source = touch(tmp_path, "a.jpg") / "a.jpg"
    with pytest.raises(UsageError, match="expected keep, jpg, png"):
        plan_jobs(str(source), tmp_path / "out", output_format="bmp")
    with pytest.raises(UsageError, match=r"does not end in \.webp"):
        plan_jobs(str(source), tmp_path / "b.png", output_format="webp")


def test_an_output_over_a_source_is_refused(tmp_path):
    source = touch(tmp_path / "scans", "a.jpg", "q/a.jpg", "q/b.jpg")
    plan = plan_jobs(f"{source}/**/*.jpg", source / "q")
    assert [job.output.relative_to(tmp_path) for job in plan.jobs] == [
        Path("scans/q/q/a.jpg"), Path("scans/q/q/b.jpg")
    ]  # fmt: skip
    (refused,) = plan.refused
    assert refused.job.source == source / "a.jpg"
    assert "is a source of this run" in refused.reason


def test_an_output_over_what_a_linked_source_leads_to_is_refused(tmp_path):
    originals = touch(tmp_path / "originals", "a.jpg")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").symlink_to(originals / "a.jpg")
    plan = plan_jobs(str(tmp_path / "in"), originals)
    assert plan.jobs == []
    assert "is a source of this run" in plan.refused[0].reason


def test_outputs_are_one_where_a_link_makes_their_folders_one(tmp_path):
    source = touch(tmp_path / "in", "x/a.jpg", "y/a.jpg", "y/b.jpg")
    (tmp_path / "out" / "x").mkdir(parents=True)
    (tmp_path / "out" / "y").symlink_to("x")
    plan = plan_jobs(str(source), tmp_path / "out")
    assert [job.source.name for job in plan.jobs] == ["a.jpg", "b.jpg"]
    (refused,) = plan.refused
    assert "another source has the same output" in refused.reason


def outputs(plan, root):
    return {job.source.name: job.output.relative_to(root).as_posix() for job in plan.jobs}


def test_several_sources_keep_the_structure_below_their_common_folder(tmp_path, write_pictures):
    write_pictures(tmp_path / "a", 2)
    write_pictures(tmp_path / "b" / "c", 1, ".png")
    files = [str(path) for path in sorted((tmp_path / "a").iterdir())]
    out = tmp_path / "out"
    assert outputs(plan_jobs(files, out), out) == {
        "picture-000.jpg": "picture-000.jpg",
        "picture-001.jpg": "picture-001.jpg",
    }
    mixed = plan_jobs([*files, str(tmp_path / "b"), f"{tmp_path}/a/*.jpg"], out)
    assert outputs(mixed, out) == {
        "picture-000.jpg": "a/picture-000.jpg",
        "picture-001.jpg": "a/picture-001.jpg",
        "picture-000.png": "b/c/picture-000.png",
    }
    assert not mixed.refused


def test_several_sources_pass_over_what_is_no_picture(tmp_path, write_pictures):
    (picture,) = write_pictures(tmp_path / "a", 1)
    (tmp_path / "a" / "notes.txt").write_text("x")
    plan = plan_jobs([str(picture), str(tmp_path / "a" / "notes.txt")], tmp_path / "out")
    assert [job.source for job in plan.jobs] == [picture]
    assert plan.passed_over == {".txt": 1}


def test_several_sources_name_the_one_that_is_missing(tmp_path, write_pictures):
    (picture,) = write_pictures(tmp_path / "a", 1)
    with pytest.raises(UsageError, match=r"b\.jpg: no such file"):
        plan_jobs([str(picture), str(tmp_path / "b.jpg")], tmp_path / "out")
    with pytest.raises(UsageError, match="the only SRC"):
        plan_jobs([str(picture), "-"], tmp_path / "out")
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="DST must be a folder"):
        plan_jobs([str(picture), str(tmp_path / "a")], tmp_path / "file")


def test_home_in_quotes_is_expanded(tmp_path, write_pictures, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write_pictures(tmp_path / "a", 2)
    for source in ("~/a", "~/a/*.jpg", "~/a/**/*.jpg"):
        plan = plan_jobs(source, Path("~/out"))
        assert [job.output for job in plan.jobs] == [
            tmp_path / "out" / f"picture-{number:03}.jpg" for number in (0, 1)
        ]


@pytest.mark.parametrize("url", ["s3://bucket/out", "https://example.org/x.jpg", "gs://b"])
def test_urls_are_refused(tmp_path, write_pictures, url):
    write_pictures(tmp_path / "a", 1)
    for source, destination in ((str(tmp_path / "a"), Path(url)), (url, tmp_path / "out")):
        with pytest.raises(UsageError, match="URLs are not read or written"):
            plan_jobs(source, destination)
