"""Joins the store, the records and the services. Nothing is built at import."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from graph_service.access import Viewer
from graph_service.errors import SettingsError
from graph_service.records import Records
from graph_service.services.accounts import Accounts
from graph_service.services.contexts import Contexts, Desk, Standings
from graph_service.services.find import Find
from graph_service.services.health import Health
from graph_service.services.homes import HomesFile
from graph_service.services.hubs import Hubs
from graph_service.services.imports import Imports
from graph_service.services.keeping import Keeping
from graph_service.services.labels import Labels
from graph_service.services.proposals import Proposals
from graph_service.services.questions import Questions
from graph_service.services.repeats import Repeats
from graph_service.services.same_as import SameAs
from graph_service.services.subjects import Subjects
from graph_service.services.trail import Trail
from graph_service.services.visible import VisibleGraphs
from graph_service.settings import Settings
from graph_service.store.address import Address
from graph_service.store.bolt import BoltStore
from graph_service.store.local import LocalNeo4j
from graph_service.store.schema import ensure_schema
from graph_service.store.work import WorkStore

if TYPE_CHECKING:
    from graph_service.services.instruments import Instruments
    from graph_service.services.map_data import Maps

Progress = Callable[[str], None]


@dataclass
class Service:
    """Everything that the pages, the API and the command line reach."""

    settings: Settings
    store: BoltStore
    records: Records
    graphs: VisibleGraphs
    accounts: Accounts
    questions: Questions
    imports: Imports
    keeping: Keeping
    audit: Trail
    same_as: SameAs
    hubs: Hubs
    health: Health
    finder: Find
    subjects: Subjects
    repeats: Repeats
    contexts: Contexts
    proposals: Proposals
    local: LocalNeo4j | None = None

    @cached_property
    def maps(self) -> "Maps":
        """Maps; their libraries take a second to import and most commands draw none."""
        from graph_service.services.map_data import Maps

        labels = Labels(self.graphs, self.records.audit)
        return Maps(self.graphs, self.questions, self.records.audit, self.contexts, labels)

    @cached_property
    def instruments(self) -> "Instruments":
        """Recorded tools; a partnership's own forms are in `instruments` under the home."""
        from graph_service.services.instruments import Instruments

        return Instruments(self.store, self.graphs, self.records.audit, self.settings.home / "instruments")

    @property
    def live(self) -> bool:
        """True away from a laptop: cookies are Secure, personas are refused."""
        return self.settings.environment == "live"

    def viewer(self, who: str, purpose: str) -> Viewer:
        """Give the viewer that the command line speaks for."""
        return self.accounts.of_command_line(who, purpose)

    def operator(self, purpose: str) -> Viewer:
        """Give the operator."""
        return self.accounts.operator(purpose)

    def find(self, viewer: Viewer, text: str) -> list[dict[str, Any]]:
        """Find subjects, best first."""
        return self.finder.find(viewer, text, as_known_at=viewer.known_at)

    def subject(self, viewer: Viewer, uid: str) -> dict[str, Any]:
        """Give uid, kind and label of one subject, or NotFoundError for hidden and absent alike."""
        return self.subjects.subject(viewer, uid)

    def labelled(self, viewer: Viewer, answer: dict[str, Any], mode: str) -> dict[str, Any]:
        """Give an answer with its people named in a mode, and record that they were shown so."""
        return Labels(self.graphs, self.records.audit).shown(viewer, answer, mode)

    def report(self, viewer: Viewer, uid: str) -> dict[str, Any]:
        """Give the content of a report page, or NotFoundError for hidden and absent alike."""
        return self.subjects.report(viewer, uid)

    def today(self, viewer: Viewer) -> dict[str, Any]:
        """Give what needs the viewer now, by role."""
        from graph_service.services.today import Today

        return Today(self.graphs, self.records.audit, self.contexts, self.proposals).today(viewer)

    def close(self) -> None:
        """Let the store and the records go; a local store that runs on its own goes on."""
        self.store.close()
        self.records.close()


def bootstrap(settings: Settings, *, supervised: bool = False, progress: Progress | None = None) -> Service:
    """
    Open the store (starting the local one if none runs), the records and the services.

    Raises
    ------
    StoreUnavailableError, AuditUnavailableError
        If either cannot be opened.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    homes = HomesFile(lambda: settings.homes)
    homes.current()  # a list that cannot be used is refused at the start, not at the first question
    records = Records(settings.database_url, settings.home)
    records.create_or_migrate()
    if settings.environment == "laptop":
        records.accounts.ensure_personas()
    address, local = Address.of(settings), None
    if address is None:
        local = _local(settings, progress)
        address = local.start(supervised)
    store = BoltStore(address, disk_free=local.disk_free if local else None)
    try:
        ensure_schema(store)
    except BaseException:
        store.close()
        raise
    graphs = VisibleGraphs(store, records.key("pseudonyms"), homes.current, Standings(WorkStore(store)))
    keeping = Keeping(store, records)
    imports = Imports(store, records.audit, keeping, settings.home / "writer.lock", settings.area)
    questions = Questions(store, graphs, records.audit)
    desk = Desk(store, graphs, records.audit, records.accounts, imports)
    contexts = Contexts(desk, questions)
    imports.afterwards.append(contexts.follow_rights)
    contexts.recover()
    return Service(
        settings,
        store,
        records,
        graphs,
        Accounts(records, live=settings.environment == "live", token_file=settings.token_file),
        questions,
        imports,
        keeping,
        Trail(records.audit, graphs),
        SameAs(store, graphs, records.audit, imports),
        Hubs(store, graphs, records.audit, imports),
        Health(store, records.audit),
        Find(store, graphs, records.audit),
        Subjects(store, graphs, records.audit),
        Repeats(records.repeats, records.audit, graphs),
        contexts,
        Proposals(desk, contexts, records.key("pseudonyms")),
        local,
    )


def _local(settings: Settings, progress: Progress | None) -> LocalNeo4j:
    return LocalNeo4j(
        settings.home, java=settings.java, maven_url=settings.maven_url, progress=progress or (lambda _: None)
    )


def _own_store(settings: Settings, progress: Progress | None = None) -> LocalNeo4j:
    if settings.neo4j_uri is not None:
        raise SettingsError("PMET_NEO4J_URI names a server, which is started and stopped where it runs")
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return _local(settings, progress)


def store_status(settings: Settings) -> dict[str, Any]:
    """Say whether the store runs, and where."""
    address = Address.of(settings)
    if address is None:
        found = _own_store(settings).status()
        return {
            "kind": "local",
            "running": found.running,
            "uri": found.uri,
            "pid": found.pid,
            "home": str(settings.home),
        }
    store = BoltStore(address)
    try:
        return {"kind": "server", "running": store.ready(), "uri": address.uri, "pid": None, "home": str(settings.home)}
    finally:
        store.close()


def store_start(settings: Settings, progress: Progress | None = None) -> dict[str, Any]:
    """Start the local store and leave it running."""
    _own_store(settings, progress).start(supervised=False)
    return store_status(settings)


def store_stop(settings: Settings, progress: Progress | None = None) -> dict[str, Any]:
    """Stop the local store."""
    _own_store(settings, progress).stop()
    return store_status(settings)


def build_demonstration(service: Service, size: Literal["city", "force", "london"], progress: Progress) -> None:
    """Build the invented city and bring in the real street crimes of Portsmouth, unless the folder holds them already."""
    from graph_service.services.demonstration import build

    build(
        service.imports,
        service.same_as,
        service.operator("build the demonstration city"),
        service.settings.home,
        size,
        progress,
    )
