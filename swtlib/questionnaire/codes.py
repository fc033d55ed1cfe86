"""Which codes a survey tool keeps as they are.

LimeSurvey drops, cuts or renames the others, says that the import succeeded,
and loses answers later. Two codes that differ in case only are one code to
some databases.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from swtlib.questionnaire.model import Question
from swtlib.readers.limesurvey import ABOUT_RESPONSE

QUESTION = re.compile(r"[A-Za-z][A-Za-z0-9]{0,19}")
ROW = re.compile(r"[A-Za-z0-9]{1,20}")
ANSWER = re.compile(r"[A-Za-z0-9]{1,5}")
# Words that LimeSurvey uses itself, as code or as heading of an export.
TAKEN = frozenset(
    {"id", "time", "other", "comment", "token", "ipaddr", "refurl", *ABOUT_RESPONSE}
)


def code_problems(questions: Sequence[Question]) -> list[str]:
    """Name every code that would not survive an import.

    Parameters
    ----------
    questions : sequence of Question
        All of one questionnaire.

    Returns
    -------
    list of str
        One line each; empty if all is well.
    """
    problems = [
        f"question code '{code}' is used {n} times. Give each question its own."
        for code, n in _repeated(question.code for question in questions)
    ]
    for question in questions:
        problems += _problems_of(question)
    return problems


def _problems_of(question: Question) -> list[str]:
    name = f"question '{question.code}'"
    problems = []
    if not QUESTION.fullmatch(question.code) or question.code.casefold() in TAKEN:
        problems.append(
            f"{name}: a question code is 1-20 letters and digits, starts with a "
            f"letter, and is none of {', '.join(sorted(TAKEN))}."
        )
    rows = [row.code for row in question.rows]
    if len(rows) > 1 and "" in rows:
        problems.append(f"{name}: an item has no code. Give each of its items one.")
    for code in rows:
        if code and (not ROW.fullmatch(code) or code.casefold() in TAKEN):
            problems.append(
                f"{name}, item code '{code}': it is 1-20 letters and digits, and none "
                f"of {', '.join(sorted(TAKEN))}."
            )
    problems += [
        f"{name}: item code '{code}' is used {n} times."
        for code, n in _repeated(code for code in rows if code)
    ]
    options = question.options()
    if question.response.kind in ("scale", "choice") and not options:
        problems.append(f"{name}: there is nothing to choose from.")
    problems += [
        f"{name}: answer code '{code}' must be 1-5 letters and digits; LimeSurvey "
        "drops every answer with another code. Change 'code' or 'prefix'."
        for code, _ in options
        if not ANSWER.fullmatch(code)
    ]
    problems += [
        f"{name}: answer code '{code}' is used {n} times."
        for code, n in _repeated(code for code, _ in options)
    ]
    return problems


def _repeated(codes: Iterable[str]) -> list[tuple[str, int]]:
    counts = Counter(code.casefold() for code in codes)
    return [(code, n) for code, n in counts.items() if n > 1]
