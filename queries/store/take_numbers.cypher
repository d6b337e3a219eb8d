// doc: Take the numbers of a write before anything else of it; no row when another writer came between.
// params: n int, after int, nids int, rids int, census str
// returns: n int
// mode: write
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 1
MATCH (c:Counter {name: 'claims'})
SET c.locked = true
WITH c WHERE c.n = $n
SET c.n = $after, c.nids = $nids, c.rids = $rids, c.census = $census
RETURN c.n AS n
