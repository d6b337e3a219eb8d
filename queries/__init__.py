"""The graph's contract: vocabulary, rows, sight, named Cypher, and the pure analyses asked of it."""
