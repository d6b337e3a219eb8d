"""What may be shared further of a context, for programs."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from graph_service.errors import NotFoundError
from graph_service.web.deps import CallerDep, ServiceDep
from graph_service.web.paging import paged
from graph_service.web.routes.api import AfterQuery, KnownAtQuery, LimitQuery, looking_from
from graph_service.web.sharing_bodies import Agreement, AgreementRow, Changed, Withdrawn
from graph_service.web.versions import KeyHeader, MatchHeader, once, version_of, versioned

router = APIRouter(prefix="/api/v1/contexts/{uid}/sharing", tags=["contexts"])


@router.get("", response_model=list[AgreementRow])
def sharing(
    request: Request,
    caller: CallerDep,
    service: ServiceDep,
    uid: str,
    limit: LimitQuery = 50,
    after: AfterQuery = "",
    as_known_at: KnownAtQuery = None,
) -> Response:
    """Give what was agreed to be shared further of a context: what is in force first, then what was withdrawn."""
    return paged(request, service.contexts.sharing.list(looking_from(caller, as_known_at), uid), limit, after)


@router.post("", status_code=201, response_model=AgreementRow)
def agree(caller: CallerDep, service: ServiceDep, uid: str, given: Agreement, key: KeyHeader = None) -> Response:
    """Record what was agreed to be shared further, with whom, by whom and why. It opens nothing by itself."""
    row = once(
        service,
        caller,
        key,
        f"agree sharing {uid}",
        given.model_dump_json(),
        lambda command: service.contexts.sharing.agree(caller, uid, given.model_dump(), command=command),
    )
    return versioned(row, 201, Location=f"/api/v1/contexts/{uid}/sharing/{row['id']}")


@router.get("/{number}", response_model=AgreementRow)
def agreement(
    caller: CallerDep, service: ServiceDep, uid: str, number: str, as_known_at: KnownAtQuery = None
) -> Response:
    """Give one agreement as it stands."""
    rows = service.contexts.sharing.list(looking_from(caller, as_known_at), uid)
    found = next((row for row in rows if row["id"] == number), None)
    if found is None:
        raise NotFoundError
    return versioned(found)


@router.put("/{number}", response_model=AgreementRow)
def change(
    caller: CallerDep, service: ServiceDep, uid: str, number: str, given: Changed, if_match: MatchHeader = None
) -> Response:
    """Put another agreement in the place of one; the earlier version is kept."""
    fields = given.model_dump(exclude={"why"})
    version = version_of(if_match)
    return versioned(service.contexts.sharing.change(caller, uid, number, fields, version=version, why=given.why))


@router.post("/{number}/withdrawal", response_model=AgreementRow)
def withdraw(
    caller: CallerDep,
    service: ServiceDep,
    uid: str,
    number: str,
    given: Withdrawn,
    if_match: MatchHeader = None,
    key: KeyHeader = None,
) -> Response:
    """Withdraw an agreement: from now on nothing is shared by it. It stays on the record."""
    version = version_of(if_match)
    row = once(
        service,
        caller,
        key,
        f"withdraw sharing {uid} {number}",
        f"{version}{given.model_dump_json()}",
        lambda command: service.contexts.sharing.withdraw(
            caller, uid, number, version=version, why=given.why, command=command
        ),
    )
    return versioned(row)


@router.get("/{number}/history", response_model=list[AgreementRow])
def history(
    request: Request,
    caller: CallerDep,
    service: ServiceDep,
    uid: str,
    number: str,
    limit: LimitQuery = 50,
    after: AfterQuery = "",
    as_known_at: KnownAtQuery = None,
) -> Response:
    """Give every version of one agreement, latest first, with who recorded it, when and why."""
    return paged(
        request, service.contexts.sharing.history(looking_from(caller, as_known_at), uid, number), limit, after
    )
