"""The forms of a context's parts, as data: which fields each has, and how what was typed becomes content, and content a form again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_SPARE_ROWS: Final = 2
# More than the service keeps of any list, so that it says so and nothing is dropped.
_MOST_ROWS: Final = 210
# Of a list of which a form shows the first, the others are sent back unseen under this name.
ALSO: Final = "-also"

KINDS: Final = {
    "place": "Place",
    "peer_group": "Peer group",
    "school": "School",
    "neighbourhood": "Neighbourhood",
    "transport": "Transport route or stop",
    "online": "Online space",
    "business": "Business",
}
HOW: Final = {
    "direct": "Direct referral",
    "significant_event": "After a significant event",
    "convergence": "Separate reports met here",
}
ACTION_STATES: Final = {"to do": "To do", "under way": "Under way", "done": "Done", "dropped": "Dropped"}
OUTCOMES: Final = {
    "agree": "Agree: the plan does what is needed",
    "direct_action": "Direct action: MET directs what must be done",
    "escalate": "Escalate",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One box of a row: `kind` is text, long, number, date, choice or tick; `choices` are filled in by the page."""

    name: str
    label: str
    kind: str = "text"
    choices: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a part: a long text, or rows of boxes (`columns`)."""

    name: str
    label: str
    hint: str = ""
    columns: tuple[Column, ...] = ()
    choices: str = ""

    @property
    def has_rows(self) -> bool:
        """Whether it is a list of rows."""
        return bool(self.columns)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a context that people write together: its name, title, what it is for, and its fields."""

    name: str
    title: str
    lead: str
    fields: tuple[Field, ...]


PARTS: Final = {
    part.name: part
    for part in (
        Part(
            "assessment",
            "Context Assessment",
            "What is happening here, who keeps the place safe, what young people need. Keep what was seen and said apart from judgement.",
            (
                Field("needs", "What the young people need", "Of all those affected, together. What happened to them, not what they did wrong"),
                Field("strengths", "Their strengths, safe people and safe places"),
                Field(
                    "guardianship",
                    "Who could keep this place safe",
                    "Staff, drivers, residents, caretakers, moderators: anyone whose presence helps",
                    (Column("who", "Who"), Column("where", "Where or when"), Column("could", "What they could do")),
                ),
                Field("physical", "The physical environment", "Lighting, sight lines, exits, cameras, opening hours"),
                Field("social", "The social environment", "What is normal here, who sets the tone, what adults do"),
                Field("relationships", "Relationships", "Between the young people, and with adults who cause harm, by their acts"),
                Field("individual_responses", "Responses for individuals"),
                Field("group_responses", "Responses for the whole group or place"),
                Field(
                    "engagement",
                    "Engaging parents, businesses and the community",
                    "",
                    (Column("whom", "Whom"), Column("how", "How")),
                ),
                Field("analysis", "What we make of it", "The team's judgement, with its reasons"),
            ),
        ),
        Part(
            "weighting",
            "Context weighting",
            "Rank what must change first, with your reasons. The ranking is yours: nothing is computed, and evidence only stands beside it.",
            (
                Field(
                    "weighting",
                    "Contexts and influences",
                    "1 is what must change first. Two may have the same rank",
                    (
                        Column("rank", "Rank", "number"),
                        Column("what", "Context or influence"),
                        Column("reason", "Why here in the order", "long"),
                        Column("evidence", "Evidence beside it", "choice", "evidence"),
                    ),
                ),
            ),
        ),
        Part(
            "plan",
            "Plan",
            "Who will do what by when, and what will be different. A goal with a measure is counted again at the review.",
            (
                Field(
                    "actions",
                    "Actions",
                    "",
                    (
                        Column("what", "What will be done"),
                        Column("lead", "Who leads"),
                        Column("agency", "Agency"),
                        Column("by", "By when", "date"),
                        Column("state", "How it stands", "choice", "action_states"),
                        Column("progress", "Progress", "long"),
                    ),
                ),
                Field(
                    "goals",
                    "Goals",
                    "What will be safer. Tick effort where the goal counts what we do rather than what changes",
                    (
                        Column("what", "What will be different"),
                        Column("measure", "Measured by", "choice", "measures"),
                        Column("target", "Target"),
                        Column("effort", "This measures our effort, not safety", "tick"),
                    ),
                ),
            ),
        ),
        Part(
            "team",
            "Satellite team",
            "The chair names a lead from the Adolescent Service, agencies their members. Each sees this context until it closes.",
            (
                Field(
                    "members",
                    "Members",
                    "",
                    (Column("account", "Who", "choice", "colleagues"), Column("role_in_team", "Role in the team")),
                ),
            ),
        ),
        Part(
            "review",
            "Review",
            "What changed since the plan began, and what follows.",
            (Field("narrative", "What the team saw"), Field("outcome", "Outcome proposed to MET", choices="outcomes")),
        ),
    )
}  # fmt: skip


def field_of(part: Part, named: str) -> tuple[str, str]:
    """Give the field of a form that an error names (`plan.goals.measure`), and which box of a row it means, empty where none."""
    path = [step for step in named.split(".") if step and step != part.name]
    known = {field.name: field for field in part.fields}
    if not path or (path[0] not in known and path[0] != "lead"):
        return part.fields[0].name if part.fields[0].has_rows else named, ".".join(path)
    boxes = {column.name: column.label for column in known[path[0]].columns} if path[0] in known else {}
    return path[0], boxes.get(path[-1], "") if len(path) > 1 else ""


def as_fields(part: Part, content: Any) -> dict[str, Any]:  # noqa: ANN401
    """Give content by field: that of the weighting is its rows alone."""
    return {part.name: content} if isinstance(content, list) else dict(content or {})


def as_content(part: Part, fields: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Give fields as the content that is kept, the reverse of `as_fields`."""
    return fields["weighting"] if part.name == "weighting" else dict(fields)


def read_content(part: Part, form: Mapping[str, Any]) -> dict[str, Any]:
    """Read the fields of a part from a submitted form. Rows in which nothing was typed are left out; nothing else is changed."""
    content: dict[str, Any] = {}
    for field in part.fields:
        if not field.has_rows:
            content[field.name] = str(form.get(field.name) or "").replace("\r\n", "\n").strip()
            continue
        rows = []
        for number in range(_MOST_ROWS):
            row = {column.name: _read(column, form, f"{field.name}-{number}-{column.name}") for column in field.columns}
            if any(
                row[column.name]
                for column in field.columns
                if column.kind not in {"choice", "tick"} or column.name == "account"
            ):
                rows.append(row)
        content[field.name] = rows
    if part.name == "team":
        content["lead"] = str(form.get("lead") or "").strip()
    return content


def _read(column: Column, form: Mapping[str, Any], box: str) -> Any:  # noqa: ANN401
    found = _value(column, form.get(box))
    if isinstance(found, list):
        several = getattr(form, "getlist", lambda name: [form[name]] if name in form else [])
        found += [str(also) for also in several(box + ALSO) if str(also) not in found]
    return found


def _value(column: Column, typed: object) -> Any:  # noqa: ANN401
    text = str(typed or "").replace("\r\n", "\n").strip()
    match column.kind:
        case "tick":
            return bool(text)
        case "number":
            return int(text) if text.isdecimal() and len(text) < 4 else text
        case "choice" if column.choices == "evidence":
            return [text] if text else []
        case "choice" | "date":
            return text or None
        case _:
            return text


def rows_to_show(field: Field, content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the rows of a field for its form: those that there are, and a few to fill in."""
    held: Sequence[Mapping[str, Any]] = content.get(field.name) or ()
    blank: dict[str, Any] = {column.name: "" for column in field.columns}
    spare = _SPARE_ROWS if held else _SPARE_ROWS + 1
    return [{**blank, **row} for row in held] + [dict(blank) for _ in range(spare)]
