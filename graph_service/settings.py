"""What may differ between two deployments, read once from PMET_* variables and passed down."""

import ipaddress
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, FilePath, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph_service.errors import SettingsError

_PLAIN = frozenset({"bolt", "neo4j"})
_UNVERIFIED = frozenset({"bolt+ssc", "neo4j+ssc"})
_SCHEMES = _PLAIN | _UNVERIFIED | {"bolt+s", "neo4j+s"}


class Settings(BaseSettings):
    """Settings of one deployment; frozen, and refused as a whole when two of them are unsafe together."""

    model_config = SettingsConfigDict(env_prefix="PMET_", frozen=True, extra="forbid", env_ignore_empty=True)

    home: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("pmet"),
        description="folder of all state: store, accounts, audit, exports",
    )
    neo4j_uri: str | None = Field(
        default=None, description="a Bolt address; none: the local Neo4j under the home folder"
    )
    neo4j_user: str = Field(default="neo4j", min_length=1, description="account that the service holds at the store")
    neo4j_password_file: FilePath | None = Field(
        default=None, description="file whose first line is that account's password"
    )
    neo4j_database: str = Field(default="neo4j", min_length=1, description="name of the database")
    database_url: str = Field(
        default_factory=lambda data: f"sqlite:///{data['home'] / 'accounts.sqlite3'}" if "home" in data else "",
        repr=False,  # a PostgreSQL address may hold a password
        description="accounts and audit, as SQLAlchemy writes an address; default: SQLite in the home folder",
    )
    maven_url: str | None = Field(
        default=None,
        description="where the local Neo4j's artifacts come from: a mirror's address, or a folder in Maven layout",
    )
    java: str | None = Field(default=None, description="another Java (21) to run the local Neo4j: a path or a command")
    port: int = Field(default=8000, ge=1, le=65535, description="port of the web service, on 127.0.0.1")
    environment: Literal["laptop", "live"] = Field(
        default="laptop", description="`live` refuses every convenience of a laptop"
    )
    token_file: FilePath | None = Field(
        default=None, description="file with the API token of whoever asks from the command line"
    )
    area: FilePath | None = Field(
        default=None,
        description="a GeoJSON file (WGS 84) of the partnership's area; none: the districts round the Solent",
    )
    homes_file: FilePath | None = Field(
        default=None,
        description="a CSV file of homes and placements, which no hotspot or map shows; none: `homes.csv` in the home folder, if there",
    )

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        # A folder that depends on where the command was typed would be two services by accident.
        return home.expanduser().resolve()

    @field_validator("neo4j_uri")
    @classmethod
    def _is_a_bolt_address(cls, uri: str | None) -> str | None:
        if uri is None:
            return None
        parts = urlsplit(uri)
        if parts.scheme not in _SCHEMES or not parts.hostname:
            raise ValueError(
                f"must be an address such as bolt://HOST:7687; its scheme one of {', '.join(sorted(_SCHEMES))}"
            )
        if parts.username or parts.password:
            raise ValueError(
                "must not hold a password, which process lists and logs would show; use PMET_NEO4J_PASSWORD_FILE"
            )
        return uri

    @property
    def homes(self) -> Path | None:
        """The list of homes and placements: the file that is named, else `homes.csv` in the home folder, else none."""
        beside = self.home / "homes.csv"
        return self.homes_file or (beside if beside.is_file() else None)

    @model_validator(mode="after")
    def _a_server_has_a_password(self) -> Self:
        if self.neo4j_uri is not None and self.neo4j_password_file is None:
            raise ValueError("PMET_NEO4J_PASSWORD_FILE must be set when PMET_NEO4J_URI is")
        if self.neo4j_uri is None and self.neo4j_password_file is not None:
            raise ValueError(
                "PMET_NEO4J_URI must be set when PMET_NEO4J_PASSWORD_FILE is; the local Neo4j makes its own password"
            )
        return self

    @model_validator(mode="after")
    def _live_is_strict(self) -> Self:
        if self.environment != "live":
            return self
        if self.neo4j_uri is None:
            raise ValueError("PMET_NEO4J_URI must be set when PMET_ENVIRONMENT is live")
        parts = urlsplit(self.neo4j_uri)
        if parts.scheme in _UNVERIFIED:
            raise ValueError(
                "PMET_NEO4J_URI must verify the server's certificate when PMET_ENVIRONMENT is live: use bolt+s or neo4j+s"
            )
        if parts.scheme in _PLAIN and not _stays_inside(parts.hostname or ""):
            raise ValueError(
                "PMET_NEO4J_URI must be encrypted to another machine when PMET_ENVIRONMENT is live: use bolt+s or neo4j+s"
            )
        return self


def _stays_inside(host: str) -> bool:
    """Say whether a host is this machine or, having no dot in its name, one of the same container network."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return "." not in host


def load_settings() -> Settings:
    """
    Read the settings from the environment.

    Raises
    ------
    SettingsError
        If a variable cannot be used. Names the variables and the rules, never what was found in them.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = "; ".join(
            _fault(tuple(map(str, e["loc"])), e["msg"]) for e in error.errors(include_input=False, include_url=False)
        )
    raise SettingsError(faults)


def _fault(place: tuple[str, ...], message: str) -> str:
    rule = message.removeprefix("Value error, ")
    return f"PMET_{'_'.join(place).upper()}: {rule}" if place else rule
