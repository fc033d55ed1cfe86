"""What codebook, wave and printed figures say beside a recounted figure.

``check_2015.toml`` has a line for many rows, such as ``"tabel 2: {p_t2_elburg_n}"``;
here the names in braces get their values.
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from swtlib.codebook import Codebook
from swtlib.errors import CodebookError, did_you_mean
from swtlib.reproduction.columns import column_n, least_n
from swtlib.reproduction.counting import exact, percentage, round_half_up
from swtlib.reproduction.published import (
    Published,
    load_published,
    load_remarks,
)
from swtlib.reproduction.recount import Answers
from swtlib.wave import Wave

AGREE, DISAGREE = (3, 4), (0, 1)
REST = ("figuur 38", "figuur 39", "figuur 41")  # §5.6, 'de overige drie stellingen'


@dataclass(frozen=True)
class Known:
    """Values for the names that ``check_2015.toml`` uses in braces."""

    values: Mapping[str, str]
    numbers: Mapping[str, str]

    def other(self, row: Published) -> str:
        """Give the other figure of a row, in Dutch; empty if there is none."""
        if row.statistic == "baken_label":
            return f"codebook: {self.numbers[row.item]}"
        return self.fill("other", row.id)

    def fill(self, table: str, name: str) -> str:
        """Give a remark of ``check_2015.toml`` with its values filled in."""
        template = str(load_remarks()[table].get(name, ""))
        for _, field, _, _ in string.Formatter().parse(template):
            if field is not None and field not in self.values:
                raise CodebookError(
                    f"check_2015.toml, [{table}] {name}: there is no '{field}'."
                    + did_you_mean(field, self.values)
                )
        return template.format_map(self.values)


def dutch(value: Fraction | None, digits: int) -> str:
    """Write a figure with a decimal comma, a half rounded up; empty for None.

    Examples
    --------
    >>> dutch(Fraction("0.405"), 2)
    '0,41'
    """
    if value is None:
        return ""
    return f"{float(round_half_up(value, digits)):.{digits}f}".replace(".", ",")


def known_facts(wave: Wave, answers: Answers) -> Known:
    """Collect all values, from the codebook, the wave and the printed figures.

    Parameters
    ----------
    wave : Wave
        Of 2015.
    answers : Answers
        The same wave, as it is recounted.

    Returns
    -------
    Known
    """
    values = {f"p_{row.id}": dutch(row.value, row.digits) for row in load_published()}
    for heading, n in column_n().items():
        values |= {f"g_{heading}": str(n), f"g_least_{heading}": str(least_n(heading))}
    values |= _codebook_facts(wave.codebook)
    values |= _open_facts(wave)
    values |= _wave_facts(wave, answers)
    return Known(values, _baken_numbers(wave.codebook))


def _codebook_facts(codebook: Codebook) -> dict[str, str]:
    dynamics = codebook.instruments["groepsdynamica"]
    bakens = codebook.instruments["bakens"]
    grades = codebook.instruments["competenties"]
    aspects = [item.aspect for item in dynamics.answered_items()]
    counted = {item.id for scale in bakens.scales.values() for item in scale.items}
    closing = [
        item
        for item in codebook.instruments["organisatie"].answered_items()
        if any(f"figuur {n}" in item.source for n in (39, 40, 41))
    ]
    self_efficacy = dynamics.scales_of(group="self_efficacy")
    facts: dict[str, object] = {
        "groepsdynamica": len(aspects),
        "groepsdynamica_current": aspects.count("current"),
        "groepsdynamica_importance": aspects.count("importance"),
        "bakens": len(bakens.scales),
        "baken_items": len(bakens.answered_items()),
        "baken_items_counted": len(counted),
        "closing": len(closing),
        "self_efficacy": sum(len(scale.items) for scale in self_efficacy),
        "figure_40": sum("figuur 40" in item.source for item in closing),
        "figures_rest": len(_rest(codebook)),
        "teams_zwolle": len(_zwolle(codebook)),
    }
    for name, instrument in (
        ("agree", dynamics),
        ("frequency", bakens),
        ("grade", grades),
    ):
        response = instrument.answered_items()[0].response
        facts[f"{name}_low"] = f"{response.low:g}"
        facts[f"{name}_high"] = f"{response.high:g}"
    for scale in bakens.scales.values():
        facts[f"han_{scale.numbers['han']}"] = scale.label
    return {f"c_{name}": str(fact) for name, fact in facts.items()}


def _baken_numbers(codebook: Codebook) -> dict[str, str]:
    """Say in which baken each statement counts, in the order of the reflector."""
    bakens = codebook.instruments["bakens"]
    said = dict.fromkeys(bakens.items, "telt in geen baken mee")
    for scale in bakens.scales.values():
        for item in scale.items:
            said[item.id] = f"{scale.numbers['han']} ({scale.label})"
    return said


def _open_facts(wave: Wave) -> dict[str, str]:
    """Count the reviewed list of open answers of the wave, per theme."""
    answers = wave.open_answers()
    facts = {"themes": answers["theme"].nunique(), "total": len(answers)}
    for theme, n in answers["theme"].value_counts().items():
        name = str(theme).lower().replace("/", "_").replace(" en ", "_")
        facts[name] = int(n)
    for name, words in load_remarks()["open_words"].items():
        found = answers["answer"].str.contains(words, regex=False)
        facts[f"text_{name}"] = int(found.sum())
    return {f"o_{name}": str(fact) for name, fact in facts.items()}


def _wave_facts(wave: Wave, answers: Answers) -> dict[str, str]:
    codebook, frame = wave.codebook, wave.respondents
    zwolle = _zwolle(codebook)
    sizes = {team: wave.members.get(team) for team in codebook.teams}
    known = [size for team in zwolle if (size := sizes[team]) is not None]
    present = int(frame["team"].isin(zwolle).sum())
    teams = set(frame["team"])
    facts: dict[str, object] = {
        "responded": wave.n_responded,
        "dropped": wave.n_dropped,
        "teams": len(teams),
        "teams_zwolle_elburg": len(teams & {*zwolle, "elburg"}),
        "zwolle": present,
        "members_zwolle": sum(known),
        "members_zwolle_min": min(known, default="onbekend"),
        "members_zwolle_max": max(known, default="onbekend"),
        "rate_zwolle": dutch(Fraction(100 * present, sum(known) or 1), 0),
        "efficienter_0": sum(
            value == 0 for value in _answers(answers, "exp_efficienter")
        ),
        "besluitvorming_oneens": _share(answers, "org_besluitvorming", DISAGREE),
        "rest_eens": ", ".join(
            f"{_share(answers, item, AGREE)}%" for item in _rest(codebook)
        ),
    }
    for team, size in sizes.items():
        facts[f"members_{team}"] = "onbekend" if size is None else size
    block = frame[[item for item in answers.items("gd_cur_") if item in frame]]
    answered = frame.loc[block.notna().any(axis=1), "team"]
    for team in codebook.teams:
        facts[f"staff_{team}"] = int((answered == team).sum())
    return {f"w_{name}": str(fact) for name, fact in facts.items()}


def _zwolle(codebook: Codebook) -> list[str]:
    return [t.id for t in codebook.teams.values() if t.municipality == "Zwolle"]


def _rest(codebook: Codebook) -> list[str]:
    """Give the statements of §5.6 outside figure 40."""
    return [
        item.id
        for item in codebook.instruments["organisatie"].answered_items()
        if any(figure in item.source for figure in REST)
    ]


def _answers(answers: Answers, item: str) -> list[Fraction]:
    return exact(answers.frame[item]) if item in answers.frame else []


def _share(answers: Answers, item: str, counted: tuple[int, ...]) -> str:
    values = _answers(answers, item)
    return dutch(percentage(values, counted), 1) if values else "–"
