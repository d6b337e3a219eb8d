"""What the pages and the API ask of the services: the seam at which a canned fake stands in for them in tests."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from graph_service.access import Viewer

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
        """Give the demonstration's personas: who, name, agency, role, purpose. Empty when live."""

    def purposes(self) -> Sequence[Row]:
        """Give the purposes that may be chosen: code and meaning."""

    def statement(self) -> str:
        """Give the confidentiality statement that is accepted on entry."""

    def sign_in(self, who: str, password: str | None, *, purpose: str, accepted_statement: bool) -> str:
        """Begin a session and give its token. Raises NotPermittedError."""

    def sign_out(self, token: str) -> None:
        """End a session."""

    def viewer_of(self, token: str) -> Viewer:
        """Give the viewer of a session. Raises NotPermittedError when it has ended."""

    def viewer_of_bearer(self, token: str) -> Viewer:
        """Give the viewer of an API token. Raises NotPermittedError."""

    def keep_known_at(self, token: str, moment: datetime | None) -> None:
        """Keep the moment that this session looks from until it is set back."""


class MapsLike(Protocol):
    """Self-contained maps and layers, by audience."""

    def html(self, viewer: Viewer, name: str, parameters: Mapping[str, str], as_known_at: datetime | None) -> str:
        """Draw one map as a whole document that fetches nothing."""

    def layers(self, viewer: Viewer) -> list[Row]:
        """Give the layers open to the viewer: name, title, meaning, precision."""

    def features(
        self, viewer: Viewer, name: str, parameters: Mapping[str, str], as_known_at: datetime | None
    ) -> list[Row]:
        """Give GeoJSON features of a layer in WGS84, in a stable order, each with an `id`."""


class ImportsLike(Protocol):
    """Files brought in."""

    def list(self, viewer: Viewer) -> Sequence[Row]:
        """Give the runs, latest first: run, kind, files, state, read, added, already_held, withdrawn, problems, at."""


class AuditLike(Protocol):
    """Who looked, and why."""

    def mine(self, viewer: Viewer) -> Sequence[Row]:
        """Give the viewer's own entries, latest first."""

    def who_looked_at(self, viewer: Viewer, uid: str) -> Sequence[Row]:
        """Give who looked at a subject, latest first."""

    def verify(self, viewer: Viewer) -> Row:
        """Check the chain: `{"whole": bool, "entries": n, "problems": [...]}`."""


class HealthLike(Protocol):
    """Whether the service can answer."""

    def ready(self) -> bool:
        """Say whether a real query on the store and a real audit write have worked."""


class ServiceLike(Protocol):
    """Everything that the pages and the API reach."""

    questions: QuestionsLike
    accounts: AccountsLike
    audit: AuditLike
    imports: ImportsLike
    maps: MapsLike
    health: HealthLike

    @property
    def live(self) -> bool:
        """True away from a laptop: cookies are Secure, personas are refused."""

    def find(self, viewer: Viewer, text: str) -> list[Row]:
        """Find subjects: uid, kind, label, because; best first."""

    def subject(self, viewer: Viewer, uid: str) -> Row:
        """Give uid, kind and label of one subject. Raises NotFoundError for hidden and absent alike."""

    def report(self, viewer: Viewer, uid: str) -> Row:
        """Give the content of a report page. Raises NotFoundError for hidden and absent alike."""

    def today(self, viewer: Viewer) -> Row:
        """Give what needs the viewer now, by role."""
