from __future__ import annotations

import threading
import time

from colorize_batch.engine.watchdog import Watchdog


def test_calls_come_in_the_order_of_their_moments_and_not_early():
    watchdog, seen, done = Watchdog(), [], threading.Event()
    start = time.monotonic()

    def note(name):
        seen.append((name, time.monotonic() - start))
        if name == "late":
            done.set()

    watchdog.call_at(start + 0.12, lambda: note("late"))
    watchdog.call_at(start + 0.04, lambda: note("early"))
    assert done.wait(5)
    assert [name for name, _ in seen] == ["early", "late"]
    assert all(passed >= moment for (_, passed), moment in zip(seen, (0.04, 0.12), strict=True))


def test_a_cancelled_call_is_not_made():
    watchdog, seen, done = Watchdog(), [], threading.Event()
    start = time.monotonic()
    call = watchdog.call_at(start + 0.02, lambda: seen.append("cancelled"))
    assert not call.is_cancelled
    call.cancel()
    assert call.is_cancelled
    watchdog.call_at(start + 0.05, done.set)
    assert done.wait(5)
    assert seen == []
