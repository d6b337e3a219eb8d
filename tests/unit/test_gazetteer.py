"""Which names are taken for one place, and which must not be: a table of pairs, and rules that hold for any of them."""

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.gazetteer import official_names, official_reader
from queries.analysis.gazetteer import Joining, Located, joinings, probably_one_place
from queries.analysis.place_names import NameReader

READER = official_reader()
HERE = (50.7963, -1.0757)
METRES = 1 / 111_320  # degrees of latitude


def joined(a: str, b: str, metres: float | None, reader: NameReader = READER) -> Joining | None:
    """Compare two names so many metres apart; None: neither has a position."""
    one, other = Located("a", a), Located("b", b)
    if metres is not None:
        one, other = Located("a", a, *HERE), Located("b", b, HERE[0] + metres * METRES, HERE[1])
    places = [one, other]
    found = probably_one_place(places, reader)
    return found[0].joinings[0] if found else None


ONE_PLACE = [
    ("Fratton Bridge", "Fratton Bridge", 40),
    ("Fratton Bridge bus stop", "Bus stop at Fratton Bridge", 40),
    ("Fratton Bridge bus stop", "bus stop opp. Fratton Brg", 60),
    ("Fraton Bridge bus stop", "the stop at Fratton bridge", 60),
    ("Bus stop, Guildhall Walk", "Guildhall Wk bus stop", 30),
    ("Bus stop, Guildhall Walk", "the stop by the Guildhall", 60),
    ("Stamshaw open ground", "field at Stampshaw", 60),
    ("St Mary's Road", "Saint Marys Rd", 100),
    ("St. Mary's Rd shops", "shops, St Marys Road", 100),
    ("Albert St / Victoria Rd", "corner of Victoria Road and Albert Street", 80),
    ("Park Road", "Park Rd.", 140),
    ("Commercial Rd", "Commercial Road", None),
    ("Commercial Rd nr. Arundel St", "Commercial Road near Arundel Street", None),
    ("12 Invented Road", "12, Invented Rd", None),
    ("Fratton station", "Fratton railway stn", 300),
    ("Fratton station", "Fratton Train Station", None),
    ("Mayville High School", "Mayville school", 350),
    ("Café Example, Elm Grove", "Cafe Example (Elm Gr)", 20),
    ("Exampleway Precinct", "the Exampelway precinct", 20),
    ("Invented video app", "invented Video App", None),
    ("Old Portsmouth bus stop", "Bus stop, Old Portsmouth", 40),
]
TWO_PLACES = [
    ("Park Road", "Park Lane", 10),
    ("Fratton Bridge", "Copnor Bridge", 10),
    ("Fratton Road", "Fratton Bridge", 10),
    ("Station Road", "Station Street", 5),
    ("12 Invented Road", "14 Invented Road", 5),
    ("12 Invented Road", "Invented Road", 5),
    ("Flat 2, Example House", "Flat 3, Example House", 0),
    ("Bus stop A, Guildhall Walk", "Bus stop B, Guildhall Walk", 20),
    ("North Street", "South Street", 20),
    ("North Street car park", "Street car park", 20),
    ("Upper Example Lane", "Lower Example Lane", 20),
    ("Shops, Fratton", "Bus stop, Fratton", 10),
    ("Fratton station", "Fratton bus stop", 10),
    ("Fratton", "Fratton Bridge", 10),
    ("Fratton", "Fratton station", 10),
    ("Bus stop, Fratton", "Bus stop, Copnor", 10),
    ("Bus stop, Fratton", "Bus stop, Fratton", 400),
    ("Bus stop, Fratton", "Bus stop, Fratton", None),
    ("Park Road", "Park Road", 500),
    ("Milton Road", "Hilton Road", 30),
    ("Clive Road", "Olive Road", 30),
    ("Widley Road", "Wymering Road", 30),
    ("Portsmouth High School", "The Portsmouth Academy", 10),
    ("Portsmouth High School", "The Portsmouth Grammar School", None),
    ("St Mary's Church", "St Mary's Hospital", 100),
    ("the park", "the park", 10),
    ("Bus stop", "bus stop", 10),
    ("Unnamed location", "Unnamed location", 0),
    ("Victoria Park", "Victoria Road", 20),
    ("Example Road", "Example Road bus stop", 140),
    ("Example Road", "Example Road bus stop", None),
    ("Exampleway Precinct", "the Exampelway precinct", None),
    ("Example Road (north side)", "Example Road (south side)", 20),
    ("Kings Road", "Queens Road", 10),
]


@pytest.mark.parametrize(("a", "b", "metres"), ONE_PLACE)
def test_one_place_under_two_names(a: str, b: str, metres: float | None) -> None:
    found = joined(a, b, metres)
    assert found is not None
    assert found.because[0].startswith("name alike ")
    assert found.because[1] == ("no position to compare" if metres is None else f"{metres} m apart")


@pytest.mark.parametrize(("a", "b", "metres"), TWO_PLACES)
def test_two_places(a: str, b: str, metres: float | None) -> None:
    assert joined(a, b, metres) is None


def test_a_joining_says_why() -> None:
    found = joined("Fratton station", "Fratton railway stn", 300)
    assert found is not None
    assert found.because == ("name alike 0.79", "300 m apart", "both are “Fratton station” in the gazetteer")
    found = joined("field at Stampshaw", "open ground at Stamshaw", 60)
    assert found is not None
    assert "one slip from Stamshaw, which is in the gazetteer" in found.because


def test_without_a_gazetteer_only_alike_names_near_each_other_meet() -> None:
    bare = NameReader()
    assert joined("Fratton Bridge bus stop", "Bus stop at Fratton Bridge", 40, bare)
    assert joined("Fratton station", "Fratton railway stn", 300, bare) is None
    assert joined("field at Stampshaw", "open ground at Stamshaw", 60, bare)  # one slip from each other


def test_a_name_without_a_position_joins_no_places_that_are_far_apart() -> None:
    one, other = Located("a", "Park Road", *HERE), Located("b", "Park Road", HERE[0] + 0.02, HERE[1])
    loose = Located("c", "Park Rd")
    assert probably_one_place([one, other, loose], READER) == []
    (found,) = probably_one_place([one, loose], READER)
    assert found.members == (0, 1)


def test_a_chain_stops_where_two_of_it_conflict() -> None:
    """A name that says little may fit two that say different things; it joins the likest."""
    walk = Located("a", "Bus stop, Guildhall Walk", *HERE)
    square = Located("b", "Bus stop, Guildhall Square", HERE[0] + 40 * METRES, HERE[1])
    loose = Located("c", "stop at Guildhall", HERE[0] + 20 * METRES, HERE[1])
    (found,) = probably_one_place([walk, square, loose], READER)
    assert len(found.members) == 2
    assert 2 in found.members


def test_every_official_name_is_itself_and_no_other() -> None:
    officials = official_names()
    assert len(officials) > 300
    points = [official for official in officials if not official.is_area]
    places = [Located(f"{at:04d}", o.name, o.latitude, o.longitude) for at, o in enumerate(points)]
    twice = [*places, *(Located(f"x{place.key}", place.name) for place in places)]
    found = probably_one_place(twice, READER)
    names = [{twice[at].name for at in place.members} for place in found]
    assert all(len(some) == 1 for some in names), [some for some in names if len(some) > 1]
    assert len(found) >= 0.9 * len(points)


_FRONT = ("Bus stop", "bus stop at", "shops,", "nr", "opp.", "12", "", "the")
_NAMES = ("Fratton", "Fraton", "Copnor", "Guildhall", "Example", "Exampli", "St Mary's", "Park", "Milton")
_BACK = ("Road", "Rd", "Lane", "Bridge", "station", "stop", "", "North", "school")
_PLACES = st.lists(
    st.builds(
        lambda front, name, back, north, east, placed: (
            f"{front} {name} {back}".strip(),
            HERE[0] + north * METRES if placed else float("nan"),
            HERE[1] + east * METRES if placed else float("nan"),
        ),
        st.sampled_from(_FRONT), st.sampled_from(_NAMES), st.sampled_from(_BACK),
        st.integers(0, 400), st.integers(0, 400), st.booleans(),
    ),
    max_size=14,
)  # fmt: skip


@given(_PLACES, st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_the_order_in_which_places_come_says_nothing(
    given_places: list[tuple[str, float, float]], dice: random.Random
) -> None:
    places = [Located(f"{at:02d}", *place) for at, place in enumerate(given_places)]
    shuffled = dice.sample(places, len(places))

    def by_key(order: list[Located]) -> list[object]:
        return [
            (
                [order[at].key for at in place.members],
                [(*sorted((order[j.a].key, order[j.b].key)), j.because) for j in place.joinings],
            )
            for place in probably_one_place(order, READER)
        ]

    assert by_key(places) == by_key(shuffled)


@given(_PLACES)
@settings(max_examples=80, deadline=None)
def test_groups_are_of_places_that_agree(given_places: list[tuple[str, float, float]]) -> None:
    """Every two of a group agree in numbers and lie within a site; every one has a joining; no place is in two groups."""
    places = [Located(f"{at:02d}", *place) for at, place in enumerate(given_places)]
    found = probably_one_place(places, READER)
    seen: set[int] = set()
    for place in found:
        assert not seen & set(place.members)
        seen |= set(place.members)
        assert {end for joining in place.joinings for end in (joining.a, joining.b)} == set(place.members)
        read = [READER.read(places[at].name) for at in place.members]
        assert len({name.numbers for name in read}) == 1
        for joining in place.joinings:
            # What is joined in company is joined alone, whichever of the two comes first.
            alone = [places[joining.a], places[joining.b]]
            (pair,) = probably_one_place(alone, READER)
            (turned,) = probably_one_place(alone[::-1], READER)
            assert pair.joinings[0].because == turned.joinings[0].because == joining.because


@given(_PLACES, st.text(max_size=20))
@settings(max_examples=80, deadline=None)
def test_any_text_can_be_read_and_compared(given_places: list[tuple[str, float, float]], text: str) -> None:
    places = [Located(f"{at:02d}", *place) for at, place in enumerate(given_places)]
    places += [Located("x", text, *HERE), Located("y", text)]
    probably_one_place(places, READER)


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_pairs_are_those_of_comparing_every_two(dice: random.Random) -> None:
    """Each pair is asked about by itself, in both orders, and all of them at once."""
    places = [
        Located(
            f"{at:03d}",
            f"{dice.choice(_FRONT)} {dice.choice(_NAMES)} {dice.choice(_BACK)}",
            *((HERE[0] + dice.randrange(500) * METRES, HERE[1] + dice.randrange(500) * METRES) if at % 4 else ()),
        )
        for at in range(40)
    ]
    alone = {(a, b) for a, b in combinations(range(len(places)), 2) if joinings([places[b], places[a]], READER)}
    assert {(joining.a, joining.b) for joining in joinings(places, READER)} == alone
