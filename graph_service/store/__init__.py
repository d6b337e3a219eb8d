"""The graph store: Neo4j over Bolt, and the local server that laptops and tests run."""
