"""One module a subject: check access, read what may be seen, analyse, record, return."""
