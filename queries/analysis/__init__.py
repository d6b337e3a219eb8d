"""Pure functions from a viewer's visible graph to findings: no driver, no settings, no access rules."""
