"""Who may interpret a request, in what order, and why: a library without any I/O of its own.

`load_tables` reads the configuration; `admit_interpreter` and `admit_request` bring input into
normal form; `Population` is the index; `rank`, `shortage`, `explain` and `choose_wave` answer.
"""

from matching.admission import admit_interpreter, admit_request
from matching.errors import (
    AmbiguousLanguage,
    Choice,
    InvalidField,
    InvalidTables,
    MatchingError,
    UnknownLanguage,
)
from matching.explanation import Explanation, explain
from matching.population import Population
from matching.ranking import rank
from matching.shortage import shortage
from matching.tables import Tables, config_dir, load_tables
from matching.types import (
    Contribution,
    Interpreter,
    LanguageSkill,
    Match,
    Mode,
    Place,
    Preferences,
    Presence,
    Qualification,
    Ranking,
    Reason,
    Relaxation,
    Request,
    Requirements,
    Shortage,
    Track,
    reasons_for,
)
from matching.waves import choose_wave

__all__ = [
    "AmbiguousLanguage",
    "Choice",
    "Contribution",
    "Explanation",
    "Interpreter",
    "InvalidField",
    "InvalidTables",
    "LanguageSkill",
    "Match",
    "MatchingError",
    "Mode",
    "Place",
    "Population",
    "Preferences",
    "Presence",
    "Qualification",
    "Ranking",
    "Reason",
    "Relaxation",
    "Request",
    "Requirements",
    "Shortage",
    "Tables",
    "Track",
    "UnknownLanguage",
    "admit_interpreter",
    "admit_request",
    "choose_wave",
    "config_dir",
    "explain",
    "load_tables",
    "rank",
    "reasons_for",
    "shortage",
]
