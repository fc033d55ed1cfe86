"""Qualtrics' advanced text format.

The format holds questions and answers, no conditions and no validation: those
are set by hand after the import, and `by_hand` lists them.
"""

import html

from swtlib.questionnaire.model import Condition, Question, Questionnaire, paragraphs


def qualtrics_text(questionnaire: Questionnaire) -> bytes:
    """Write a questionnaire as a text file that Qualtrics imports.

    Parameters
    ----------
    questionnaire : Questionnaire
        Checked, as from `build_questionnaire`.

    Returns
    -------
    bytes
        Content of a ``.txt`` file in UTF-8, without byte order mark: the file
        must begin with its first tag. A block per page; Qualtrics starts a
        block on a new screen.

    References
    ----------
    Qualtrics support, Import & Export Surveys, advanced format TXT.
    """
    welcome = paragraphs(questionnaire.welcome) + paragraphs(questionnaire.privacy)
    parts = [
        ["[[AdvancedFormat]]"],
        ["[[Block:Welkom]]"],
        ["[[Question:DB]]", "[[ID:welkom]]", "<br><br>".join(map(as_line, welcome))],
    ]
    for page in questionnaire.pages:
        parts.append([f"[[Block:{as_line(page.title)}]]"])
        parts += [_question_lines(question) for question in page.questions]
    text = "\n\n".join("\n".join(lines) for lines in parts)
    return f"{text}\n".encode()


def by_hand(questionnaire: Questionnaire) -> list[str]:
    """List what must be set in Qualtrics after the import.

    Parameters
    ----------
    questionnaire : Questionnaire
        That was written.

    Returns
    -------
    list of str
        One line each.
    """
    lines = [f"In Qualtrics, name the survey: {questionnaire.title}."]
    for page in questionnaire.pages:
        if page.condition:
            shown = f"Survey flow: show block '{page.title}'"
            lines.append(f"In Qualtrics, {shown} {_unless(page.condition)}.")
            continue
        for question in page.questions:
            if question.condition:
                shown = f"display logic: show question '{question.code}'"
                lines.append(f"In Qualtrics, {shown} {_unless(question.condition)}.")
    lines += [
        f"In Qualtrics, question '{question.code}': accept numbers only, "
        f"{question.response.allowed()}."
        for question in questionnaire.questions()
        if question.response.kind == "number" and not _answers(question)
    ]
    needed = [q.code for q in questionnaire.questions() if q.mandatory]
    lines.append(f"In Qualtrics, force a response to: {', '.join(needed)}.")
    lines.append("In Qualtrics, end of survey: paste 'end' of texts.toml.")
    return lines


def _unless(condition: Condition) -> str:
    answers = "' or '".join(condition.labels)
    return f"only if the answer to '{condition.variable}' is not '{answers}'"


def as_line(text: str) -> str:
    """Write a text as one line that holds no tag and no piped text.

    Examples
    --------
    >>> as_line("Werk & [[Block]]")
    'Werk &amp; &#91;&#91;Block&#93;&#93;'
    """
    escaped = html.escape(" ".join(text.split()), quote=False)
    for sign in "[]$":
        escaped = escaped.replace(sign, f"&#{ord(sign)};")
    return escaped


def _question_lines(question: Question) -> list[str]:
    texts = [as_line(part) for part in (question.text, question.help) if part]
    lines = [f"[[ID:{question.code}]]", "<br>".join(texts)]
    answers = _answers(question)
    if question.single and answers:
        head = "[[Question:MC:SingleAnswer:Vertical]]"
        return [head, *lines, "[[AdvancedChoices]]", *_tagged("Choice", answers)]
    if question.single:
        size = "Essay" if question.response.kind == "text" else "SingleLine"
        return [f"[[Question:TE:{size}]]", *lines]
    rows = ["[[Choices]]", *(as_line(row.text) for row in question.rows)]
    if not answers:  # a list of texts, or of numbers with decimals
        return ["[[Question:TE:Form]]", *lines, *rows]
    points = ["[[AdvancedAnswers]]", *_tagged("Answer", answers)]
    return ["[[Question:Matrix]]", *lines, *rows, *points]


def _answers(question: Question) -> list[tuple[str, str]]:
    """Give value and label of each answer; a list of marks 0-10 has eleven.

    The options of a choice have no value: their codes are letters, and
    Qualtrics takes numbers only. Export such a survey with choice texts.
    """
    answers = question.response
    if answers.kind == "choice":
        return [("", label) for _, label in question.options()]
    if answers.low is None or answers.high is None:
        return []
    if answers.kind == "number" and (question.single or not answers.whole):
        return []
    values = [str(v) for v in range(int(answers.low), int(answers.high) + 1)]
    return list(zip(values, answers.labels or values, strict=True))


def _tagged(tag: str, answers: list[tuple[str, str]]) -> list[str]:
    return [
        line
        for value, label in answers
        for line in (f"[[{tag}:{value}]]" if value else f"[[{tag}]]", as_line(label))
    ]
