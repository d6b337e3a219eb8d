// doc: Add claim rows of one type between subjects named by their numbers. CLAIM_TYPE stands for the type.
// params: rows list[map], after int
// returns: n int
// mode: write
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 2
MATCH (c:Counter {name: 'claims'}) WHERE c.n = $after
UNWIND $rows AS row
MATCH (a:Entity {nid: row.a}) USING INDEX a:Entity(nid)
MATCH (b:Entity {nid: row.b}) USING INDEX b:Entity(nid)
CREATE (a)-[r:CLAIM_TYPE {
  row_id: row.row_id, claim_id: row.claim_id, event_id: row.event_id, report_id: row.report_id, rid: row.rid,
  sight: row.sight, declared_sight: row.declared_sight, seq: row.seq, end_seq: row.end_seq, chg_seq: row.chg_seq, live_to: row.live_to,
  known_from: row.known_from, recorded_at: row.recorded_at, declared_to: row.declared_to,
  happened_from: row.happened_from, happened_to: row.happened_to, time_known: row.time_known,
  source_eval: row.source_eval, info_eval: row.info_eval, scheme: row.scheme, handling: row.handling,
  basis: row.basis, agency: row.agency, regime: row.regime, retention_class: row.retention_class, role: row.role,
  seconds: row.seconds, derived: row.derived, attributes: row.attributes, content_hash: row.content_hash, packed: row.packed
}]->(b)
RETURN count(*) AS n
