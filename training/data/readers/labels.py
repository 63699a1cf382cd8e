"""Class labels in files beside the pictures, in the two common layouts.

webdataset: KEY.jpg has a file KEY.cls with its class number, or a file KEY.json with a field "label", "class" or "cls".
KEY is the name without its last suffix, or, where no such file is there, the name up to its first dot.
StyleGAN and EDM: one dataset.json for all pictures, {"labels": [["00000/img00000000.png", 6], ...]}.
"""

from collections import Counter
from collections.abc import Sequence
from reprlib import repr as shortened

from core.errors import ConfigError
from core.json_values import read_json
from training.data.readers.reader import Reader

BESIDE = (".cls", ".json")  # suffixes of the files with one label
INDEX_NAME = "dataset.json"  # the file with all labels
FIELDS = ("label", "class", "cls")  # names of the label in a .json file


def stem_of(name: str) -> str:
    """The name without its last suffix."""
    return name.rpartition(".")[0]


def key_of(name: str) -> str:
    """The part of the name that all files of one sample have in common: up to the first dot of the file's name."""
    folder, slash, file = name.rpartition("/")
    return folder + slash + file.partition(".")[0]


def label_beside(name: str, data: bytes) -> str | int:
    """The label in a .cls or .json file, given by name and content. Raises ConfigError if there is none."""
    try:
        if name.endswith(".json"):
            value = read_json(data)
            label = next(value[field] for field in FIELDS if field in value)
        else:
            text = data.decode("utf-8-sig").strip()
            label = int(text) if text.isdecimal() else text
    except (ValueError, StopIteration, TypeError) as error:
        raise ConfigError(f"{name} holds no label ({', '.join(FIELDS)}).") from error
    return _checked(name, label)


def index_limit(pictures: int) -> int:
    """How many bytes a dataset.json may have for so many pictures: far more than their names and labels take."""
    return 1_000_000 + 1000 * pictures


def labels_of_index(data: bytes, reader: Reader) -> list[str | int]:
    """The label of each picture of a reader, from the content of a dataset.json.

    Raises ConfigError if one is missing, or if a picture is listed twice.
    """
    try:
        entries = read_json(data)["labels"]
        labels = dict(entries)
        listed = [labels[reader.name(number)] for number in range(len(reader))]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{reader.source}: {INDEX_NAME} does not list a label for every picture.") from error
    if len(labels) < len(entries):
        raise ConfigError(f"{reader.source}: {INDEX_NAME} lists a picture twice.")
    return [_checked(reader.name(number), label) for number, label in enumerate(listed)]


def check_names(source: str, names: Sequence[str]) -> None:
    """Raises ConfigError if an archive has a name twice: nobody could say which of the two is meant."""
    if len(set(names)) < len(names):
        double = next(name for name, count in Counter(names).items() if count > 1)
        raise ConfigError(f"{source} has two files of the name {double}.")


def label_numbers(labels: Sequence[str | int], classes: tuple[str, ...]) -> list[int]:
    """The class number of each label.

    A label that is a number stays as it is; a name is looked up among the classes. If the classes have no names ("0",
    "1", ...), the names that occur are numbered in alphabetical order. Raises ConfigError for a label that is no class.
    """
    numbers: dict[str | int, int] = {name: number for number, name in enumerate(classes)}
    names = sorted({label for label in labels if isinstance(label, str)})
    unnamed = list(classes) == [str(number) for number in range(len(classes))]
    if unnamed and len(names) == len(classes) and not set(names) <= numbers.keys():
        numbers = {name: number for number, name in enumerate(names)}
    numbers |= {number: number for number in range(len(classes))}
    unknown = next((label for label in labels if label not in numbers), None)
    if unknown is not None:
        raise ConfigError(
            f"The pictures have the label {shortened(unknown)}, which is none of the network's {len(classes)} classes;"
            f" {len(names)} names occur. Name the classes in data.classes, or set network.classes to their count."
        )
    return [numbers[label] for label in labels]


def _checked(name: str, label) -> str | int:
    """The label. Raises ConfigError unless it is a name or a number."""
    if type(label) not in (str, int):
        raise ConfigError(f"{name} has a label that is neither a name nor a number: {shortened(label)}.")
    return label
