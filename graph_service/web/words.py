"""The pages' own words: what kinds, roles, handling and links are called in front of a panel."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from graph_service.pathway.harms import in_age, range_in_age, tells_harm
from queries.vocabulary import PERSON_KINDS

_DOCUMENT: Final = re.compile(r"\b(00[0-4]) ")
MOST_CLAIMS: Final = 400  # that one address of evidence names: more would be too long for servers
KINDS: Final = {
    "child": "Child",
    "adult": "Adult",
    "person": "Person",
    "group": "Group",
    "location": "Place",
    "vehicle": "Vehicle",
    "account": "Phone or online account",
    "incident": "Incident",
    "context": "Context",
    "report": "Report",
}
KIND_HEADINGS: Final = {
    "child": "Children",
    "adult": "Adults",
    "person": "People of unknown age",
    "location": "Places",
    "vehicle": "Vehicles",
    "account": "Phones and online accounts",
    "group": "Groups",
    "context": "Contexts",
    "incident": "Incidents",
    "report": "Reports",
}
REPORTS: Final = {
    "ppn1": "Missing report (PPN1)",
    "cpi": "Partnership information (CPI)",
    "return_conversation": "Return Home Conversation",
    "crime": "Crime record",
}
AGENCIES: Final = {"youth": "youth services", "voluntary": "voluntary sector", "other": "another agency"}
# Whatever is recorded of one person, by type of claim.
RECORDED: Final = {
    "INVOLVED_IN": "Missing episodes and other incidents",
    "KNOWS": "People they know",
    "FAMILY_OF": "Family",
    "SEEN_WITH": "Seen with others",
    "SUSPECTED_OF_EXPLOITING": "Suspected exploitation",
    "LIVES_AT": "Home",
    "ATTENDS": "School, college or other place attended",
    "FREQUENTS": "Places where they spend time",
    "SEEN_AT": "Seen at a place",
    "USES": "Phones, accounts and vehicles used",
    "MEMBER_OF": "Reported as part of a group",
    "AFFECTED_BY": "Contexts that affect them",
}
ROLES: Final = {
    "coordinator": "MET coordinator",
    "satellite": "Satellite team",
    "intelligence": "Police intelligence",
    "analyst": "Analyst",
    "school": "School lead",
    "operator": "Operator",
}
LAYERS: Final = {
    "crime": "Street crimes",
    "missing_from": "Missing from",
    "last_seen": "Last seen",
    "found_at": "Found at",
}
# The same as the heading of a page says it.
LAYER_HEADINGS: Final = {
    "crime": "street crimes",
    "missing_from": "where children went missing from",
    "last_seen": "where children were last seen",
    "found_at": "where children were found",
}
# Between two ends without saying who did what to whom: a hop is read both ways, and a child must never be read as the one suspected.
CLAIMS: Final = {
    "INVOLVED_IN": "involved in it",
    "AT": "where it happened",
    "KNOWS": "know each other",
    "FAMILY_OF": "family",
    "SEEN_WITH": "seen together",
    "SUSPECTED_OF_EXPLOITING": "suspected exploitation of the child",
    "LIVES_AT": "home",
    "ATTENDS": "attendance",
    "FREQUENTS": "time spent there",
    "SEEN_AT": "seen there",
    "USES": "use",
    "MEMBER_OF": "reported as part of a group",
    "PART_OF": "part of a place",
    "AFFECTED_BY": "affected by a context",
    "SAME_AS": "the same person, by a decision",
    "DENIED": "a denial",
}
LINKS: Final = {
    "knows": "know each other",
    "knows_concern": "know each other, with concern",
    "knows_strength": "know each other, a strength",
    "knows_neutral": "know each other",
    "seen_with_concern": "seen together, with concern",
    "seen_with_strength": "seen together, a strength",
    "incident": "at the same incident",
    "place": "at the same place",
    "household": "same household",
    "vehicle": "same vehicle",
    "account": "same phone or account",
    "group": "same group",
    "context": "same context",
}
CONTEXT_STATES: Final = {
    "referred": "Referred, to be decided",
    "record_only": "Record only",
    "assessing": "Being assessed",
    "planned": "Plan in hand",
    "review_due": "Review due",
    "closed": "Closed",
    "referred_on": "Referred on to Community Tasking (CTCG)",
}
# From the one who acts to the child.
ACTS: Final = {
    "suspected_of_exploiting": "is suspected of exploiting",
    "knows": "is known to",
    "knows_concern": "is known, with concern, to",
    "knows_strength": "is a safe or supportive tie of",
    "family_of": "is family of",
    "seen_with": "was seen with",
    "seen_with_concern": "was seen, with concern, with",
    "seen_with_strength": "was seen, as a strength, with",
    "incident": "was at the same incident as",
    "place": "was at the same place as",
    "household": "lives with",
    "vehicle": "uses the same vehicle as",
    "account": "uses the same phone or account as",
    "group": "is reported as part of the same group as",
}
TONES: Final = {"concern": "Concern", "strength": "Strength", "neutral": "Neutral"}
GRADE_SOURCE: Final = {"1": "reliable source", "2": "untested source", "3": "source not reliable"}
GRADE_INFORMATION: Final = {
    "A": "known directly to the source",
    "B": "known indirectly, corroborated",
    "C": "known indirectly",
    "D": "not known how",
    "E": "suspected false",
}
# What the numbers of documents in a clause stand for (reference register).
DOCUMENTS: Final = {
    "000": "Portsmouth MET Pathway",
    "001": "Portsmouth MET Strategy 2018-20",
    "002": "Portsmouth MET Strategy 2016-19",
    "003": "Southampton MET action plan 2018",
    "004": "Lewisham MET Strategy",
}
HANDLING: Final = {
    "P": "Handling P: may be shared lawfully for the purpose stated",
    "C": "Handling C: shared with conditions. Ask the agency that sent it before you share it on",
    "none": "No personal data on this page",
}


def clause(value: str) -> str:
    """Name the document of a clause: `000 13.2` is the Portsmouth MET Pathway, 13.2."""
    return _DOCUMENT.sub(lambda found: f"{DOCUMENTS[found[1]]}, ", value)


def kind(value: str) -> str:
    """Name a kind of subject."""
    return KINDS.get(value, value.replace("_", " ").capitalize())


def report_kind(value: str | None) -> str:
    """Name a kind of report."""
    return REPORTS.get(value or "", (value or "report").replace("_", " ").capitalize())


def agency(value: str | None) -> str:
    """Name an agency, as it stands within a sentence."""
    return AGENCIES.get(value or "", (value or "").replace("_", " "))


def source(value: str) -> str:
    """Name a source of records: `police: ppn1`."""
    who, _, what = value.partition(": ")
    return f"{agency(who).capitalize()}: {report_kind(what)}" if what else agency(who).capitalize()


def by_kind(reports: Iterable[Mapping[str, Any]]) -> str:
    """Say how many reports there are of each kind, most first."""
    kinds = Counter(report_kind(report.get("kind")) for report in reports)
    return ", ".join(f"{name}: {n}" for name, n in sorted(kinds.items(), key=lambda item: (-item[1], item[0])))


def recorded(value: str) -> str:
    """Name what is recorded of a person, by type of claim."""
    return RECORDED.get(value.upper()) or link(value).capitalize()


def link(value: str) -> str:
    """Name a type of claim, or a kind of link between two people."""
    return LINKS.get(value.lower()) or CLAIMS.get(value.upper()) or value.replace("_", " ").lower()


def acts(kinds: Iterable[str]) -> str:
    """Say what an adult is to children, from the adult's side: what reports say that they do, never only that the two are linked."""
    return ", ".join(dict.fromkeys(ACTS.get(k.lower(), "is linked by reports to") for k in kinds))


def tone(kinds: Iterable[str]) -> str:
    """Give the tone that a link is drawn in: concern before strength before neutral, as its kinds of claim say."""
    found = {k.lower() for k in kinds}
    if tells_harm(found):
        return "concern"
    return "strength" if any(k.endswith("_strength") for k in found) else "neutral"


def in_age_of_several(found: Mapping[str, int] | None, of: int, kind: str) -> str:
    """Say by how many years somebody is older than several others, of whom some may have an age that is not known."""
    if found is None:
        return in_age(None, kind)
    told = range_in_age(found["least"], found["most"], kind)
    return told if found["known"] == of else f"{told} than the {found['known']} of them whose age is known"


def grade(value: str) -> str:
    """Say a grade in words beside its code: `2-C-P` is an untested source, known indirectly."""
    if value == "ungraded":
        return "Ungraded"
    parts = value.split("-")
    if len(parts) < 2 or parts[0] not in GRADE_SOURCE or parts[1] not in GRADE_INFORMATION:
        return value
    return f"{value}: {GRADE_SOURCE[parts[0]]}, {GRADE_INFORMATION[parts[1]]}"


def is_person(subject: Mapping[str, Any]) -> bool:
    """Say whether a subject is a person of any kind."""
    return subject.get("kind") in PERSON_KINDS


def address(subject: Mapping[str, Any]) -> str:
    """Give the page of a subject. Opaque ids alone: a name in an address reaches logs and histories."""
    found = subject.get("kind", "")
    folder = "people" if found in PERSON_KINDS else {"report": "reports", "context": "contexts"}.get(found, "places")
    return f"/{folder}/{subject['uid']}"
