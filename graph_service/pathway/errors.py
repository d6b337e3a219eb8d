"""What can be wrong with the pathway's data, or with a form that a partnership loads."""

from queries.errors import PmetError


class PathwayDataError(PmetError):
    """A data file of the pathway, or a partnership's own form, does not say what it must. Names the file, the place in it and the rule."""

    def __init__(self, file: str, rule: str) -> None:
        super().__init__(f"{file}: {rule}")
        self.file, self.rule = file, rule


class BeyondCalendarError(PmetError):
    """A clock of working days runs past the years whose bank holidays are held."""

    def __init__(self, year: int, first: int, last: int) -> None:
        super().__init__(
            f"the bank holidays of England are held for {first} to {last}, not for {year}; "
            "add the year to graph_service/pathway/data/bank_holidays.toml from gov.uk/bank-holidays"
        )
        self.year = year
