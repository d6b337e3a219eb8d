// doc: What every claim row says, packed, for the census.
// params: lo int, hi int, step int, sequence int
// returns: rows list[list]
// mode: read
// source: reference Neo4j section 3, damaged store files
// version: 2
UNWIND range($lo, $hi, $step) AS x
CALL (x) {
  MATCH (e:Entity) USING INDEX e:Entity(nid) WHERE e.nid >= x AND e.nid < x + $step
  MATCH (e)-[r]->(f:Entity) WHERE r.seq <= $sequence
  RETURN collect([r.row_id, r.claim_id, type(r), e.nid, f.nid, r.role, r.rid, r.event_id, r.happened_from.epochMillis,
                  r.happened_to.epochMillis, r.time_known, r.recorded_at.epochMillis, r.declared_to.epochMillis, r.attributes,
                  coalesce(r.declared_sight, r.sight), r.sight, r.source_eval, r.info_eval, r.scheme, r.handling, r.agency, r.derived, r.end_seq, r.content_hash,
                  r.seq, r.chg_seq, r.known_from.epochMillis, r.live_to.epochMillis, r.seconds, r.packed]) AS rows
}
RETURN rows
