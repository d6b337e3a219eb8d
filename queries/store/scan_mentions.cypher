// doc: What every mention row says, packed, for the census.
// params: lo int, hi int, step int, sequence int
// returns: rows list[list]
// mode: read
// source: reference Neo4j section 3, damaged store files
// version: 2
UNWIND range($lo, $hi, $step) AS x
CALL (x) {
  MATCH (e:Entity) USING INDEX e:Entity(nid) WHERE e.nid >= x AND e.nid < x + $step
  MATCH (e)<-[:OF]-(m:Mention) WHERE m.seq <= $sequence
  RETURN collect([m.row_id, m.claim_id, e.nid, m.rid, m.label, m.subkind, m.aliases, m.date_of_birth, m.latitude, m.longitude,
                  m.attributes, coalesce(m.declared_sight, m.sight), m.sight, m.recorded_at.epochMillis, m.declared_to.epochMillis, m.end_seq, m.content_hash,
                  m.seq, m.chg_seq, m.known_from.epochMillis, m.live_to.epochMillis, m.packed]) AS rows
}
RETURN rows
