"""Makes a questionnaire from the codebook, and refuses what cannot be asked.

A survey tool drops or renames what it does not like without a word, and the
answers with it. So everything is checked here, before a file is written.
"""

from collections.abc import Collection
from dataclasses import replace
from unicodedata import category

from swtlib.codebook import TEAM_ITEM, Codebook, Instrument, Item
from swtlib.errors import CodebookError, did_you_mean
from swtlib.questionnaire.codes import code_problems
from swtlib.questionnaire.model import Condition, Page, Question, Questionnaire, Row
from swtlib.questionnaire.texts import Texts

Asked = list[tuple[Instrument, Item]]


def build_questionnaire(
    codebook: Codebook,
    texts: Texts,
    *,
    year: int,
    teams: Collection[str] | None = None,
) -> Questionnaire:
    """Make the questionnaire of a year.

    Parameters
    ----------
    codebook : Codebook
        What is asked, of whom, and what may be answered.
    texts : Texts
        Welcome, privacy, instructions, and words the codebook does not know.
    year : int
        Wave it is for; it decides which items are asked.
    teams : collection of str, optional
        Ids of the teams that can be chosen; all of the codebook by default.

    Returns
    -------
    Questionnaire
        Pages, codes and order are those of the codebook.

    Raises
    ------
    CodebookError
        With one line per problem: an item of which it is not known what was
        asked, a code that a survey tool would drop or change, a condition on
        a question that comes later.

    Examples
    --------
    >>> from swtlib import load_codebook
    >>> from swtlib.questionnaire import load_texts
    >>> coming = build_questionnaire(load_codebook(), load_texts(), year=2016)
    >>> [question.code for question in coming.pages[0].questions]
    ['geslacht', 'leeftijd', 'team', 'functie', 'ervaring']
    """
    asked: Asked = list(codebook.columns(year).values())
    if not asked:
        raise CodebookError(f"the codebook asks nothing in {year}. Look at the year.")
    codebook.check_team_item(year)
    problems = _texts_problems(codebook, texts)
    problems += _unknown_words(asked, texts, year)
    problems += _order_problems(asked, year)
    known = set(codebook.teams) if teams is None else set(teams)
    deciding = {instrument.eligibility.item for instrument, _ in asked}
    pages = []
    for number in sorted({instrument.page for instrument, _ in asked}):
        here = [pair for pair in asked if pair[0].page == number]
        groups: dict[tuple[str, str], Asked] = {}
        for instrument, item in here:
            groups.setdefault((instrument.id, item.question), []).append(
                (instrument, item)
            )
        titles = dict.fromkeys(instrument.label for instrument, _ in here)
        pages.append(
            Page(
                title=" · ".join(titles),
                questions=tuple(
                    _question(codebook, texts, group, known, deciding)
                    for group in groups.values()
                ),
            )
        )
    questions = [question for page in pages for question in page.questions]
    problems += code_problems(questions)
    problems += _odd_signs(texts, questions)
    if problems:
        raise CodebookError(
            f"the questionnaire of {year} cannot be written:\n  "
            + "\n  ".join(problems)
        )
    contact = f"\n\n{texts.contact}" if texts.contact else ""
    return Questionnaire(
        year=year,
        language=texts.language,
        title=texts.title.replace("{year}", str(year)),
        welcome=texts.welcome + contact,
        privacy=texts.privacy,
        end=texts.end,
        pages=tuple(pages),
        remarks=tuple(_remarks(codebook, texts, asked)),
    )


def _question(
    codebook: Codebook, texts: Texts, group: Asked, teams: set[str], deciding: set[str]
) -> Question:
    instrument, first = group[0]
    response = first.response
    if first.id == TEAM_ITEM:
        choices = tuple(choice for choice in response.choices if choice.id in teams)
        response = replace(response, choices=choices)
    rows = tuple(
        Row(
            code=item.code,
            item=item.id,
            text=_words(item, texts),
            to_check=item.wording != "full" and item.id not in texts.wording,
        )
        for _, item in group
    )
    stem = instrument.stems[first.question] or texts.stem.get(first.question, "")
    instruction = texts.instruction.get(response.kind, "") if first.code else ""
    for key, bound in (("{low}", response.low), ("{high}", response.high)):
        if bound is not None:
            instruction = instruction.replace(key, f"{bound:g}")
    if not first.code:
        text, help_text = rows[0].text, stem
    else:
        text, help_text = (stem, instruction) if stem else (instruction, "")
    return Question(
        code=first.question,
        text=text,
        help=help_text,
        rows=rows,
        response=response,
        mandatory=any(item.id == TEAM_ITEM or item.id in deciding for _, item in group),
        condition=_condition(codebook, instrument),
    )


def _words(item: Item, texts: Texts) -> str:
    return item.text or texts.wording.get(item.id, item.label)


def _condition(codebook: Codebook, instrument: Instrument) -> Condition | None:
    rule = instrument.eligibility
    if not rule.excluded:
        return None
    item = next(item for _, item in codebook.items() if item.id == rule.item)
    chosen = [c for c in item.response.choices if c.id in rule.excluded]
    return Condition(
        variable=f"{item.question}_{item.code}" if item.code else item.question,
        codes=tuple(choice.code for choice in chosen),
        labels=tuple(choice.label for choice in chosen),
    )


def _unknown_words(asked: Asked, texts: Texts, year: int) -> list[str]:
    """Name every item of which it is not known what was asked."""
    problems = []
    for instrument, item in asked:
        place = f"{item.id} ({instrument.id}.toml, '{item.label}')"
        if item.placeholder:
            problems.append(
                f"{place}: it is not known what was asked. End it with last_wave = "
                f"{year - 1}, and add a new item with the words to be asked."
            )
        elif item.wording == "unknown" and item.id not in texts.wording:
            problems.append(
                f"{place}: its wording is not known. Add the words to be asked under "
                "[wording] in questionnaire/texts.toml."
            )
    return problems


def _texts_problems(codebook: Codebook, texts: Texts) -> list[str]:
    """See that texts.toml adds words, and never goes against the codebook."""
    items = {item.id: item for _, item in codebook.items()}
    stems = {
        code: text
        for instrument in codebook.instruments.values()
        for code, text in instrument.stems.items()
    }
    problems = [
        f"texts.toml, [wording]: there is no item '{name}'." + did_you_mean(name, items)
        for name in texts.wording
        if name not in items
    ]
    problems += [
        f"texts.toml, [wording]: the wording of '{name}' is known. Other words make "
        "another item: take the line out, or add an item with first_wave."
        for name in texts.wording
        if name in items and items[name].wording == "full"
    ]
    problems += [
        f"texts.toml, [stem]: there is no question '{code}'."
        + did_you_mean(code, stems)
        for code in texts.stem
        if code not in stems
    ]
    problems += [
        f"texts.toml, [stem]: question '{code}' has its own text in the codebook. "
        "Take the line out."
        for code in texts.stem
        if stems.get(code)
    ]
    return problems


def _odd_signs(texts: Texts, questions: list[Question]) -> list[str]:
    """Find signs that cannot be seen and that no document may hold."""
    words = {
        f"texts.toml, '{key}'": getattr(texts, key)
        for key in ("title", "contact", "welcome", "privacy", "end")
    }
    for question in questions:
        name = f"question '{question.code}'"
        words[name] = " ".join([question.text, question.help])
        words[f"{name}, answers"] = " ".join(label for _, label in question.options())
        words |= {f"item '{row.item}'": row.text for row in question.rows}
    return [
        f"{place}: the text holds a control character. Type it again."
        for place, text in words.items()
        if any(category(sign) == "Cc" and not sign.isspace() for sign in text)
    ]


def _order_problems(asked: Asked, year: int) -> list[str]:
    """See that who skips a block was asked for the reason before."""
    pages = {item.id: instrument.page for instrument, item in asked}
    problems = []
    for instrument in {i.id: i for i, _ in asked}.values():
        name = instrument.eligibility.item
        if not name:
            continue
        if name not in pages:
            problems.append(
                f"{instrument.id}.toml, [asked_of]: '{name}' is not asked in {year}. "
                "Ask it, or take [asked_of] out."
            )
        elif pages[name] >= instrument.page:
            problems.append(
                f"{instrument.id}.toml, [asked_of]: '{name}' is asked on page "
                f"{pages[name]}, not before page {instrument.page}. Change 'page'."
            )
    return problems


def _remarks(codebook: Codebook, texts: Texts, asked: Asked) -> list[str]:
    remarks = []
    loose = [
        f"{item.id}: {item.label}"
        for _, item in asked
        if item.wording not in ("full", "unknown") and item.id not in texts.wording
    ]
    if loose:
        remarks.append(
            f"Check the words of {len(loose)} items; the codebook has a paraphrase or "
            "a label only, and that is what is written:\n  " + "\n  ".join(loose)
        )
    filled = [item.id for _, item in asked if item.id in texts.wording]
    if filled:
        remarks.append(f"Worded in texts.toml: {', '.join(filled)}.")
    lost = [i.id for _, i in codebook.items() if i.placeholder and i.column is None]
    if lost:
        remarks.append(
            f"Left out, as nobody knows how it was asked: {', '.join(lost)}."
        )
    codes = [i.id for _, i in asked if i.response.missing_codes]
    if codes:
        remarks.append(
            "The codebook has missing_codes, but no label for them; they are not "
            f"offered as an answer: {', '.join(codes)}."
        )
    if not texts.contact:
        remarks.append(
            "The welcome text names nobody to turn to: fill in 'contact' in texts.toml."
        )
    return remarks
