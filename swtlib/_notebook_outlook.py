"""What people expect of the new way of working, and a year later experience.

The first wave asked for expectations; later waves ask for experiences in
their place. A notebook names the statements of the first wave; here they are
turned into those that were asked in the year of the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from swtlib._notebook_show import Display, Shown
from swtlib.codebook import Instrument, Item
from swtlib.errors import ParameterError, did_you_mean

EXPECTED, EXPERIENCED = "verwachtingen", "ervaringen"


@dataclass(frozen=True, kw_only=True)
class OutlookDisplay(Display):
    """A display that speaks of expectations or experiences, as was asked."""

    def outlook(self) -> Instrument:
        """Give the statements on the new way of working that this wave asked.

        Returns
        -------
        Instrument
            The expectations, each replaced by the experience that is
            comparable with it where that was asked.
        """
        expected = self.instrument(EXPECTED)
        if not self._experiences():
            return expected
        experienced = self.instrument(EXPERIENCED)
        items: dict[str, Item] = {}
        for item in expected.items.values():
            for now in self._in_place_of(item.id, expected, experienced):
                items[now.id] = now
        items |= {item.id: item for item in self._experiences()}
        return replace(expected, items=items)

    def asked(self, instrument: Instrument, items: Sequence[str]) -> list[str]:
        """Turn statements into those that were asked in the year of this page.

        Parameters
        ----------
        instrument : Instrument
            From `outlook`, or any other.
        items : sequence of str
            Item ids of any wave.

        Returns
        -------
        list of str
            A statement that was not asked is replaced by the one that is
            comparable with it, or else left out.

        Raises
        ------
        ParameterError
            If there is no such item in the codebook.
        """
        known = {item.id for _, item in self.wave.codebook.items()}
        for name in items:
            if name not in known:
                raise ParameterError(
                    f"the codebook has no item '{name}'." + did_you_mean(name, known)
                )
        return [now.id for name in items for now in self._in_place_of(name, instrument)]

    def figure_asked(
        self, instrument: Instrument, items: Sequence[str], name: str, *, title: str
    ) -> Shown:
        """Draw the answers to statements as asked this year, or say they were not.

        Parameters
        ----------
        instrument, items
            As in `asked`.
        name, title
            As in `figure_answers`.

        Returns
        -------
        Shown
        """
        now = self.asked(instrument, items)
        if not now:
            told = super().title(title).partition(" (rapport:")[0]
            return self.text(
                f"{told}: deze stellingen zijn in {self.wave.year} niet gevraagd."
            )
        return self.figure_answers(
            self.answer_shares(instrument, now), name, title=title
        )

    def outlook_intro(self, instrument: Instrument) -> Shown:
        """Say what was asked for, and how well the words are known.

        Parameters
        ----------
        instrument : Instrument
            From `outlook`.

        Returns
        -------
        Shown
        """
        items = instrument.answered_items(self.wave.year)
        loose = sum(item.wording != "full" for item in items)
        n = len(self._experiences())
        asked = f"Deze meting vraagt met {len(items)} stellingen naar verwachtingen."
        if n:
            asked = (
                f"Van de {len(items)} stellingen in deze meting gaan er {n} over "
                "ervaringen. Elk daarvan staat op de plaats van een verwachting uit "
                "de eerste meting."
            )
        which = (
            f"Van {loose} van de {len(items)} stellingen is de precieze bewoording niet"
        )
        if loose == len(items):
            which = "Van geen van deze stellingen is de precieze bewoording"
        wording = f"{which} bekend; hun naam hieronder is een korte omschrijving."
        return self.text(asked, wording if loose else "")

    def outlook_reading(self) -> Shown:
        """Say what an expectation or an experience is worth."""
        if self._experiences():
            return self.text(
                "Een ervaring is wat mensen er nu van vinden. Of het door de nieuwe "
                "manier van werken komt, zegt zij niet. Wie haar naast de verwachting "
                "uit de eerste meting zet, vergelijkt twee verschillende vragen: de "
                "woorden zijn anders, en wie toen antwoordde, is niet altijd wie het "
                "nu doet. Viel iets tegen, dan kan ook de verwachting te hoog zijn "
                "geweest."
            )
        return self.text(
            "Een verwachting is geen ervaring. De waarde van deze meting blijkt vooral "
            "later, als dezelfde teams vertellen hoe het is gegaan. Let bij het "
            "vergelijken op ‘neutraal’: wie nog niets verwacht, is niet hetzelfde als "
            "wie het oneens is."
        )

    def _experiences(self) -> tuple[Item, ...]:
        instrument = self.wave.codebook.instruments.get(EXPERIENCED)
        return instrument.answered_items(self.wave.year) if instrument else ()

    def _in_place_of(self, name: str, *instruments: Instrument) -> list[Item]:
        """Find what was asked this year for an item: itself, or what replaces it."""
        asked = [
            item
            for instrument in instruments
            for item in instrument.answered_items(self.wave.year)
        ]
        same = [item for item in asked if item.id == name]
        return same or [item for item in asked if name in item.comparable_with]
