"""What the API takes and gives of what may be shared further of a context."""

from typing import Annotated, Literal

from pydantic import Field

from graph_service.web.body import Body, Day, Long, Named, Said, Short

Recipient = Literal["agency", "school", "business", "parent", "young_person", "community", "other"]
Consent = Literal["given", "not_sought", "refused", "nobody_named"]


class Agreement(Body):
    """What was agreed to be shared further, and why; a record of a decision, which opens nothing by itself."""

    what: Said
    with_kind: Recipient
    with_whom: Named
    may_share: Annotated[str, Field(min_length=1, max_length=8000, pattern=r"\S", description="who may tell them")]
    further: Annotated[
        Long, Field(description="what they may pass on, and to whom; empty where they may pass nothing on")
    ] = ""
    withheld: Annotated[
        str, Field(min_length=1, max_length=8000, pattern=r"\S", description="what was held back, or that nothing was")
    ]
    necessary: Said
    proportionate: Said
    consent: Consent
    consent_reason: Annotated[
        Long, Field(description="whose consent, or why without; needed unless nobody is named in it")
    ] = ""
    decided_by: Annotated[Short, Field(description="empty: whoever records it")] = ""
    decided_on: Annotated[Day, Field(description="a day in London, not after today; empty: today")] = ""


class Changed(Agreement):
    """Another agreement in the place of one, and why."""

    why: Said


class Withdrawn(Body):
    """Why an agreement is withdrawn."""

    why: Said


class AgreementRow(Body):
    """One version of an agreement; `by`, `agency`, `at` and `why` are of who recorded this version."""

    id: str
    version: int
    state: Literal["agreed", "withdrawn"]
    what: str
    with_kind: Recipient
    with_whom: str
    may_share: str
    further: str
    withheld: str
    necessary: str
    proportionate: str
    consent: Consent
    consent_reason: str
    decided_by: str
    decided_on: str
    by: str
    agency: str
    at: str
    why: str
    handling: str
