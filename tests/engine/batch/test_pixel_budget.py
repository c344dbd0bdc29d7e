from __future__ import annotations

import threading

import pytest

from colorize_batch.engine.batch.pixel_budget import PixelBudget


@pytest.fixture
def start():
    """Acquire on a thread; gives a function that tells whether it passed, waiting a little."""
    threads, budgets = [], []

    def started(budget, ticket, pixels):
        passed = threading.Event()
        thread = threading.Thread(target=lambda: budget.acquire(ticket, pixels) and passed.set())
        thread.start()
        threads.append(thread)
        budgets.append(budget)
        return passed

    yield started
    for budget in budgets:
        budget.close()
    for thread in threads:
        thread.join(5)


def entered(budget, *tickets):
    for ticket in tickets:
        budget.enter(ticket)
    return budget


def test_a_job_that_stalls_before_it_takes_pixels_stops_nobody():
    budget = entered(PixelBudget(100), 0, 1, 2)
    assert budget.acquire(1, 60)
    assert budget.acquire(2, 40)


def test_over_the_budget_waits_until_pixels_come_back(start):
    budget = entered(PixelBudget(100), 0, 1)
    assert budget.acquire(0, 80)
    passed = start(budget, 1, 30)
    assert not passed.wait(0.05)
    budget.release(0)
    assert passed.wait(5)


def test_a_picture_over_the_whole_budget_passes_alone(start):
    budget = entered(PixelBudget(10), 0, 1, 2)
    assert budget.acquire(1, 5)
    passed = start(budget, 0, 1000)
    assert not passed.wait(0.05)
    late = start(budget, 2, 1)
    budget.release(1)
    assert passed.wait(5)
    assert not late.wait(0.05)
    budget.release(0)
    assert late.wait(5)


def test_a_large_picture_is_not_overtaken_for_ever(start):
    budget = entered(PixelBudget(100), 0, 1, 2)
    assert budget.acquire(0, 60)
    large = start(budget, 1, 90)
    assert not large.wait(0.05)
    small = start(budget, 2, 10)
    assert not small.wait(0.05)
    budget.release(0)
    assert large.wait(5)
    assert small.wait(5)


def test_what_is_ready_and_waits_for_the_earliest_does_not_lock_it_out(start):
    budget = entered(PixelBudget(100), 0, 1, 2, 3)
    assert budget.acquire(1, 50)
    assert budget.acquire(2, 50)
    earliest = start(budget, 0, 50)
    assert not earliest.wait(0.05)
    budget.set_ready(1)
    assert not earliest.wait(0.05)
    budget.set_ready(2)
    assert earliest.wait(5)
    later = start(budget, 3, 1)
    assert not later.wait(0.05)  # not beyond the budget again
    budget.release(0)
    budget.release(1)
    assert later.wait(5)


def test_close_refuses_those_who_wait():
    budget = entered(PixelBudget(10), 0, 1)
    budget.acquire(0, 10)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(budget.acquire(1, 1)))
    waiting.start()
    budget.close()
    waiting.join(5)
    assert answers == [False]
