"""What is true of a city: the figures that it meets, and what was planted, by source keys. For tests, and to show in a demonstration."""

from collections import Counter, defaultdict
from typing import Final

from ingest.synthetic.assessments import Listed, draw_referrals
from ingest.synthetic.figures import BANDS, QUARTER_DAYS, QUARTERS
from ingest.synthetic.geography import OWN_SCHOOL_KEY
from ingest.synthetic.people import Child
from ingest.synthetic.plan import Plan
from ingest.synthetic.planted import (
    HIDDEN_ADULT,
    HIDDEN_ADULT_LABEL,
    PART_PLATE,
    UNKNOWN_ADULT,
    UNKNOWN_ADULT_LABEL,
    WHOLE_PLATE,
    group_key,
    known_twice,
)
from queries.records import Json

_FOUR_WEEKS: Final = 28
_OFTEN: Final = 3


def tell_truth(plan: Plan, listed: Listed) -> dict[str, Json]:
    """Tell what is true of a city, as plain values for JSON. Days are dates in London, instants ISO 8601 in UTC."""
    return {
        "size": plan.size,
        "seed": plan.seed,
        "from": plan.year.first.isoformat(),
        "to": plan.year.end.isoformat(),
        "figures": _figures(plan, listed),
        "open_now": [plan.people.children[spell.child].key for spell in plan.pattern.spells if spell.end is None],
        **_planted(plan),
    }


def _figures(plan: Plan, listed: Listed) -> dict[str, Json]:
    starts: dict[int, list[float]] = defaultdict(list)
    for spell in plan.pattern.spells:
        starts[spell.child].append(spell.start)
    counts = sorted((len(times) for times in starts.values()), reverse=True)
    heavy = max(round(len(counts) * 0.05), 1)
    repeats = [times for times in starts.values() if len(times) > 1]
    referred = Counter(int(day // QUARTER_DAYS) for _, day in draw_referrals(plan))
    quarters: list[Json] = []
    for number, (begins, ends) in enumerate(plan.year.quarters):
        inside = {child: sum(number == time // QUARTER_DAYS for time in times) for child, times in starts.items()}
        quarters.append(
            {
                "from": begins.isoformat(),
                "to": ends.isoformat(),
                "episodes": sum(inside.values()),
                "children_three_or_more": sum(count >= _OFTEN for count in inside.values()),
                "referred_to_nrm": referred[number],
            }
        )
    months: dict[str, Json] = {
        month: {**{band: count[band] for band in BANDS}, "all": sum(count.values())}
        for month, count in listed.months.items()
    }
    return {
        "quarters": quarters,
        "episodes": sum(counts),
        "children": len(counts),
        "share_repeats": round(1 - len(counts) / sum(counts), 4),
        "share_of_busiest_5_in_100": round(sum(counts[:heavy]) / sum(counts), 4),
        "share_first_repeats_in_4_weeks": round(
            sum(times[1] - times[0] < _FOUR_WEEKS for times in repeats) / len(repeats), 4
        ),
        "unaccompanied": sum(child.unaccompanied for child in plan.people.children),
        "list_by_month": months,
        "quarters_in_a_year": len(QUARTERS),
    }


def _planted(plan: Plan) -> dict[str, Json]:
    children, plants = plan.people.children, plan.plants

    def keys(numbers: list[int] | tuple[int, ...]) -> list[Json]:
        return [children[number].key for number in numbers]

    def day(days: float) -> str:
        return plan.year.date(days).isoformat()

    occasions: dict[int, list[Json]] = defaultdict(list)
    together: dict[int, set[int]] = defaultdict(set)
    for number, spell in enumerate(plan.pattern.spells):
        if spell.together is not None:
            occasions[spell.together].append(f"demo:episode/{number + 1:06d}")
            together[spell.together].add(spell.child)
    found: dict[str, Json] = {
        "own_school": OWN_SCHOOL_KEY,
        "in_satellite_team": [child.key for child in children if child.in_team],
        "peer_groups": [
            {"members": keys(group), "group": group_key(at)[0] if at < 3 else None}
            for at, group in enumerate(plants.groups)
        ],
        "co_missing": [
            {
                "members": keys(members),
                "occasions": [occasions[at] for at in sorted(occasions) if together[at] <= set(members)],
            }
            for members in plan.pattern.co_missing
        ],
        "hotspots": [
            {
                "place": spot.place.key, "label": spot.place.label, "layer": spot.layer,
                "from": day(spot.begins), "to": day(spot.ends), "share": spot.share,
            }
            for spot in plants.hotspots
        ],
        "converging_places": [
            {
                "spellings": [
                    {"place": place.key, "agency": agency, "label": place.label} for agency, place in meeting.spellings
                ],
                "children": keys(meeting.children),
                "reports": meeting.reports,
                "from": day(meeting.begins),
                "to": day(meeting.ends),
            }
            for meeting in plants.converging
        ],
        "second_records": [
            {
                "a": child.key, "b": child.other_key, "names": [child.name, child.other_name],
                "joined": child.number in plants.joined,
            }
            for child in children
            if child.other_key
        ],
        "same_identifier": [[twice.key, twice.other_key] for twice in known_twice(plan)],
    }  # fmt: skip
    return found | _example(plan)


def _example(plan: Plan) -> dict[str, Json]:
    """Tell what the hidden adult changes: one question, with two right answers."""
    example = plan.plants.example
    if example is None:
        return {"examples": [], "try": []}
    a, b, between = (plan.people.children[number] for number in (example.a, example.b, example.between))
    return {
        "unknown_adult": {
            "adult": UNKNOWN_ADULT,
            "label": UNKNOWN_ADULT_LABEL,
            "vehicle": PART_PLATE.key,
            "joins": [a.key, between.key],
        },
        "hidden": {
            "adult": HIDDEN_ADULT,
            "label": HIDDEN_ADULT_LABEL,
            "vehicle": WHOLE_PLATE.key,
            "same_as": [[HIDDEN_ADULT, UNKNOWN_ADULT], [WHOLE_PLATE.key, PART_PLATE.key]],
            "suspected_of_exploiting": [a.key, b.key],
            "open_to": ["intelligence"],
        },
        "examples": [
            {
                "question": "links.between",
                "parameters": {"a": a.key, "b": b.key},
                "names": {"a": a.name, "b": b.name},
                "answers": {
                    "intelligence": {"length": 2, "through": [HIDDEN_ADULT]},
                    **{
                        who: {"length": 3, "through": [UNKNOWN_ADULT, between.key]}
                        for who in ("coordinator", "satellite", "analyst")
                    },
                },
            },
            {"question": "peers.network", "parameters": {"subject": _leader(plan).key}},
            {"question": "people.timeline", "parameters": {"subject": _leader(plan).key}},
            {"question": "episodes.co_missing", "parameters": {}},
            {"question": "places.hotspots", "parameters": {"layer": "found_at"}},
        ],
        "try": [
            f"Links, from {a.name} to {b.name}: as intelligence a hidden adult joins them; as satellite, an unknown adult and another child.",
            f"Find {_leader(plan).name}, then Peers: a group of friends, on separate reports.",
            "Hotspots, layer found_at: Shops, Fratton appeared in the last ten weeks; Open ground, Tipner faded.",
        ],
    }


def _leader(plan: Plan) -> Child:
    """Give a child of the first planted group whom the satellite team may see."""
    group = [plan.people.children[number] for number in plan.plants.groups[0]]
    return next((child for child in group if child.in_team), group[0])
