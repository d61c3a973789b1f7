"""Who belongs to which pair of languages."""

from matching.population import Population
from tests.matching.builders import person


def test_who_serves_which_pair(population: Population) -> None:
    population.put(person("a", "no so ti"))
    population.put(person("b", "no ti"))
    a, b = population.numbers(["a", "b"])
    pairs = [("no", "so"), ("so", "ti"), ("no", "ti"), ("kmr", "no")]
    assert [population.slots.serves(a, pair) for pair in pairs] == [True, True, True, False]
    assert [population.slots.serves(b, pair) for pair in pairs] == [False, False, True, False]
