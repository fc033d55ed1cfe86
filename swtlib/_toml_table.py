"""Reads TOML that people write; a fault names file, key and mend."""

import tomllib
from pathlib import Path
from typing import Any, cast

from swtlib.errors import CodebookError, SwtError, did_you_mean


class TomlTable:
    """A TOML table with its place, so that a fault can be named.

    Parameters
    ----------
    data : dict
        The table.
    place : str
        File and table, for the messages.
    fault : type of SwtError, default CodebookError
        What is raised.
    """

    def __init__(
        self, data: dict[str, Any], place: str, fault: type[SwtError] = CodebookError
    ) -> None:
        self.data = data
        self.place = place
        self.fault = fault

    def check_keys(self, *known: str) -> None:
        """Refuse a key that is not known."""
        for key in self.data:
            if key not in known:
                raise self.fault(
                    f"{self.place}: unknown key '{key}'." + did_you_mean(key, known)
                )

    def text(self, key: str, default: str | None = None) -> str:
        """Give a text; without default it must be there."""
        return cast(str, self._typed(key, str, "text in quotes", default))

    def number(self, key: str, default: int | None = None) -> int:
        """Give a whole number; without default it must be there."""
        return cast(int, self._typed(key, int, "a whole number", default))

    def decimal(self, key: str) -> float:
        """Give a number; it must be there."""
        value = self.data.get(key)
        if type(value) not in (int, float):
            raise self.fault(f"{self.place}: '{key}' must be a number.")
        return float(cast(float, value))

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Give true or false."""
        return cast(bool, self._typed(key, bool, "true or false", default))

    def texts(self, key: str) -> tuple[str, ...]:
        """Give a list of texts, empty if it is not there."""
        values = self._typed(key, list, "a list of texts", [])
        if not all(isinstance(value, str) for value in cast(list[Any], values)):
            raise self.fault(f"{self.place}: '{key}' must be a list of texts.")
        return tuple(cast(list[str], values))

    def tables(self, key: str, kind: str) -> list["TomlTable"]:
        """Give the tables of ``[[key]]``; messages call each a `kind`."""
        values = cast(list[Any], self._typed(key, list, f"[[{key}]] tables", []))
        named = []
        for position, value in enumerate(values, start=1):
            if not isinstance(value, dict):
                raise self.fault(f"{self.place}: '{key}' must be [[{key}]] tables.")
            name = value.get("id", value.get("code", position))
            place = f"{self.place}, {kind} '{name}'"
            named.append(TomlTable(value, place, self.fault))
        return named

    def table(self, key: str) -> "TomlTable":
        """Give the table ``[key]``, empty if it is not there."""
        value = cast(dict[str, Any], self._typed(key, dict, f"a [{key}] table", {}))
        return TomlTable(value, f"{self.place}, [{key}]", self.fault)

    def one_of(
        self, key: str, known: tuple[str, ...], default: str | None = None
    ) -> str:
        """Give one of the texts that are known."""
        value = self.text(key, default)
        if value not in known:
            raise self.fault(
                f"{self.place}: {key} = '{value}' is not known."
                + did_you_mean(value, known)
            )
        return value

    def _typed(self, key: str, kind: type, words: str, default: Any) -> Any:
        if key not in self.data:
            if default is None:
                raise self.fault(
                    f"{self.place}: '{key}' is missing. Add {key} = {words}."
                )
            return default
        value = self.data[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.fault(f"{self.place}: '{key}' must be {words}, found {value!r}.")
        return value


def load_toml(
    path: Path, *, place: str = "", fault: type[SwtError] = CodebookError
) -> TomlTable:
    """Read a TOML file.

    Parameters
    ----------
    path : Path
        The file.
    place : str, optional
        How messages name it; by default its name.
    fault : type of SwtError, default CodebookError
        What is raised when it is not TOML, and by the tables in it.

    Returns
    -------
    TomlTable
    """
    place = place or path.name
    try:
        return TomlTable(tomllib.loads(path.read_text("utf-8-sig")), place, fault)
    except UnicodeDecodeError:
        raise fault(
            f"{place} is not in UTF-8. Save it again as UTF-8 (in Notepad: Save as, "
            "Encoding)."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise fault(
            f"{place} is not valid TOML: {error}. "
            "Look for a missing quote, bracket or comma there."
        ) from None
