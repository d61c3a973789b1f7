"""When to come back."""

from random import Random

from signalling.client.backoff import Advice, Backoff


def test_without_advice_it_doubles_and_is_capped() -> None:
    class Always(Random):
        def random(self) -> float:
            return 1.0

    delays = list(Backoff(first_s=1, most_s=5, attempts=5).delays_s(None, Always(0)))
    assert delays == [1, 2, 4, 5, 5]


def test_jitter_takes_any_part_of_it() -> None:
    delays = [next(Backoff(first_s=8).delays_s(None, Random(seed))) for seed in range(200)]
    assert min(delays) < 1
    assert max(delays) > 7
    assert all(0 <= delay <= 8 for delay in delays)


def test_advice_decides_the_first_wait() -> None:
    advice = Advice.of({"retry_after_ms": 1_000, "jitter_ms": 500, "code": 4001})
    waits = [next(Backoff().delays_s(advice, Random(seed))) for seed in range(200)]
    assert all(1.0 <= wait <= 1.5 for wait in waits)
    assert len(set(waits)) > 100


def test_the_same_seed_the_same_waits() -> None:
    assert list(Backoff().delays_s(None, Random(3))) == list(Backoff().delays_s(None, Random(3)))
