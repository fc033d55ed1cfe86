"""Draw the answers to one item when their sum is known, and hand them out.

An item of the reconstruction starts as a bag of answers with the right sum and
a believable spread. Handing the bag out in the order of a score per respondent
makes items hang together without changing any mean.
"""

from collections.abc import Sequence
from math import comb, sqrt

from swtlib.dice import Dice
from swtlib.reproduction.targets import load_choices

LARGE = 30  # bags of this size hold three different answers where they can
DIGITS = 9  # scores are compared rounded, so that no last bit decides


def tilted(base: Sequence[float], mean: float) -> list[float]:
    """Tilt weights so that their distribution has a given mean.

    Parameters
    ----------
    base : sequence of float
        A weight for each of the answers 0, 1, 2, ...
    mean : float
        Wanted mean, between the first and the last answer but not either.

    Returns
    -------
    list of float
        Chances, adding up to 1.

    Examples
    --------
    >>> [round(chance, 3) for chance in tilted([1, 2, 1], 0.5)]
    [0.562, 0.375, 0.062]
    """
    low, high = 0.0, 1.0
    chances: list[float] = []
    for _ in range(60):
        share = (low + high) / 2
        ratio = share / (1 - share)
        weight, total, moment = 1.0, 0.0, 0.0
        chances = []
        for answer, part in enumerate(base):
            chances.append(part * weight)
            total += part * weight
            moment += answer * part * weight
            weight *= ratio
        chances = [chance / total for chance in chances]
        if moment / total < mean:
            low = share
        else:
            high = share
    return chances


def draw_values(
    total: int, n: int, dice: Dice, *, low: int = 0, high: int = 4, narrow: bool = False
) -> list[int]:
    """Draw answers with a given sum and a believable spread.

    Parameters
    ----------
    total : int
        Sum of the answers.
    n : int
        Number of answers.
    dice : Dice
        Source of chance.
    low, high : int
        Lowest and highest answer.
    narrow : bool, default False
        Whether answers lie close together, as grades do.

    Returns
    -------
    list of int
        The answers, lowest first.

    Raises
    ------
    ValueError
        If no answers in the range have that sum.

    Notes
    -----
    The chances are those of a binomial distribution (its square, for a narrow
    bag) with some weight on all answers alike, tilted to the mean. One answer
    is drawn from each of ``n`` equal parts of that distribution; then single
    answers move one step until the sum is right.
    """
    if not low * n <= total <= high * n:
        raise ValueError(f"{n} answers {low}-{high} cannot add up to {total}")
    if total in (low * n, high * n):
        return [total // n] * n
    width = high - low
    flat = 0.01 + 0.05 * dice.uniform()
    base = []
    for k in range(width + 1):
        share = comb(width, k) / 2**width
        if narrow:
            share = 0.6 * comb(width, k) ** 2 / comb(2 * width, width) + 0.4 * share
        wobble = 0.8 + 0.4 * dice.uniform()
        base.append(wobble * ((1 - flat) * share + flat / (width + 1)))
    chances = tilted(base, total / n - low)
    counts = [0] * (width + 1)
    for k in range(n):
        left = (k + dice.uniform()) / n
        answer = 0
        while answer < width and left >= chances[answer]:
            left -= chances[answer]
            answer += 1
        counts[answer] += 1
    surplus = [
        count - n * chance for count, chance in zip(counts, chances, strict=True)
    ]
    short = total - low * n - sum(k * count for k, count in enumerate(counts))
    while short:
        step = 1 if short > 0 else -1
        moves = [k for k in range(width + 1) if counts[k] and 0 <= k + step <= width]
        best = max(moves, key=lambda k: round(surplus[k] - surplus[k + step], DIGITS))
        for k, change in ((best, -1), (best + step, 1)):
            counts[k] += change
            surplus[k] += change
        short -= step
    if n >= LARGE:
        _widen(counts)
    return [low + k for k, count in enumerate(counts) for _ in range(count)]


def _widen(counts: list[int]) -> None:
    used = [k for k, count in enumerate(counts) if count]
    if len(used) == 2 and used[0] > 0 and counts[used[0]] > 2:
        # two answers (a, a) become (a - 1, a + 1): the sum stays
        counts[used[0]] -= 2
        counts[used[0] - 1] += 1
        counts[used[0] + 1] += 1


def hand_out(values: Sequence[int], scores: Sequence[float]) -> list[int]:
    """Give the lowest answer to the lowest score, and so on.

    Parameters
    ----------
    values : sequence of int
        Answers, as many as there are scores.
    scores : sequence of float
        One score per respondent.

    Returns
    -------
    list of int
        One answer per respondent, in the order of ``scores``.

    Examples
    --------
    >>> hand_out([1, 2, 4], [0.3, -1.2, 0.9])
    [2, 1, 4]
    """
    order = sorted(range(len(scores)), key=lambda i: (round(scores[i], DIGITS), i))
    answers = [0] * len(scores)
    for value, i in zip(sorted(values), order, strict=True):
        answers[i] = value
    return answers


class Factors:
    """Scores per respondent that make answers hang together.

    Parameters
    ----------
    n : int
        Number of respondents.
    seed : int
        Seed of the whole data set.

    Notes
    -----
    A score is a weighted sum of a tendency of the person, one of the block and
    one of the subscale, and noise; the weights stand in ``targets_2015.toml``
    and are free, since no correlation is published.
    """

    def __init__(self, n: int, seed: int) -> None:
        self._n = n
        self._seed = seed
        self.person = self._scores("person")

    def _scores(self, name: str) -> list[float]:
        return Dice(self._seed, f"factor {name}").normals(self._n)

    def scores(self, item: str, *, aloof: bool = False) -> list[float]:
        """Give the scores of one item.

        Parameters
        ----------
        item : str
            Item id. Items of a later year belong together by what stands
            before the first ``_`` of their ids.
        aloof : bool, default False
            Whether the item has no part in the tendency of the person.

        Returns
        -------
        list of float
            One per respondent, with a variance of about 1.
        """
        choices = load_choices()["factors"]
        blocks = choices["blocks"]
        own = item.partition("_")[0]
        name = next((key for key in blocks if item.startswith(f"{key}_")), own)
        weights = blocks.get(name, choices["later"])
        sign = -1.0 if item in choices["turned"]["items"] else 1.0
        parts = [(weights["block"] * sign, self._scores(name))]
        if not aloof:
            parts.append((weights["person"] * sign, self.person))
        for number, subscale in enumerate(choices["subscale"]):
            if item in subscale["items"]:
                parts.append((subscale["weight"], self._scores(f"subscale {number}")))
        explained = 0.0
        for weight, _ in parts:
            explained += weight * weight
        noise = sqrt(1 - explained)
        parts.append((noise, self._scores(item)))
        result = [0.0] * self._n
        for weight, scores in parts:
            for i, score in enumerate(scores):
                result[i] += weight * score
        return result
