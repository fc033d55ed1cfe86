"""Chance that falls the same way on every machine.

Only ``random.Random.random`` is used: Python promises that it gives the same
numbers for the same seed for ever, which numpy does not promise for its
generator. Normal scores are sums of whole numbers, so that no logarithm of the
platform decides which answer a respondent gets.
"""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
STEPS = 1 << 20  # a normal score is a sum of 12 draws of 0 to STEPS - 1


class Dice:
    """A stream of chance for one subject.

    Each subject (ages, grades, ...) has a stream of its own, so that a change
    in one leaves the others as they were.

    Parameters
    ----------
    seed : int
        Seed of the whole data set.
    name : str
        Subject of this stream.

    Examples
    --------
    >>> Dice(2015, "ages").below(6) == Dice(2015, "ages").below(6)
    True
    """

    def __init__(self, seed: int, name: str) -> None:
        self._random = random.Random(f"{seed}/{name}")

    def uniform(self) -> float:
        """Draw a number from 0 up to 1."""
        return self._random.random()

    def below(self, n: int) -> int:
        """Draw a whole number from 0 to ``n - 1``."""
        return int(self._random.random() * n)

    def between(self, low: int, high: int) -> int:
        """Draw a whole number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def normal(self) -> float:
        """Draw a score with mean 0 and standard deviation 1, within -6 and 6."""
        total = 0
        for _ in range(12):
            total += self.below(STEPS)
        return (total - 6 * STEPS) / STEPS

    def normals(self, n: int) -> list[float]:
        """Draw ``n`` scores with mean 0 and standard deviation 1."""
        return [self.normal() for _ in range(n)]

    def pick(self, options: Sequence[T]) -> T:
        """Draw one of the options."""
        return options[self.below(len(options))]

    def weighted(self, weights: Sequence[int]) -> int:
        """Draw a position with chances in proportion to whole weights."""
        left = self.below(sum(weights))
        for position, weight in enumerate(weights):
            left -= weight
            if left < 0:
                return position
        return len(weights) - 1

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """Give the options in a drawn order."""
        keys = [self.uniform() for _ in options]
        return [options[i] for i in sorted(range(len(keys)), key=keys.__getitem__)]
