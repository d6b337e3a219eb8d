"""What the pages and the API ask of the services: the seam at which a canned fake stands in for them in tests."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, Protocol

from graph_service.access import Viewer
from graph_service.web.context_seam import ContextsLike, InstrumentsLike, ProposalsLike

Row = dict[str, Any]
Envelope = dict[str, Any]


class QuestionsLike(Protocol):
    """The catalogue, and its answers."""

    def catalogue(self) -> list[Row]:
        """Give every question: name, version, meaning, source, parameters, text, caveats."""

    def ask(
        self, viewer: Viewer, name: str, parameters: Mapping[str, str], *, as_known_at: datetime | None
    ) -> Envelope:
        """Answer a question in the envelope of the contract."""


class AccountsLike(Protocol):
    """Sign-in, sessions and tokens."""

    def personas(self) -> Sequence[Row]:
        """Give the invented people to look as: who, name, agency, role, purpose, job. Empty when live: then a password is asked for."""

    def purposes(self) -> Sequence[Row]:
        """Give the purposes that may be chosen: code and meaning."""

    def statement(self) -> Sequence[str]:
        """Give the paragraphs of the confidentiality statement in force."""

    def sign_in(
        self, who: str, password: str | None, *, purpose: str, accepted_statement: bool, source: str = ""
    ) -> str:
        """
        Begin a session and give its token; `password` None: as a persona, on a laptop.

        Raises NotPermittedError for whatever is wrong, without saying what.
        """

    def sign_out(self, token: str) -> None:
        """End a session; nothing happens if there is none."""

    def viewer_of(self, token: str, *, source: str = "") -> Viewer:
        """Give the viewer of a session as they stand now. Raises NotPermittedError when it has ended."""

    def viewer_of_bearer(self, token: str, *, source: str = "") -> Viewer:
        """Give the viewer of an API token as they stand now. Raises NotPermittedError."""

    def keep_known_at(self, token: str, moment: datetime | None) -> None:
        """Keep the moment (UTC) that this session looks from; None: now."""


class RepeatsLike(Protocol):
    """Requests that carry an idempotency key."""

    def once(self, viewer: Viewer, key: str, question: str, request: str, act: Callable[[], str]) -> str:
        """Answer with `act`, or with what it answered to the same request under this key. Raises ConflictError."""

    def done_once(self, viewer: Viewer, key: str, what: str, request: str, act: Callable[[str], str]) -> str:
        """As `once`, for what changes the graph: the act itself does not make its key a new one. Raises ConflictError."""


class MapsLike(Protocol):
    """Self-contained maps and layers, by audience."""

    def html(self, viewer: Viewer, name: str, parameters: Mapping[str, str], as_known_at: datetime | None) -> str:
        """Draw one map as a whole document that fetches nothing. Raises NotFoundError when there is nothing to draw."""

    def layers(self, viewer: Viewer) -> list[Row]:
        """Give the layers open to the viewer: name, title, meaning, precision."""

    def features(
        self, viewer: Viewer, name: str, parameters: Mapping[str, str], as_known_at: datetime | None
    ) -> list[Row]:
        """Give GeoJSON features of a layer in WGS84, in a stable order, each with an `id`."""


class ImportsLike(Protocol):
    """Files brought in."""

    def upload(
        self, viewer: Viewer, kind: str, name: str, content: BinaryIO, *, dry_run: bool, accept_good_rows: bool
    ) -> str:
        """Check one file and bring its rows in; gives the id of the run. Raises IngestError, or ParameterError for its kind."""

    def get(self, viewer: Viewer, run: str) -> Row:
        """Give one run as in `list`, with its problems: file, sheet, row, column, severity, rule. Raises NotFoundError."""

    def list(self, viewer: Viewer) -> Sequence[Row]:
        """Give the runs, latest first: id, kind, files, state, started_at, dry_run, counts."""


class AuditLike(Protocol):
    """Who looked, and why."""

    def mine(self, viewer: Viewer) -> Sequence[Row]:
        """Give the viewer's own entries, latest first: at, action, question, account, role, agency, purpose, returned, decision."""

    def who_looked_at(self, viewer: Viewer, uid: str) -> Sequence[Row]:
        """Give who looked at a subject, latest first."""

    def verify(self, viewer: Viewer) -> Row:
        """Check the chain: `{"ok": bool, "entries": n, "head": ..., "problems": [...]}`."""


class HealthLike(Protocol):
    """Whether the service can answer."""

    def ready(self) -> bool:
        """Say whether a real query on the store and a real audit write have worked."""


class ServiceLike(Protocol):
    """Everything that the pages and the API reach."""

    @property
    def questions(self) -> QuestionsLike:
        """The catalogue and its answers."""

    @property
    def accounts(self) -> AccountsLike:
        """Who is asking."""

    @property
    def audit(self) -> AuditLike:
        """Who looked, and why."""

    @property
    def imports(self) -> ImportsLike:
        """Files brought in."""

    @property
    def maps(self) -> MapsLike:
        """Maps and layers."""

    @property
    def health(self) -> HealthLike:
        """Whether it can answer."""

    @property
    def instruments(self) -> InstrumentsLike:
        """Recorded tools, and the assessments made with them."""

    @property
    def repeats(self) -> RepeatsLike:
        """Requests that are sent again."""

    @property
    def contexts(self) -> ContextsLike:
        """The contextual database."""

    @property
    def proposals(self) -> ProposalsLike:
        """Where separate reports meet."""

    @property
    def live(self) -> bool:
        """True away from a laptop: cookies are Secure, personas are refused."""

    def find(self, viewer: Viewer, text: str) -> list[Row]:
        """Find subjects: uid, kind, label, because; best first."""

    def subject(self, viewer: Viewer, uid: str) -> Row:
        """Give uid, kind and label of one subject. Raises NotFoundError for hidden and absent alike."""

    def labelled(self, viewer: Viewer, answer: Envelope, mode: str) -> Envelope:
        """Give an answer with its people named in a mode (names, initials, pseudonyms, numbers), and record that they were shown so."""

    def report(self, viewer: Viewer, uid: str) -> Row:
        """
        Give the content of a report page. Raises NotFoundError for hidden and absent alike.

        uid, kind, agency, grade, handling, recorded_at; parts `[{part, text}]` fullest first; mentions `[{label, subject}]`;
        claims `[{what, claim, happened_from}]`; copies `[{report, agency, recorded_at}]`.
        """

    def today(self, viewer: Viewer) -> Row:
        """Give what needs the viewer now, by role."""
