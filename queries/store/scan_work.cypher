// doc: What every row of work says, packed, for the census.
// params: lo int, hi int, step int, sequence int
// returns: rows list[list]
// mode: read
// source: reference Neo4j section 3, damaged store files
// version: 1
UNWIND range($lo, $hi, $step) AS x
CALL (x) {
  MATCH (e:Entity) USING INDEX e:Entity(nid) WHERE e.nid >= x AND e.nid < x + $step
  MATCH (e)<-[:ABOUT]-(w:Work) WHERE w.seq <= $sequence
  RETURN collect([w.row_id, w.claim_id, w.kind, e.nid, w.version, w.declared_sight, w.sight, w.recorded_at.epochMillis, w.happened_from.epochMillis,
                  w.happened_to.epochMillis, w.time_known, w.handling, w.basis, w.agency, w.account, w.reason, w.content, w.end_seq, w.hash_key,
                  w.content_hash]) AS rows
}
RETURN rows
