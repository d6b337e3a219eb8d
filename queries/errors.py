"""
The root of every error, and the errors of questions.

::

    PmetError
    ├── VocabularyError        a word that the vocabulary does not have
    ├── QueryError             a named query cannot be used
    │   ├── UnknownQueryError
    │   └── QueryHeaderError
    └── ParameterError         a question was asked with a parameter that it cannot use
        └── TooManyError       there is more than can be listed, with the parameter that leads on
"""


class PmetError(Exception):
    """Root of every error of this product. Its text tells the user what to do and never quotes a person's data."""


class VocabularyError(PmetError):
    """A word is not in the vocabulary. Names the place it stood, never a value that could be a person's."""


class QueryError(PmetError):
    """A named query cannot be used."""


class UnknownQueryError(QueryError):
    """No query has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no question is called {name}; `pmet ask --list` shows those that are")
        self.name = name


class QueryHeaderError(QueryError):
    """The header of a query file does not keep its promise."""

    def __init__(self, name: str, fault: str) -> None:
        super().__init__(f"the header of {name}: {fault}")


class ParameterError(PmetError):
    """A question was asked with a parameter that it does not have or cannot use. Names it, never its value."""

    def __init__(self, name: str, rule: str) -> None:
        super().__init__(f"parameter {name}: {rule}")
        self.name, self.rule = name, rule


class TooManyError(ParameterError):
    """What was asked for is more than can be listed. Names the parameter that leads on, and how."""
