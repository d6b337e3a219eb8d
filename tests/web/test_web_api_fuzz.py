"""The API against its own description: whatever is sent, by the book or not, the answer is one that the description has (schemathesis)."""

import os

import schemathesis
from fake_service import ADDRESS, FakeService
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from graph_service.web.app import create_app

SERVICE = FakeService()
TOKEN = SERVICE.sign_in("coordinator", None, purpose="weekly-meeting", accepted_statement=True)
schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", create_app(SERVICE), headers={"Host": "127.0.0.1:8000"})
schema.config.base_url = ADDRESS
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
    ignored_auth,
]
EXAMPLES = int(os.environ.get("PMET_FUZZ_EXAMPLES", "5"))


@schema.include(path_regex="^/api/").parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_description_has(case: schemathesis.Case) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"}, checks=CHECKS)


def test_the_fuzz_has_every_route() -> None:
    fuzzed = {operation.ok().path for operation in schema.get_all_operations()}
    assert len(fuzzed) >= 25
    assert "/api/v1/contexts/{uid}/decisions" in fuzzed
