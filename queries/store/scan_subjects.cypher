// doc: Every subject with its source key and labels, packed, for the census.
// params: lo int, hi int, step int
// returns: rows list[list]
// mode: read
// source: reference Neo4j section 3, damaged store files
// version: 1
UNWIND range($lo, $hi, $step) AS x
CALL (x) {
  MATCH (e:Entity) USING INDEX e:Entity(nid) WHERE e.nid >= x AND e.nid < x + $step
  OPTIONAL MATCH (k:RecordKey)-[:IDENTIFIES]->(e)
  RETURN collect([e.nid, coalesce(k.key, ''), labels(e)]) AS rows
}
RETURN rows
