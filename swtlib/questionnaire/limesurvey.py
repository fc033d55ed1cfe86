"""LimeSurvey's tab-separated survey structure.

UTF-8 with a byte order mark: without it LimeSurvey guesses the encoding from
the first 10,000 bytes, and takes Dutch for Japanese when an accented letter
lies across that border. Cells are quoted as in CSV.
"""

import csv
import html
import io

from swtlib.questionnaire.model import Condition, Question, Questionnaire, paragraphs

COLUMNS = (
    "class",
    "type/scale",
    "name",
    "relevance",
    "text",
    "help",
    "language",
    "validation",
    "mandatory",
    "other",
    "default",
    "same_default",
    "num_value_int_only",
    "min_num_value_n",
    "max_num_value_n",
)
SETTINGS = {  # what can be chosen for the survey as a whole
    "format": "G",  # a page per group
    "anonymized": "Y",
    "datestamp": "Y",
    "ipaddr": "N",
    "refurl": "N",
    "savetimings": "N",
    "shownoanswer": "Y",
    "allowprev": "Y",
    "showwelcome": "Y",
}
COMMA, DAY_FIRST = "1", "2"  # decimal sign, dd-mm-yyyy
ALWAYS = "1"
SINGLE = {"scale": "L", "choice": "L", "number": "N", "text": "T"}
LISTS = {"scale": "F", "choice": "F", "number": "K", "text": "Q"}


def limesurvey_structure(questionnaire: Questionnaire) -> bytes:
    """Write a questionnaire as a file that LimeSurvey imports.

    Parameters
    ----------
    questionnaire : Questionnaire
        Checked, as from `build_questionnaire`.

    Returns
    -------
    bytes
        Content of a ``.txt`` file: settings, texts, then each page with its
        questions, rows and answers, the language in every row.

    References
    ----------
    LimeSurvey manual, Tab Separated Value survey structure.
    """
    language = questionnaire.language
    rows: list[dict[str, str]] = [
        {"class": "S", "name": name, "text": value}
        for name, value in {"language": language, **SETTINGS}.items()
    ]
    welcome = _block(questionnaire.welcome) + _block(questionnaire.privacy)
    about = {
        "surveyls_title": as_html(questionnaire.title),
        "surveyls_welcometext": welcome,
        "surveyls_endtext": _block(questionnaire.end),
        "surveyls_numberformat": COMMA,
        "surveyls_dateformat": DAY_FIRST,
    }
    rows += [{"class": "SL", "name": k, "text": v} for k, v in about.items()]
    for number, page in enumerate(questionnaire.pages, start=1):
        rows.append(
            {
                "class": "G",
                "type/scale": str(number),
                "name": as_html(page.title),
                "relevance": relevance(page.condition),
            }
        )
        for question in page.questions:
            # A condition of the whole page stands there only.
            own = None if page.condition else question.condition
            rows += _question_rows(question, own)
    buffer = io.StringIO(newline="")
    table = csv.DictWriter(buffer, COLUMNS, delimiter="\t", lineterminator="\n")
    table.writeheader()
    for row in rows:
        spoken = {} if row["class"] == "S" else {"language": language}
        table.writerow({**row, **spoken})
    return buffer.getvalue().encode("utf-8-sig")


def relevance(condition: Condition | None) -> str:
    """Write a condition as a LimeSurvey expression.

    Someone who left the deciding question open is asked, as in the codebook.

    Examples
    --------
    >>> relevance(Condition(variable="functie", codes=("F2",), labels=("leider",)))
    'functie.NAOK != "F2"'
    """
    if condition is None:
        return ALWAYS
    return " and ".join(f'{condition.variable}.NAOK != "{c}"' for c in condition.codes)


def as_html(text: str) -> str:
    r"""Write a text so that LimeSurvey shows it as it is.

    LimeSurvey reads texts as HTML and what stands in braces as an expression;
    its CSV reader takes a quote after a backslash for a part of the text.

    Examples
    --------
    >>> as_html("Werk & {leven}")
    'Werk &amp; &#123;leven&#125;'
    """
    escaped = html.escape(" ".join(text.split()), quote=False)
    for sign in "{}\\":
        escaped = escaped.replace(sign, f"&#{ord(sign)};")
    return escaped


def _block(text: str) -> str:
    return "".join(f"<p>{as_html(part)}</p>" for part in paragraphs(text))


def _question_rows(
    question: Question, condition: Condition | None
) -> list[dict[str, str]]:
    types = SINGLE if question.single else LISTS
    answers = question.response
    head = {
        "class": "Q",
        "type/scale": types[answers.kind],
        "name": question.code,
        "relevance": relevance(condition),
        "text": as_html(question.text),
        "help": as_html(question.help),
        "mandatory": "Y" if question.mandatory else "N",
        "other": "N",
    }
    if answers.kind == "number":
        head["num_value_int_only"] = "1" if answers.whole else "0"
        head["min_num_value_n"] = f"{answers.low:g}"
        head["max_num_value_n"] = f"{answers.high:g}"
    rows = [
        {
            "class": "SQ",
            "type/scale": "0",
            "name": row.code,
            "relevance": ALWAYS,
            "text": as_html(row.text),
        }
        for row in question.rows
        if row.code
    ]
    options = [
        {"class": "A", "type/scale": "0", "name": code, "text": as_html(label)}
        for code, label in question.options()
    ]
    return [head, *rows, *options]
