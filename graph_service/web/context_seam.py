"""What the pages and the API ask of the contextual database: the seam at which a canned fake stands in for the services in tests."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from graph_service.access import Viewer

Row = dict[str, Any]


class ContextsLike(Protocol):
    """
    Contexts as cases of their own: place, peer group, school, neighbourhood, transport route, online space, business.

    A *summary* row has uid, label, kind, state, version (int), lead, team (`[{account, name, agency, role_in_team}]`), referred_at,
    assess_by, review_due (ISO dates or None), overdue (bool), new_notices (int), updated_at, handling.
    A *part* row has name, version (0: not begun), content (dict; shape by part), state (`draft` or `signed_off`), by, agency, at, why, handling.
    Whatever is stale raises StaleError, which carries the row as it stands now.
    """

    @property
    def sharing(self) -> "SharingLike":
        """What may be shared further."""

    def list(self, viewer: Viewer, *, state: str = "") -> Sequence[Row]:
        """Give summary rows of the contexts open to the viewer: those that need somebody first, then by label."""

    def get(self, viewer: Viewer, uid: str) -> Row:
        """
        Give a summary row and: definition, origin, decisions, affected, sharing, parts, contains, reviewed, may.

        Raises NotFoundError for hidden and absent alike.

        definition: kind, label, summary, places, people, groups, vehicles, accounts (each `[subject]`), handle, platform, area (GeoJSON
        polygon in WGS84 or None), harms (`[word]`). origin: how (`direct`, `significant_event`, `convergence`), by, agency, at, reason,
        citations (claim ids). decisions: `[{decision, reason, by, agency, at, meeting}]`. affected: `[{person, why, evidence}]`. parts: part
        name to part row. concerns: `[{adult, child, older_by_years, reports,
        evidence}]`. sharing: the agreements in force (`SharingLike`). contains, touches, within: `[{uid, label, kind}]`.
        reviewed: `{weeks, clause}` by the rule pack. may: what this viewer may do now (nothing while looking back):
        `change`, `note`, `attach`, `share`, `unshare`, `save:PART`, `decide:DECISION`.
        """

    def refer(self, viewer: Viewer, given: Mapping[str, Any], *, command: str = "") -> Row:
        """
        Refer a context; gives its summary row and `open`. Here and below, the same `command` does it once.

        Whoever does not sit in its team (and is not the coordinator) gets this row as a receipt, with `open` False, and finds no such context
        afterwards until they are named for the team.

        Fields: kind, label, summary, how, reason, places, people, groups, vehicles, accounts, handle, platform, area, harms, citations.
        """

    def change(self, viewer: Viewer, uid: str, given: Mapping[str, Any], *, version: int, why: str) -> Row:
        """Change the definition: any of the fields of `refer`, and contains, touches, affected (`[{person, why, citations}]`)."""

    def decide(
        self,
        viewer: Viewer,
        uid: str,
        decision: str,
        *,
        reason: str,
        version: int,
        meeting: str = "",
        command: str = "",
    ) -> Row:
        """Decide as MET: `record_only` or `assess`; on what is assessed `sign_off`, `close`, `refer_on` (to the CTCG) or `again` (to go on)."""

    def part(self, viewer: Viewer, uid: str, name: str) -> Row:
        """Give one part: `team`, `assessment`, `weighting`, `plan`, `review`."""

    def save(
        self, viewer: Viewer, uid: str, name: str, content: Mapping[str, Any], *, version: int, why: str = ""
    ) -> Row:
        """
        Save the next version of a part. Raises ParameterError naming the field that is wrong.

        team: lead (account), members `[{account, agency, role_in_team}]`. assessment: needs, strengths, guardianship `[{who, where, could}]`,
        physical, social, relationships, individual_responses, group_responses, engagement `[{whom, how}]`, analysis. weighting:
        `[{what, rank, reason, evidence}]`. plan: actions `[{what, lead, agency, by, state, progress}]`, goals
        `[{what, measure (named measure or None), effort (bool), target, baseline (frozen, filled in by the service)}]`. review: outcome, narrative.
        """

    def history(self, viewer: Viewer, uid: str, name: str) -> Sequence[Row]:
        """Give every version of a part, latest first; `definition` is one too (its content has affected as well)."""

    def notices(self, viewer: Viewer, uid: str) -> Sequence[Row]:
        """
        Give what came to notice since, as far as this viewer may see.

        `[{what, happened_from, known_from, touches (subject), evidence, new (bool)}]`.
        """

    def seen(self, viewer: Viewer, uid: str, *, up_to: str = "") -> None:
        """Note that this viewer has read the notices; with `up_to` (ISO 8601, UTC), those that became known up to then."""

    def log(self, viewer: Viewer, uid: str) -> Sequence[Row]:
        """Give the activity log, latest first: at, by, agency, what, text."""

    def note(self, viewer: Viewer, uid: str, text: str, *, command: str = "") -> Row:
        """Add an entry to the activity log."""

    def evidence(self, viewer: Viewer, uid: str) -> Sequence[Row]:
        """
        Give the evidence attached: id, question, version, parameters, known_at, sequence, by, at, why, rows (recomputed for this reader), stored.

        `stored` has the rows as they were frozen, for those who may see all of them, else None. `sequence` is kept and never shown (None).
        """

    def attach(
        self, viewer: Viewer, uid: str, question: str, parameters: Mapping[str, Any], *, why: str, command: str = ""
    ) -> Row:
        """Freeze the answer to a question as evidence."""

    def colleagues(self, viewer: Viewer) -> Sequence[Row]:
        """Give who can be named for a team, by agency and name: account, name, agency, role, can_lead (bool). For those who name teams."""

    def measures(self, viewer: Viewer) -> Sequence[Row]:
        """Give the named measures that a goal may use: name, meaning, unit, good (`fewer` or `more`), caveat."""

    def before_and_after(self, viewer: Viewer, uid: str) -> Row:
        """
        Run each goal's frozen measure again: `{"baseline_from", "baseline_to", "now_from", "now_to", "goals": [...], "caveats": [...]}`.

        A goal: what, effort, measure, target, before `{count, low, high, weeks, evidence}`, after (the same), ratio
        `{estimate, low, high}`, sentence.
        """


class SharingLike(Protocol):
    """
    What may be shared further of a context: the record of decisions, which open nothing by themselves.

    A row has id, version, state (`agreed` or `withdrawn`), what, with_kind (`agency`, `school`, `business`, `parent`, `young_person`,
    `community`, `other`), with_whom, may_share (who may tell them), further (what they may pass on, and to whom; empty: nothing), withheld,
    necessary, proportionate, consent (`given`, `not_sought`, `refused`, `nobody_named`), consent_reason, decided_by, decided_on (ISO day),
    by, agency, at, why, handling: who recorded this version, when and why.
    """

    def list(self, viewer: Viewer, uid: str) -> Sequence[Row]:
        """Give every agreement of a context as it stands: what is in force first, then what was withdrawn; latest first."""

    def history(self, viewer: Viewer, uid: str, number: str) -> Sequence[Row]:
        """Give every version of one agreement, latest first."""

    def agree(self, viewer: Viewer, uid: str, given: Mapping[str, Any], *, command: str = "") -> Row:
        """Record an agreement: the fields of a row from what to decided_on. Raises ParameterError naming the field that is wrong."""

    def change(self, viewer: Viewer, uid: str, number: str, given: Mapping[str, Any], *, version: int, why: str) -> Row:
        """Put another agreement in the place of one. Raises StaleError."""

    def withdraw(self, viewer: Viewer, uid: str, number: str, *, version: int, why: str, command: str = "") -> Row:
        """Withdraw one; it stays on the record. Raises StaleError."""


class ProposalsLike(Protocol):
    """Where separate reports meet: pending until a person decides."""

    def list(self, viewer: Viewer) -> Sequence[Row]:
        """
        Give pending proposals, what is new first, computed on what the viewer may see.

        uid, subject, also (other subjects taken to be the same place, each with because), kind, reports (independent), agencies, children,
        first, last, observed, separate (reports that can be paired each with an agency and a child of its own), expected, p_value, q_value,
        named (the name that most of the reports use), elsewhen (reports that name it outside these weeks), known_to_one (children, at most, whom
        one agency reported here), circles (of the children, by other reports), missing_reports, standing (one of
        `queries.analysis.convergence.STANDINGS`), is_new, sentence, chance, eyes, why_here,
        citations `[{report, kind, agency, recorded_at, about, names, claims}]`, evidence, decision, new_since, contexts (those that the viewer
        may see and that have it already: `[{uid, label, kind, state}]`).
        """

    def get(self, viewer: Viewer, uid: str) -> Row:
        """Give one, decided or pending: as in `list`, and decision (None or `{decision, reason, by, at, context}`)."""

    def decide(
        self, viewer: Viewer, uid: str, decision: str, *, reason: str, affected: Sequence[str] = (), command: str = ""
    ) -> Row:
        """
        Decide: `record_only`, `assess` (makes a context with these citations) or `dismiss`; gives the proposal with its decision.

        `affected`: the uids of those, among whom the citations are about, who are affected by the context. The same `command` decides once.
        """


class InstrumentsLike(Protocol):
    """Recorded tools: the score never decides."""

    def catalogue(self, viewer: Viewer) -> Sequence[Row]:
        """
        Give the instruments.

        name, version, title, source, kind, groups `[{name, title, clause, items [{name, label, clause, choices}]}]`, windows, caveats.
        """

    def assessments(self, viewer: Viewer, person: str) -> Sequence[Row]:
        """
        Give what was recorded of a person, latest first.

        uid, instrument, version, by, agency, at, answers, score `{band, points, undefined (bool), because [{text, clause}]}`, judgement
        `{band, reason, by}`, grading `{police, childrens_services, agreed, reason}`, follows `[{what, due, clause}]` (tier, single point of
        contact, review dates), handling.
        """

    def withdrawn(self, viewer: Viewer, person: str) -> Sequence[Row]:
        """
        Give what was recorded here and withdrawn since, latest withdrawn first.

        uid, instrument, title, version, at, by, agency, withdrawn_at, why, correction, handling; nothing of what it said.
        """

    def withdraw(self, viewer: Viewer, person: str, uid: str, *, version: int, why: str) -> Row:
        """Withdraw one that the viewer's agency recorded, at its `correction`; gives the row of `withdrawn`. Raises StaleError."""

    def missing(self, viewer: Viewer, person: str) -> Sequence[Row]:
        """Count missing episodes as each rule pack does: pack, title, episodes, since (ISO date), category (or empty), text, clause."""

    def score(self, viewer: Viewer, given: Mapping[str, Any]) -> Row:
        """Score answers without keeping them: instrument, answers, born, at; gives `score` and `follows`."""

    def record(self, viewer: Viewer, person: str, given: Mapping[str, Any]) -> Row:
        """Keep an assessment: instrument, version, answers, judgement, grading, window. Raises ParameterError naming the field that is wrong."""
