// doc: Every subject, packed, with its source key; a row for each kind, whose labels are given once.
// params: lo int, hi int, step int
// returns: uid list[str], nid list[int], key list[str], labels list[str]
// mode: read
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 3
UNWIND range($lo, $hi, $step) AS x
CALL (x) {
  MATCH (e:Entity) USING INDEX e:Entity(nid) WHERE e.nid >= x AND e.nid < x + $step AND e.nid <= $hi
  MATCH (k:RecordKey)-[:IDENTIFIES]->(e)
  RETURN labels(e) AS labels, collect(e.uid) AS uid, collect(e.nid) AS nid, collect(k.key) AS key
}
RETURN uid, nid, key, labels
