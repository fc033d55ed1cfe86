"""Why an answer is not there: not asked, not reached, left open, or declared.

It is found when an export is checked: from the questionnaire, which says who is
asked a block, and from the file, as far as it tells. What was left open is not
written down; all else is kept in a table beside the answers.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from swtlib.codebook import Codebook
from swtlib.mapping import ExportMapping
from swtlib.readers import RawExport

Why = Literal[
    "answered", "left open", "not applicable", "not asked", "not reached", "unknown"
]
#: Why an answer is not there, and what a page calls it.
WHY: Mapping[Why, str] = {
    "answered": "beantwoord",
    "left open": "opengelaten",
    "not applicable": "niet van toepassing",
    "not asked": "niet gevraagd",
    "not reached": "niet bereikt",
    "unknown": "niet bekend",
}


def find_missing(
    raw: RawExport,
    kept: "pd.Series[bool]",
    mapping: ExportMapping,
    codes: Mapping[str, "pd.Series[str]"],
    respondents: pd.DataFrame,
    codebook: Codebook,
    year: int,
) -> pd.DataFrame:
    """Find the answers that are missing but were not left open.

    Parameters
    ----------
    raw : RawExport
        The export; it may tell what was not shown.
    kept : Series of bool
        Its responses that count, in the order of `respondents`.
    mapping : ExportMapping
        Which column is which item.
    codes : mapping of str to Series of str
        The answers as codes by item, of the responses that count.
    respondents : DataFrame
        The answers as they were read.
    codebook, year
        What was asked.

    Returns
    -------
    DataFrame
        Columns ``respondent_id, item, why``; no row where an answer was left
        open.
    """
    told = bool(raw.not_asked.to_numpy().any())
    done = raw.completed[kept].to_numpy()
    found = []
    for instrument, item in codebook.columns(year).values():
        if item.id not in respondents or item.id not in mapping.headings:
            continue
        asked = instrument.eligibility.asked(respondents).to_numpy()
        hidden = raw.not_asked.loc[kept, mapping.headings[item.id]].to_numpy()
        why = np.full(len(respondents), "left open", dtype=object)
        if not told:  # the file has one kind of empty cell
            why[~done] = "unknown"
        why[hidden & ~done] = "not reached"
        if item.response.kind != "number":  # LimeSurvey: NULL if left open, too
            why[hidden & done] = "not asked"
        declared = codes[item.id].isin(item.response.missing_codes).to_numpy()
        why[declared] = "not applicable"
        why[~asked] = "not asked"
        rows = respondents[item.id].isna().to_numpy() & (why != "left open")
        found.append(
            pd.DataFrame(
                {
                    "respondent_id": respondents.loc[rows, "respondent_id"],
                    "item": item.id,
                    "why": why[rows],
                }
            )
        )
    return pd.concat(found, ignore_index=True).astype("str")


def tell_missing(
    respondents: pd.DataFrame, missing: pd.DataFrame, items: Sequence[str]
) -> pd.DataFrame:
    """Say of every answer whether it is there, and if not, why.

    Parameters
    ----------
    respondents : DataFrame
        Answers, NaN where there is none.
    missing : DataFrame
        From `find_missing`.
    items : sequence of str
        Items, columns of `respondents`.

    Returns
    -------
    DataFrame of category, shape (n_respondents, n_items)
        One of `WHY`, on the index of `respondents`.
    """
    kind = pd.CategoricalDtype(list(WHY))
    told: dict[str, pd.Series] = {}
    for name in items:
        own = missing.loc[missing["item"] == name]
        known = dict(zip(own["respondent_id"], own["why"], strict=True))
        why = [known.get(each, "left open") for each in respondents["respondent_id"]]
        column = pd.Series(why, index=respondents.index, dtype="object")
        told[name] = column.where(respondents[name].isna(), "answered").astype(kind)
    return pd.DataFrame(told, index=respondents.index)
