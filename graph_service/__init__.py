"""The service: access, audit, the store, services, pages, JSON API and the command line."""
