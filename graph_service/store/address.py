"""Where a Neo4j is and who the service is there."""

from dataclasses import dataclass, field
from typing import Self

from graph_service.errors import SettingsError
from graph_service.settings import Settings


@dataclass(frozen=True, slots=True)
class Address:
    """A Neo4j that can be reached. Its `repr` does not show the password."""

    uri: str
    user: str
    password: str = field(repr=False)
    database: str = "neo4j"

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """
        Give the server that the settings name, or None where the local Neo4j is meant.

        Raises
        ------
        SettingsError
            If the password file cannot be read or has no password in it.
        """
        if settings.neo4j_uri is None or settings.neo4j_password_file is None:
            return None
        try:
            lines = settings.neo4j_password_file.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise SettingsError(f"PMET_NEO4J_PASSWORD_FILE cannot be read: {error.strerror}") from None
        if not lines or not lines[0]:
            raise SettingsError("PMET_NEO4J_PASSWORD_FILE has no password on its first line")
        return cls(settings.neo4j_uri, settings.neo4j_user, lines[0], settings.neo4j_database)
