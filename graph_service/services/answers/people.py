"""`people.profile` and `people.timeline`: what touches one person, asked in Cypher."""

import json
from collections import Counter
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from graph_service.services.answers.asked import Asked, iso
from graph_service.services.answers.cases import defined_cases
from queries.factors import bits_of_text, factors_of, listed
from queries.vocabulary import CLAIM_TYPES, TYPE_CODES, TYPE_NAMES

_PRESENCE: Final = ("MEMBER_OF", "FREQUENTS", "ATTENDS", "AFFECTED_BY", "SEEN_AT")
_MOST: Final = 2000
_OF_AN_ASSESSMENT: Final = "assessed_"


def profile(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `people.profile` with one row."""
    at = asked.locate("subject")
    subject, graph = asked.graph.subjects[at], asked.graph
    mentions = asked.rows("people.mentions", members=list(subject.members))
    attributes: dict[str, Any] = {"kind": subject.kind}
    aliases: list[str] = []
    if not asked.knows_name_of(at):
        years = [row["date_of_birth"][:4] for row in mentions if row["date_of_birth"]]
        attributes |= {"year_of_birth": years[0]} if years else {}
    else:
        for row in mentions:
            given = {"date_of_birth": row["date_of_birth"], "subkind": row["subkind"]}
            given |= json.loads(row["attributes"]) if row["attributes"] else {}
            for name, value in given.items():
                # A band stands on the assessment that gave it, beside its reasons, and is nothing that a child is.
                if value not in ("", None) and not name.startswith(_OF_AN_ASSESSMENT):
                    attributes.setdefault(name, value)
            named = [row["label"], *row["aliases"]]
            aliases += [name for name in named if name and name != subject.label and name not in aliases]
    touching = np.flatnonzero((graph.claims.a == at) | (graph.claims.b == at))
    apart = np.flatnonzero((graph.apart.a == at) | (graph.apart.b == at))
    counts = Counter(TYPE_NAMES[code] for code in graph.claims.type[touching].tolist())
    counts += Counter(TYPE_NAMES[code] for code in graph.apart.type[apart].tolist())
    evidence = [
        *graph.claims.claim_id[touching],
        *graph.apart.claim_id[apart],
        *(row["claim_id"] for row in mentions if row["report_id"]),
    ]
    row = {
        "subject": asked.subject(at),
        "attributes": attributes,
        "aliases": aliases,
        "claims": dict(sorted(counts.items())),
        "contexts": _contexts(asked, at),
        "evidence": sorted(set(evidence)),
    }
    return [row], []


def _contexts(asked: Asked, at: int) -> list[dict[str, Any]]:
    """
    List the places, groups and contexts that the person is present in, most claims first.

    A context that was referred is among them when it names the person, or a claim puts them where it is or says that it affects them;
    `because` says which (`named`, `present`, `affected`).
    """
    graph = asked.graph
    own = (graph.claims.a == at) & np.isin(graph.claims.type, [TYPE_CODES[name] for name in _PRESENCE])
    found: dict[int, list[str]] = {}
    for row in np.flatnonzero(own).tolist():
        found.setdefault(int(graph.claims.b[row]), []).append(str(graph.claims.claim_id[row]))
    incidents = graph.claims.b[(graph.claims.a == at) & (graph.claims.type == TYPE_CODES["INVOLVED_IN"])]
    there = np.isin(graph.claims.a, incidents) & (graph.claims.type == TYPE_CODES["AT"])
    for row in np.flatnonzero(there).tolist():
        found.setdefault(int(graph.claims.b[row]), []).append(str(graph.claims.claim_id[row]))
    because = _cases(asked, at, found)
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        {"context": asked.subject(place), "claims": len(claims), "evidence": claims}
        | ({"because": because[place]} if place in because else {})
        for place, claims in ordered
    ]


def _cases(asked: Asked, at: int, found: dict[int, list[str]]) -> dict[int, list[str]]:
    """Add the contexts that the person is named in or present in to `found`, and say of each why."""
    graph = asked.graph
    uses = (graph.claims.a == at) & (graph.claims.type == TYPE_CODES["USES"])
    used: dict[int, list[str]] = {}
    for row in np.flatnonzero(uses).tolist():
        used.setdefault(int(graph.claims.b[row]), []).append(str(graph.claims.claim_id[row]))
    because = {}
    for case in defined_cases(asked).values():
        there = [claim for where in sorted(case.where) for claim in (*found.get(where, ()), *used.get(where, ()))]
        words = {"affected": case.at in found, "named": at in case.people, "present": bool(there)}
        if any(words.values()):
            found[case.at] = list(dict.fromkeys([*found.get(case.at, ()), *there]))
            because[case.at] = [word for word, holds in words.items() if holds]
    return because


def timeline(asked: Asked) -> tuple[list[dict[str, Any]], list[str]]:
    """Answer `people.timeline`, latest first; what happened at an unknown time comes last."""
    at = asked.locate("subject")
    start, end = asked.period
    found = asked.rows(
        "people.timeline", members=list(asked.graph.subjects[at].members), **{"from": start, "to": end}, limit=_MOST + 1
    )
    rows = []
    for row in found[:_MOST]:
        a, b = asked.graph.position.get(row["from_uid"]), asked.graph.position.get(row["to_uid"])
        if a is None or b is None:
            continue
        # What pushed and pulled is said of the claim's own person, in coded words; a text that somebody typed stays in its report.
        said = bits_of_text(row["told"]) if row["type"] == "INVOLVED_IN" else 0
        why = listed(said)
        rows.append(
            {
                "happened_from": iso(row["happened_from"]),
                "happened_to": iso(row["happened_to"]),
                "recorded_at": iso(row["recorded_at"]),
                "what": sentence(asked, row["type"], row["role"], a, b) + (f"; {why}" if why else ""),
                "evidence": [row["claim_id"]],
                "type": row["type"],
                "role": row["role"],
                "time_known": row["time_known"],
                "subjects": [asked.subject(a), asked.subject(b)],
                "factors": [asdict(factor) for factor in factors_of(said)],
            }
        )
    rows.sort(key=lambda row: row["happened_from"] is None)
    caveats = [f"Only the latest {_MOST} are shown; ask for a shorter period."] if len(found) > _MOST else []
    return rows, caveats


def sentence(asked: Asked, claim_type: str, role: str, a: int, b: int) -> str:
    """Say a claim in a sentence."""
    one, other = asked.graph.subjects[a].label, asked.graph.subjects[b].label
    word = role.replace("_", " ")
    if claim_type == "AT":
        return f"{one}: {word or 'happened'} {'' if word.endswith((' at', ' from')) else 'at '}{other}"
    if claim_type == "DENIED":
        return f"A report denies a link between {one} and {other}" + (f" ({word})" if word else "")
    return f"{one} {CLAIM_TYPES[claim_type].label} {other}" + (f" ({word})" if word else "")
