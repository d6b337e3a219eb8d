"""
The life of a context, as data and pure functions: what MET may decide when, and what is due when.

Source: Portsmouth MET Integrated Pathway 8.2 g-k and Appendix A, "For contexts" and "Review" (seed 000).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from graph_service.pathway import packs

LONDON: Final = ZoneInfo("Europe/London")
KINDS: Final = ("place", "peer_group", "school", "neighbourhood", "transport", "online", "business")
ROUTES: Final = ("direct", "significant_event", "convergence")
# Appendix A: the chair names a lead "within the Adolescent Service", which sits in children's social care and in youth services.
LEAD_AGENCIES: Final = ("social_care", "youth")
# What may be decided of a context in each state. Appendix A: record only, or progress to assessment; then review, close, or the CTCG (19.1 c-d).
MAY_FOLLOW: Final[Mapping[str, tuple[str, ...]]] = {
    "referred": ("record_only", "assess"),
    "record_only": ("assess", "close"),
    "assessing": ("sign_off", "close", "refer_on"),
    "planned": ("sign_off", "again", "close", "refer_on"),
    "review_due": ("sign_off", "again", "close", "refer_on"),
    "closed": ("assess",),
    "referred_on": ("assess", "close"),
}
STATES: Final = tuple(MAY_FOLLOW)
DECISIONS: Final = tuple(sorted({word for words in MAY_FOLLOW.values() for word in words}))
# A satellite team works while a context is assessed, planned for or under review; any other decision ends its membership.
WORKED_ON: Final = ("assessing", "planned", "review_due")
ENDED: Final = ("closed", "referred_on")
_NEEDS_SOMEBODY: Final = ("review_due", "referred", "assessing", "planned", "record_only", "referred_on", "closed")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a context stands: its state, when its plan was first signed off (UTC) and the day (London) on which its review is due."""

    state: str
    signed_at: dt.datetime | None = None
    review_due: dt.date | None = None
    overdue: bool = False


def standing(decisions: Sequence[Mapping[str, Any]], now: dt.datetime) -> Standing:
    """
    Say where a context stands, from its decisions (oldest first) and this moment; nothing of it is stored.

    The review is due so many weeks as the rule pack says after the plan was first signed off, or after MET decided to keep going. Signing a
    changed plan does not put the review off.
    """
    state, signed, counted = "referred", None, None
    for made in decisions:
        at = dt.datetime.fromisoformat(made["at"])
        match made["decision"]:
            case "assess":
                state, signed, counted = "assessing", None, None
            case "sign_off":
                state, signed = "planned", signed or at
                counted = counted or at
            case "again":
                state, counted = "planned", at
            case "close":
                state = "closed"
            case "refer_on":
                state = "referred_on"
            case _:
                state = "record_only"
    if state != "planned" or counted is None:
        return Standing(state, signed)
    due = review_day(counted)
    today = now.astimezone(LONDON).date()
    return Standing("review_due" if today >= due else "planned", signed, due, today > due)


def review_after() -> dt.timedelta:
    """Give how long after its plan was signed off a context is reviewed, by the rule pack; measures count as long before."""
    return dt.timedelta(weeks=int(packs.contexts_reviewed()["weeks"]))


def review_day(counted_from: dt.datetime) -> dt.date:
    """Give the day (London) on which a review is due that is counted from this instant."""
    return counted_from.astimezone(LONDON).date() + review_after()


def urgency(state: str) -> int:
    """Give the place of a state in a list that begins with what needs somebody first."""
    return _NEEDS_SOMEBODY.index(state)
