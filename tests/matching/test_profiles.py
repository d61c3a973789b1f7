"""What of a profile the index keeps in columns."""

from matching import Tables, Track
from matching.capabilities import ADULT, CAR, GENDERS, Kind, mode_bits
from matching.geo import haversine_km, reach2, vector
from matching.profiles import NO_PRICE, Profiles, experience_in, prefix_of
from tests.matching.builders import ALL, OSLO, person, words


def test_prefixes_are_in_the_order_of_ids() -> None:
    ids = ["", "a", "a\0", "ab", "b", "ø", "øøøøøøøø", "\ud800", "\ue000", "\U0001f600"]
    assert [prefix_of(each) for each in ids] == sorted(prefix_of(each) for each in ids)
    assert len({prefix_of(each) for each in ids}) == 9


def test_columns_are_replaced_and_a_number_is_taken_again(tables: Tables) -> None:
    profiles = Profiles(tables.qualifications)
    number = profiles.grow()
    profiles.begin(number, "a")
    rich = person("a", gender="female", by_car=True, price=4.5, location=OSLO, max_travel_km=7.0)
    profiles.set(number, rich)
    assert profiles.caps[number] == mode_bits(ALL) | ADULT | CAR | GENDERS["female"]
    assert profiles.price[number] == 450
    assert tuple(column[number] for column in profiles.home) == vector(OSLO)
    assert profiles.reach[number] == reach2(7.0)
    assert profiles.drives(number)
    home = profiles.location(number)
    assert home is not None
    assert haversine_km(home, OSLO) < 0.005
    profiles.clear(number)
    profiles.begin(number, "b")
    profiles.set(number, person("b", adult=False, modes=frozenset()))
    assert (profiles.ids, profiles.caps[number], profiles.price[number]) == (["b"], 0, NO_PRICE)
    assert profiles.location(number) is None


def test_words_beyond_the_last_bit_are_held_by_name(tables: Tables) -> None:
    profiles = Profiles(tables.qualifications)
    number = profiles.grow()
    many = words(*(f"w{index:02d}" for index in range(49)))
    profiles.set(number, person("a", specialisms=many))
    assert profiles.caps[number] >> 16 == 2**48 - 1
    assert profiles.holders.of((Kind.SPECIALISM, "w48")) == {number}


def test_pairs_come_with_tier_and_experience(tables: Tables) -> None:
    track = Track(sessions={"no-so": 3.0})
    assert Profiles(tables.qualifications).pairs(person("a", "no so:C so en"), track) == [
        (("en", "no"), 0, 0),
        (("en", "so"), 0, 0),
        (("no", "so"), 3, 2),
    ]
    assert experience_in(track, ("no", "so")) == 2
