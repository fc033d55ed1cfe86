"""What two waves may be set side by side on, as the codebook says it.

An item is a name for ever: the same item may be compared. An item that names
another in ``comparable_with`` may be, with care. The rest may not.
"""

from collections.abc import Iterator
from typing import Literal

import pandas as pd

from swtlib.codebook import Codebook, Instrument, Item, Response
from swtlib.errors import ParameterError

Verdict = Literal["same", "with care", "not"]
Asked = dict[str, tuple[Instrument, Item]]
COLUMNS = ["kind", "before", "after", "label", "verdict", "reason"]


def diff_codebook(codebook: Codebook, before: int, after: int) -> pd.DataFrame:
    """Say which items and scales of two waves may be compared, and why.

    Parameters
    ----------
    codebook : Codebook
        Loaded definitions.
    before, after : int
        Two years.

    Returns
    -------
    DataFrame
        Columns ``kind`` ("item" or "scale"), ``before`` and ``after`` (ids,
        empty if not asked that year), ``label``, ``verdict`` ("same", "with
        care" or "not") and ``reason``. In order of the questionnaire.

    Raises
    ------
    ParameterError
        If the years are the same, or nothing is asked in one of them.

    Examples
    --------
    >>> from swtlib import load_codebook
    >>> table = diff_codebook(load_codebook(), 2015, 2016)
    >>> table.loc[table["after"] == "erv_prettig", ["before", "verdict"]].values[0]
    array(['exp_prettig', 'with care'], dtype=object)
    """
    if before == after:
        raise ParameterError(f"{before} is given twice. Name two years.")
    first, second = _asked(codebook, before), _asked(codebook, after)
    rows = list(_item_rows(codebook, first, second, before, after))
    rows += list(_scale_rows(codebook, first, second, before, after))
    return pd.DataFrame(rows, columns=COLUMNS).astype(object)


def _asked(codebook: Codebook, year: int) -> Asked:
    asked = {i.id: (instrument, i) for instrument, i in codebook.columns(year).values()}
    if not asked:
        years = sorted({item.first_wave for _, item in codebook.items()})
        raise ParameterError(
            f"the codebook asks nothing in {year}; its first wave is {years[0]}."
        )
    return asked


def _item_rows(
    codebook: Codebook, first: Asked, second: Asked, before: int, after: int
) -> Iterator[tuple[str, str, str, str, Verdict, str]]:
    partners: dict[str, list[str]] = {}
    for name in first:
        for other in second:
            linked = other in first[name][1].comparable_with
            linked = linked or name in second[other][1].comparable_with
            if linked and name != other:
                partners.setdefault(name, []).append(other)
                partners.setdefault(other, []).append(name)
    for _, item in codebook.items():
        name = item.id
        if name in first and name in second:
            yield ("item", name, name, item.label, *_judge_same(item))
        elif name in first:
            for other in partners.get(name, []):
                verdict, reason = _judge_pair(first[name], second[other])
                yield "item", name, other, item.label, verdict, reason
            if name not in partners:
                yield "item", name, "", item.label, "not", f"not asked in {after}"
        elif name in second and name not in partners:
            yield "item", "", name, item.label, "not", f"not asked in {before}"


def _judge_same(item: Item) -> tuple[Verdict, str]:
    if item.placeholder:
        return "not", "nobody knows to which words the answers belong"
    if item.wording != "full":
        return "same", "same item; its exact words are not in the codebook"
    return "same", "same item"


def _judge_pair(
    old: tuple[Instrument, Item], new: tuple[Instrument, Item]
) -> tuple[Verdict, str]:
    """Compare two items that the codebook sets side by side."""
    before, after = old[1], new[1]
    if before.placeholder or after.placeholder:
        return "not", "nobody knows to which words the answers belong"
    if before.response.kind != after.response.kind:
        kinds = f"{before.response.kind}, then {after.response.kind}"
        return "not", f"another kind of answer: {kinds}"
    known = before.wording == after.wording == "full"
    same = before.text == after.text if known else before.label == after.label
    differences = [] if same and known else ["other words"]
    if same and not known:
        differences = ["the exact words are not in the codebook"]
    if before.aspect != after.aspect:
        differences.append(f"{before.aspect}, then {after.aspect}")
    if before.reversed != after.reversed:
        differences.append("worded the other way round")
    if before.response != after.response:
        answers = f"{_answers(before.response)}, then {_answers(after.response)}"
        differences.append(f"other answers: {answers}")
    if old[0].eligibility != new[0].eligibility:
        differences.append("asked of other people")
    return "with care", "; ".join(differences) or "another item, of the same words"


def _answers(response: Response) -> str:
    labels = response.labels or tuple(choice.label for choice in response.choices)
    ends = f" ({labels[0]} … {labels[-1]})" if labels else ""
    return response.allowed() + ends


def _scale_rows(
    codebook: Codebook, first: Asked, second: Asked, before: int, after: int
) -> Iterator[tuple[str, str, str, str, Verdict, str]]:
    """Compare scales: the same scale is one that is made of the same items."""
    for instrument in codebook.instruments.values():
        for scale in instrument.scales.values():
            names = {item.id for item in scale.items}
            old, new = names & set(first), names & set(second)
            if not old | new:
                continue
            there = (scale.id if old else "", scale.id if new else "")
            if old == new:
                yield "scale", *there, scale.label, "same", "the same items"
                continue
            parts = [
                f"only in {year}: {', '.join(sorted(items))}"
                for year, items in ((before, old - new), (after, new - old))
                if items
            ]
            yield "scale", *there, scale.label, "not", "; ".join(parts)
