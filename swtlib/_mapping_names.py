"""What an item may be called in a file: by its codes, or in words."""

from collections.abc import Mapping
from typing import Literal

from swtlib.codebook import Codebook, Instrument, Item
from swtlib.questionnaire.texts import TEXTS_PLACE, load_texts
from swtlib.readers._columns import plain_words

COMPARED = 300  # signs of a wording; later ones decide nothing

Words = Literal["wording", "label"]


class Names:
    """The names of all items of a wave, compared as plain words.

    Parameters
    ----------
    codebook : Codebook
        What was asked. The words that its ``questionnaire/texts.toml`` adds are
        names as well: a survey tool writes them above the answers.
    columns : mapping of str to (Instrument, Item)
        Of the wave, by heading.
    """

    def __init__(
        self, codebook: Codebook, columns: Mapping[str, tuple[Instrument, Item]]
    ) -> None:
        self._columns = columns
        self._codes: dict[str, str] = {}
        for column, (_, item) in columns.items():
            self._codes[item.id] = item.id
            if item.code:
                self._codes[f"{item.question}_{item.code}"] = item.id
            self._codes[column] = item.id
        self._words: dict[str, dict[str, Words]] = {}
        self._rows: dict[str, dict[str, str]] = {}  # by question: words of a row
        path = codebook.folder / TEXTS_PLACE
        texts = load_texts(path) if path.is_file() else None
        for instrument, item in columns.values():
            stem = instrument.stems.get(item.question, "")
            if texts is not None:
                stem = stem or texts.stem.get(item.question, "")
            own = item.text or (texts.wording.get(item.id, "") if texts else "")
            self._add(item, stem, own)

    def _add(self, item: Item, stem: str, own: str) -> None:
        texts: list[tuple[str, Words]] = [(item.label, "label")]
        if stem:
            texts.append((f"{stem} {item.label}", "wording"))
        if own:
            texts += [(own, "wording"), (f"{stem} {own}", "wording")]
        elif stem and not item.code:
            texts.append((stem, "wording"))
        for text, how in texts:
            words = plain_words(text)
            if words and self._words.get(words, {}).get(item.id) != "wording":
                self._words.setdefault(words, {})[item.id] = how
        if item.code:
            rows = self._rows.setdefault(item.question.casefold(), {})
            rows[plain_words(own or item.label)] = item.id

    def by_code(self, text: str, heading: str) -> list[tuple[str, ...]]:
        """Match by code: exact, as ExpressionScript writes it or the id, any case."""
        for name in (heading, text):
            if name in self._columns:
                return [(self._columns[name][1].id,)]
            if name in self._codes:
                return [(), (self._codes[name],)]
        folded = heading.casefold()
        close = {our for name, our in self._codes.items() if name.casefold() == folded}
        return [(), (), tuple(sorted(close))]

    def by_wording(self, text: str, heading: str) -> tuple[Words, tuple[str, ...]]:
        """Match by the words of the question, its short name, or its row.

        Qualtrics counts the rows of a list (``gdnu_3``), and cuts what stands above
        them: there the code of the question and the words of the row decide.
        """
        words = plain_words(text)
        called = self._words.get(words, {})
        if called:
            how: Words = "wording" if "wording" in called.values() else "label"
            return how, tuple(name for name, kind in called.items() if kind == how)
        question, _, number = heading.casefold().rpartition("_")
        rows = self._rows.get(question, {}) if number.isdecimal() else {}
        ends = [row for row in rows if words.endswith(f" {row}")]
        return "wording", (rows[max(ends, key=len)],) if ends else ()

    def without(self, taken: set[str]) -> dict[str, tuple[str, ...]]:
        """Give what a heading may come close to: items that have no column yet."""
        near: dict[str, tuple[str, ...]] = {}
        for words, ids in self._words.items():
            left = tuple(name for name in ids if name not in taken)
            if left:
                near[words[:COMPARED]] = left
        for column, (_, item) in self._columns.items():
            if item.id not in taken:
                near.setdefault(plain_words(column), (item.id,))
        return near
