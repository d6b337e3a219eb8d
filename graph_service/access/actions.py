"""The roles of the people who use the service, and what they may try to do."""

from enum import StrEnum


class Role(StrEnum):
    """What someone is here as. An account has one; it is a word of `policy.cedar`."""

    COORDINATOR = "coordinator"
    SATELLITE = "satellite"
    INTELLIGENCE = "intelligence"
    ANALYST = "analyst"
    SCHOOL = "school"
    OPERATOR = "operator"


class Action(StrEnum):
    """What a viewer may try to do. Each is a word of `policy.cedar`, and no service acts without deciding on one."""

    SEARCH = "search"
    ASK_QUESTION = "ask_question"
    DRAW_MAP = "draw_map"
    READ_LAYERS = "read_layers"
    READ_PERSON = "read_person"
    READ_PLACE = "read_place"
    READ_CONTEXT = "read_context"
    READ_REPORT = "read_report"
    # Closer detail of what may already be read: without it there are pseudonyms, no text, coarser points, no small counts.
    READ_NAMES = "read_names"
    READ_REPORT_TEXT = "read_report_text"
    READ_EXACT_POINTS = "read_exact_points"
    READ_SMALL_COUNTS = "read_small_counts"
    READ_CATALOGUE = "read_catalogue"
    READ_TODAY = "read_today"
    EXPORT = "export"
    INGEST = "ingest"
    READ_IMPORTS = "read_imports"
    DECIDE_SAME_AS = "decide_same_as"
    RECORD_ASSESSMENT = "record_assessment"
    REFER_CONTEXT = "refer_context"
    DECIDE_CONTEXT = "decide_context"
    WORK_IN_CONTEXT = "work_in_context"
    DECIDE_HUB = "decide_hub"
    READ_OWN_AUDIT = "read_own_audit"
    READ_AUDIT = "read_audit"
    VERIFY_AUDIT = "verify_audit"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_STORE = "manage_store"
    BACK_UP = "back_up"
