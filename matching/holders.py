"""Who holds what is too rare or too open-ended for a bit: blocks, conflicts, dialects, late words.

An inverted index from a fact to the numbers of the interpreters of whom it is true.
"""

from collections.abc import Iterable

from matching.capabilities import Term
from matching.types import Interpreter

Fact = tuple[str, ...]


def blocks(customer: str) -> Fact:
    """The interpreter blocks this customer."""
    return ("blocks", customer)


def conflict(party: str) -> Fact:
    """The interpreter declared a conflict of interest with this person or body."""
    return ("conflict", party)


def speaks(tag: str, dialect: str) -> Fact:
    """The interpreter states this dialect of this language."""
    return ("dialect", tag, dialect)


def states_dialect(tag: str) -> Fact:
    """The interpreter states some dialect of this language."""
    return ("dialect", tag)


def holds(term: Term) -> Fact:
    """The interpreter holds a specialism or clearance that has no bit."""
    return term


class Holders:
    """Sets of interpreter numbers by fact, and back."""

    def __init__(self) -> None:
        self._of: dict[Fact, set[int]] = {}
        self.facts: dict[int, tuple[Fact, ...]] = {}  # by number; change it by `set` and `put`

    def of(self, fact: Fact) -> frozenset[int] | set[int]:
        """Return the numbers of whom *fact* is true (not to be changed)."""
        return self._of.get(fact, frozenset())

    def set(self, number: int, interpreter: Interpreter, unworded: Iterable[Term]) -> None:
        """Replace what is known of one interpreter."""
        facts = {holds(term) for term in unworded}
        facts.update(map(blocks, interpreter.blocked_customers))
        facts.update(map(conflict, interpreter.conflicts))
        for skill in interpreter.languages:
            if skill.dialect is not None:
                facts.add(speaks(skill.tag, skill.dialect))
                facts.add(states_dialect(skill.tag))
        self.put(number, tuple(facts))

    def put(self, number: int, facts: tuple[Fact, ...]) -> None:
        """Replace the facts of one interpreter."""
        self.clear(number)
        if facts:
            self.facts[number] = facts
            for fact in facts:
                self._of.setdefault(fact, set()).add(number)

    def clear(self, number: int) -> None:
        """Forget one interpreter."""
        for fact in self.facts.pop(number, ()):
            known = self._of[fact]
            known.discard(number)
            if not known:
                del self._of[fact]
