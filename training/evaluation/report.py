"""Tables of figures: each row is printed as soon as it is known; all are kept for one JSON object."""

import json

COLUMNS = {  # of a printed table: heading and number format of each
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
    """Tables by title. A table is a list of rows with the same columns."""

    def __init__(self, *, silent: bool):
        """silent: print nothing, only keep the rows."""
        self.tables: dict[str, list[dict]] = {}
        self._silent = silent

    def add(self, title: str, row: dict) -> None:
        """Append a row to the table of that title, which starts with its first row.

        Columns that are not in COLUMNS are kept but not printed.
        """
        is_first = title not in self.tables
        self.tables.setdefault(title, []).append(row)
        if self._silent:
            return
        printed = [name for name in COLUMNS if name in row]
        if is_first:
            print(f"\n{title}\n\n| " + " | ".join(COLUMNS[name][0] for name in printed) + " |")
            print("|" + " --- |" * len(printed))
        print("| " + " | ".join(format(row[name], COLUMNS[name][1]) for name in printed) + " |", flush=True)

    def json(self, **about) -> str:
        """One JSON object with the fields `about`, which say what was measured, and the tables by title."""
        return json.dumps(about | self.tables)
