import pytest

from colorize_batch.export.tensorrt.build_progress import BuildProgress, BuildStep


@pytest.fixture
def steps():
    return []


@pytest.fixture
def progress(steps):
    return BuildProgress(steps.append)


def test_inner_phases_fill_a_step_of_the_outer(progress, steps):
    progress.started("engine", None, 2)
    progress.started("graph", "engine", 4)
    progress.started("tactics", "graph", 5)
    assert progress.stepped("tactics")
    progress.finished("tactics")
    progress.stepped("graph")
    progress.finished("graph")
    progress.stepped("engine")
    progress.stepped("engine")
    shares = [1 / 5 / 4 / 2, 1 / 4 / 2, 1 / 2, 1]
    assert [step.phase for step in steps] == ["engine"] * 4
    assert [step.share for step in steps] == pytest.approx(shares)


def test_more_steps_than_said_and_phases_unheard_of(progress, steps):
    progress.started("a", "never started", 1)
    progress.stepped("a")
    progress.stepped("a")
    progress.stepped("unknown")
    assert steps == [BuildStep(phase="a", share=1)] * 2


def test_an_outer_phase_may_end_first(progress, steps):
    progress.started("outer", None, 2)
    progress.started("inner", "outer", 2)
    progress.finished("outer")
    progress.stepped("inner")
    assert steps == []


def test_cancelled(progress):
    progress.started("a", None, 9)
    assert progress.stepped("a")
    progress.cancel()
    assert not progress.stepped("a")
    progress.check()


def test_an_error_of_the_listener_stops_the_build():
    def fail(step):
        raise ValueError("the terminal is gone")

    progress = BuildProgress(fail)
    progress.started("a", None, 9)
    assert not progress.stepped("a")
    with pytest.raises(ValueError, match="the terminal is gone"):
        progress.check()
