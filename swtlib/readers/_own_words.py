"""LimeSurvey's own answers: sex, yes/no, uncertain, increase, a ticked box.

R data and SPSS .dat files number them; the labels of the syntax say which is
meant. The .sav file keeps the codes, but labels numbers that never occur.
"""

from collections.abc import Collection, Mapping

# Code as in an export with answer codes, and its words in Dutch and English.
FAMILIES: tuple[Mapping[str, tuple[str, ...]], ...] = (
    {"F": ("Vrouw", "Female"), "M": ("Man", "Male")},
    {"Y": ("Ja", "Yes"), "N": ("Nee", "No")},
    {"Y": ("Ja", "Yes"), "N": ("Nee", "No"), "U": ("Weet niet", "Uncertain")},
    {
        "I": ("Toenemend", "Increase"),
        "S": ("Zelfde", "Same"),
        "D": ("Afnemend", "Decrease"),
    },
    {"Y": ("Ja", "Yes"), "": ("Niet geselecteerd", "Not selected")},
)
# Of these, nothing at all is written for "left open" too where answers are full.
OPEN_IS_NOTHING = frozenset(
    word for family in FAMILIES[2:4] for words in family.values() for word in words
)


def own_codes(labels: Mapping[str, str]) -> dict[str, str]:
    """Find the codes that numbered answers stand for, by their labels.

    Parameters
    ----------
    labels : mapping of str to str
        Label of each number, from the syntax.

    Returns
    -------
    dict of str to str
        Number to code; empty if these are not LimeSurvey's own answers.

    Examples
    --------
    >>> own_codes({"1": "Vrouw", "2": "Man"})
    {'1': 'F', '2': 'M'}
    >>> own_codes({"1": "oneens", "2": "eens"})
    {}
    """
    for family in FAMILIES:
        codes = {
            number: code
            for number, label in labels.items()
            for code, words in family.items()
            if label in words
        }
        if len(codes) == len(labels) == len(family):
            return codes
    return {}


def open_is_nothing(values: Collection[str]) -> bool:
    """Say whether "nothing at all" tells nothing about a column.

    Parameters
    ----------
    values : collection of str
        Its answers, or their labels.

    Returns
    -------
    bool
    """
    return bool(values) and OPEN_IS_NOTHING.issuperset(values)
