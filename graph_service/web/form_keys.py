"""The key of a form: made when the form is drawn, hidden in it, and sent with it, so that a form which is sent twice makes one thing."""

import re
import secrets
from typing import Final

from markupsafe import Markup
from starlette.datastructures import FormData

#: The name of the hidden field.
KEY: Final = "command"
_KEY: Final = re.compile(r"[0-9a-f]{32}")


def form_key() -> Markup:
    """Give the hidden field that a form which makes something carries."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(KEY, secrets.token_hex(16))


def key_of(form: FormData) -> str | None:
    """Give the key that a form was drawn with; None where it has none of ours."""
    key = str(form.get(KEY) or "")
    return key if _KEY.fullmatch(key) else None
