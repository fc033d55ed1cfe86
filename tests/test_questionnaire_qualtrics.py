"""Qualtrics' advanced text format, read back line by line."""

import html
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swtlib.codebook import Response, load_codebook
from swtlib.questionnaire import (
    Condition,
    Page,
    Question,
    Questionnaire,
    Row,
    build_questionnaire,
    load_texts,
    render_questionnaire,
    write_questionnaire,
)

YEAR = 2016


@dataclass
class Asked:
    kind: str
    id: str
    text: str
    choices: list[tuple[str, str]] = field(default_factory=list)
    answers: list[tuple[str, str]] = field(default_factory=list)


def read_qualtrics(content: bytes) -> dict[str, list[Asked]]:
    """Read the advanced format line by line: blocks with their questions."""
    lines = content.decode("utf-8").split("\n")
    assert lines[0] == "[[AdvancedFormat]]"
    blocks: dict[str, list[Asked]] = {}
    place: list[tuple[str, str]] | None = None
    value, advanced = "", False
    for line in lines[1:]:
        tag = line[2:-2] if line.startswith("[[") and line.endswith("]]") else ""
        name, _, rest = tag.partition(":")
        text = html.unescape(line)
        if not line:
            continue
        if name == "Block":
            blocks[html.unescape(rest)] = []
        elif name == "Question":
            place = None
            list(blocks.values())[-1].append(Asked(rest, "", ""))
        elif name == "ID":
            list(blocks.values())[-1][-1].id = rest
        elif name in ("Choices", "AdvancedChoices", "AdvancedAnswers"):
            asked = list(blocks.values())[-1][-1]
            place = asked.answers if name.endswith("Answers") else asked.choices
            advanced = name.startswith("Advanced")
        elif name in ("Choice", "Answer"):
            value = rest
            assert place is not None
            place.append((value, ""))
        else:
            assert not tag, f"unknown tag {tag}"
            if place is None:
                asked = list(blocks.values())[-1][-1]
                assert not asked.text, "a question of more than one line"
                asked.text = text
            elif advanced:
                place[-1] = (place[-1][0], text)
            else:
                place.append(("", text))
    return blocks


@pytest.fixture(scope="module")
def coming() -> Questionnaire:
    return build_questionnaire(load_codebook(), load_texts(), year=YEAR)


def test_qualtrics_has_a_block_per_page_and_a_matrix_per_list(
    coming: Questionnaire,
) -> None:
    blocks = read_qualtrics(render_questionnaire(coming, "qualtrics"))
    assert list(blocks)[1:] == [page.title for page in coming.pages]
    found = {q.id: q for block in blocks.values() for q in block}
    kinds = {
        question.code: found[question.code].kind for question in coming.questions()
    }
    assert kinds["leeftijd"] == "TE:SingleLine"
    assert kinds["nodig"] == "TE:Essay"
    assert kinds["team"] == "MC:SingleAnswer:Vertical"
    assert {kinds[c] for c in ("gdnu", "bakens", "heb", "slot")} == {"Matrix"}
    assert [value for value, _ in found["heb"].answers] == [str(n) for n in range(11)]
    assert found["gdnu"].answers[-1] == ("4", "volledig eens")
    bakens = next(q for q in coming.questions() if q.code == "bakens")
    assert [t for _, t in found["bakens"].choices] == [row.text for row in bakens.rows]


def test_qualtrics_lists_what_its_format_cannot_hold(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    told = "\n".join(write_questionnaire(YEAR, "qualtrics").remarks)
    assert "'Groepsdynamica en self-efficacy' only if the answer to 'functie'" in told
    assert "question 'leeftijd': accept numbers only, 16-75" in told
    assert "force a response to: team, functie" in told


def tiny(text: str, label: str) -> Questionnaire:
    answers = Response(kind="scale", low=0, high=1, labels=(label, text), prefix="A")
    question = Question(
        code="q",
        text=text,
        help=label,
        rows=(Row(code="a", item="i1", text=label, to_check=False),
              Row(code="b", item="i2", text=text, to_check=True)),
        response=answers,
        mandatory=False,
        condition=Condition(variable="v", codes=("1",), labels=("x",)),
    )  # fmt: skip
    return Questionnaire(
        year=YEAR,
        language="nl",
        title=text,
        welcome=text,
        privacy=label,
        end=label,
        pages=(Page(title=label, questions=(question,)),),
    )


SIGNS = st.sampled_from([*"\"'\\\t\n;,[]{}$&<>=|é€‘’ a1.:#", "[[", "]]", '\\"'])
TEXTS = st.lists(SIGNS, min_size=1).map("".join) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), min_size=1
)


def plain(text: str) -> str:
    return " ".join(text.split())


@given(TEXTS, TEXTS)
def test_no_text_is_taken_for_a_tag_or_piped_in(text: str, label: str) -> None:
    lines = render_questionnaire(tiny(text, label), "qualtrics").decode("utf-8")
    assert "${" not in lines
    tags = [line for line in lines.split("\n") if "[" in line or "]" in line]
    known = (
        r"\[\[(AdvancedFormat|Block:[^\[\]]*|Question:\w+|ID:\w+|Choices"
        r"|AdvancedAnswers|Answer:\d)\]\]"
    )
    assert all(re.fullmatch(known, tag) for tag in tags)


@given(TEXTS.filter(plain), TEXTS.filter(plain))
def test_any_text_survives_qualtrics_format(text: str, label: str) -> None:
    blocks = read_qualtrics(render_questionnaire(tiny(text, label), "qualtrics"))
    (question,) = blocks[plain(label)]
    assert [t for _, t in question.choices] == [plain(label), plain(text)]
    assert question.answers == [("0", plain(label)), ("1", plain(text))]
