from __future__ import annotations

import threading

import pytest

from colorize_batch.engine.threads.channel import Channel, ChannelClosed


def test_items_come_out_in_order_and_end_with_the_last_producer():
    channel = Channel(8, producers=2)
    for item in (1, 2, 3):
        channel.put(item)
    channel.close()
    channel.close()
    assert [channel.get(), channel.get(), channel.get()] == [1, 2, 3]
    with pytest.raises(ChannelClosed):
        channel.get()


def test_get_without_waiting():
    channel = Channel(1, producers=1)
    assert channel.get(wait=False) is None
    channel.put("x")
    assert channel.get(wait=False) == "x"


def test_put_waits_for_room():
    channel = Channel(1, producers=1)
    channel.put(1)
    second = threading.Thread(target=channel.put, args=(2,))
    second.start()
    second.join(0.05)
    assert second.is_alive()
    assert channel.get() == 1
    second.join(5)
    assert not second.is_alive()
    assert channel.get() == 2


def test_abort_wakes_those_who_wait_and_drops_items():
    channel = Channel(1, producers=1)
    channel.put(1)
    seen = []

    def wait_to_put():
        try:
            channel.put(2)
        except ChannelClosed:
            seen.append("woken")

    waiting = threading.Thread(target=wait_to_put)
    waiting.start()
    channel.abort()
    waiting.join(5)
    assert seen == ["woken"]
    with pytest.raises(ChannelClosed):
        channel.get()
