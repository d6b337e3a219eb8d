"""Where reports meet, in words: what met, what chance would give, and why it stands where it does."""

from typing import Final
from zoneinfo import ZoneInfo

from queries.analysis.convergence import Convergence, Standing
from queries.analysis.naming import counted, listed, name_of
from queries.projection import VisibleGraph, to_instant

_LONDON: Final = ZoneInfo("Europe/London")
#: What each standing is called, as a heading.
STANDING_NAMES: Final[dict[Standing, str]] = {
    "beyond_chance": "More than chance would give",
    "these_weeks_only": "Named in these weeks only",
    "too_short": "Too short a history to tell",
    "seldom": "Named at other times too",
    "missing_reports": "Only with police missing reports",
}


def tell_meeting(graph: VisibleGraph, found: Convergence) -> str:
    """Put a finding into a sentence: how many reports, agencies and children, between which days (in London), and what they name."""
    first, last = _day(found.first), _day(found.last)
    if first == last:
        when = f"on {first}"
    else:
        same_year = first.split()[-1] == last.split()[-1]
        when = f"between {' '.join(first.split()[:-1]) if same_year else first} and {last}"
    others = {name_of(graph.subjects[at]) for citation in found.citations for at in citation.things}
    others -= {name_of(graph.subjects[found.named])}
    written = f" (also written {listed(sorted(others))})" if others else ""
    return (
        f"{counted(len(found.citations), 'report')} by {counted(len(found.agencies), 'agency')} about"
        f" {counted(len(found.children), 'child')} {when} name {name_of(graph.subjects[found.named])}{written}."
    )


def tell_chance(found: Convergence) -> str:
    """Put beside a finding what chance would give, in words."""
    if found.expected is None:
        return f"The {counted(found.known_weeks, 'week')} known are too short to tell what is usual here."
    total = len(found.citations) + found.named_elsewhen
    separate = (
        f", {found.separate} each with an agency and a child of its own" if found.separate > found.observed else ""
    )
    return (
        f"{counted(found.observed, 'report')} can be paired each with another child{separate}. {found.expected:.1f} would be expected here in"
        f" these weeks, had the {counted(total, 'report')} that name it in the {counted(found.known_weeks, 'week')} known come when the"
        " city's reports come."
    )


def tell_eyes(found: Convergence) -> str:
    """Say who could have seen that reports meet: how many of the children one agency knows of here, and whether other reports link them."""
    told = f"No agency by itself has reported more than {counted(found.known_to_one, 'child')} here."
    if found.circles == len(found.children):
        told += " No other report links any two of the children."
    elif found.circles > 1:
        told += f" Other reports link some of the {counted(len(found.children), 'child')}, who fall in {counted(found.circles, 'circle')}."
    else:
        told += " Other reports link the children with each other already."
    if found.missing_reports and found.standing != "missing_reports":
        names = "names" if found.missing_reports == 1 else "name"
        told += f" {counted(found.missing_reports, 'police missing report')} in these weeks {names} it too."
    return told


def tell_standing(found: Convergence) -> str:
    """Say why a finding stands where it does."""
    others, known = found.named_elsewhen, counted(found.known_weeks, "week")
    match found.standing:
        case "beyond_chance":
            return "It stands first because chance would not give so many: of findings told so, no more than one in twenty should be chance."
        case "these_weeks_only":
            return (
                f"No more than chance can give, but no other report in the {known} known names it. Those of which any one agency could see least"
                " come first, then the newest."
            )
        case "too_short":
            return "Those of which any one agency could see least come first, then the newest."
        case "seldom":
            return (
                f"It stands below because {counted(others, 'other report')} in the {known} known {'names' if others == 1 else 'name'} it too, and"
                " chance can give as many among all the things that are named."
            )
        case "missing_reports":
            return (
                f"It stands last because it is listed only with police missing reports, {found.missing_reports} of"
                f" {len(found.citations)} here: where children are last seen and found is told by hotspots."
            )


def _day(milliseconds: int) -> str:
    moment = to_instant(milliseconds).astimezone(_LONDON)
    return f"{moment.day} {moment:%B %Y}"
