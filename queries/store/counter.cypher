// doc: The numbers given so far, and the running census.
// params: name str
// returns: n int, nids int, rids int, census str
// mode: read
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 1
MATCH (c:Counter {name: $name})
RETURN c.n AS n, c.nids AS nids, c.rids AS rids, c.census AS census
