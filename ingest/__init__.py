"""Partner records in: readers, row models and cleaning, and claims and mentions out through a `Writer`."""
