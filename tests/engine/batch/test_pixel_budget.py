from __future__ import annotations

import threading

from colorize_batch.engine.batch.pixel_budget import PixelBudget


def test_a_later_ticket_waits_for_an_earlier_one():
    budget = PixelBudget(100)
    order = []

    def take(ticket):
        budget.acquire(ticket, 10)
        order.append(ticket)

    second = threading.Thread(target=take, args=(1,))
    second.start()
    second.join(0.05)
    assert order == []
    take(0)
    second.join(5)
    assert order == [0, 1]


def test_over_the_budget_waits_until_pixels_come_back():
    budget = PixelBudget(100)
    assert budget.acquire(0, 80)
    done = threading.Event()
    waiting = threading.Thread(target=lambda: (budget.acquire(1, 30), done.set()))
    waiting.start()
    assert not done.wait(0.05)
    budget.release(80)
    assert done.wait(5)
    waiting.join(5)


def test_a_picture_over_the_whole_budget_passes_alone():
    assert PixelBudget(10).acquire(0, 1000)


def test_close_refuses_those_who_wait():
    budget = PixelBudget(10)
    budget.acquire(0, 10)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(budget.acquire(1, 1)))
    waiting.start()
    budget.close()
    waiting.join(5)
    assert answers == [False]
