"""What the library refuses.

MatchingError
├── InvalidField        a value that cannot be: `path` names the field
├── UnknownLanguage     no language of this tag or name
├── AmbiguousLanguage   a name that several spoken languages share: `choices` to ask back with
├── InvalidTables       a table in config/ that contradicts itself: the operator's fault
├── InvalidModel        a learnt model's file that is not what it says: the operator's fault
└── InvalidSnapshot     a population's file that cannot be used: whoever reads it reads it anew
"""

from typing import NamedTuple


class Choice(NamedTuple):
    """One language that an ambiguous name may mean."""

    tag: str
    name: str


class MatchingError(ValueError):
    """Base of what a caller may see; *path* names the field at fault in dots."""

    def __init__(self, detail: str, *, path: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.path = path


class InvalidField(MatchingError):
    pass


class UnknownLanguage(MatchingError):
    pass


class AmbiguousLanguage(MatchingError):
    """Carry the question back to the caller: which of these is meant."""

    def __init__(self, detail: str, choices: tuple[Choice, ...], *, path: str = "") -> None:
        super().__init__(detail, path=path)
        self.choices = choices


class InvalidTables(MatchingError):
    pass


class InvalidModel(MatchingError):
    pass


class InvalidSnapshot(MatchingError):
    pass
