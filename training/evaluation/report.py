"""Tables of figures: printed row by row as they become known, and kept for one JSON object."""

import json

COLUMNS = {  # what is printed: the heading and the format of each
    "pictures": ("pictures", ""),
    "KID": ("KID", ".4f"),
    "Frechet": ("Fréchet", ".2f"),
    "SWD": ("SWD", ".1f"),
    "variety": ("variety", ".3f"),
    "top octave": ("top octave", ".3f"),
    "grid": ("grid", ".2f"),
    "kept": ("strokes kept", ".3f"),
    "colour": ("colour difference", ".2f"),
    "worst": ("worst painting", ".2f"),
    "nearest by": ("nearest by", ""),
    "copies": ("share of copies", ".3f"),
}


class Report:
    """Tables by their titles, each a list of rows that have the same columns."""

    def __init__(self, *, silent: bool):
        """silent: print nothing."""
        self.tables: dict[str, list[dict]] = {}
        self._silent = silent

    def add(self, title: str, row: dict) -> None:
        """The next row of that table, a new one if there is none yet. Columns that are not in COLUMNS are only kept."""
        begins = title not in self.tables
        self.tables.setdefault(title, []).append(row)
        if self._silent:
            return
        shown = [name for name in COLUMNS if name in row]
        if begins:
            print(f"\n{title}\n\n| " + " | ".join(COLUMNS[name][0] for name in shown) + " |")
            print("|" + " --- |" * len(shown))
        print("| " + " | ".join(format(row[name], COLUMNS[name][1]) for name in shown) + " |", flush=True)

    def json(self, **about) -> str:
        """One JSON object: what the figures are about, then the tables."""
        return json.dumps(about | self.tables)
