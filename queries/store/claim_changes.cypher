// doc: The claim rows of one type that were touched after a sequence number and born up to another, packed as `store.claim_columns`. CLAIM_TYPE stands for the type.
// params: after int, sequence int, step int, top int, types map
// returns: seq list[int], chg_seq list[int], claim_id list[str], a list[int], b list[int], type list[int], role list[str], rid list[int], event_id list[str], sight list[int], known_from list[int], live_to list[int], recorded_at list[int], happened_from list[int], happened_to list[int], time_known list[str], source_eval list[str], info_eval list[str], scheme list[str], handling list[str], seconds list[float]
// mode: read
// source: reference model section 2, feed; reference Neo4j section 4, the projection
// version: 1
// A row that was touched again after `sequence` comes too: the next reading looks at it once more, which does no harm.
UNWIND range($after, $sequence, $step) AS x
WITH x, CASE WHEN x + $step > $sequence THEN $top ELSE x + $step END AS y
CALL (x, y) {
  MATCH (e:Entity)-[r:CLAIM_TYPE]->(f:Entity)
  USING INDEX r:CLAIM_TYPE(chg_seq)
  WHERE r.chg_seq > x AND r.chg_seq <= y AND r.seq <= $sequence
  RETURN collect(r.seq) AS seq, collect(r.chg_seq) AS chg_seq, collect(r.claim_id) AS claim_id, collect(e.nid) AS a, collect(f.nid) AS b,
         collect($types[type(r)]) AS type, collect(r.role) AS role,
         collect(r.rid) AS rid, collect(r.event_id) AS event_id, collect(r.sight) AS sight,
         collect(r.known_from.epochMillis) AS known_from, collect(r.live_to.epochMillis) AS live_to,
         collect(r.recorded_at.epochMillis) AS recorded_at, collect(r.happened_from.epochMillis) AS happened_from,
         collect(r.happened_to.epochMillis) AS happened_to, collect(r.time_known) AS time_known,
         collect(r.source_eval) AS source_eval, collect(r.info_eval) AS info_eval, collect(r.scheme) AS scheme,
         collect(r.handling) AS handling, collect(r.seconds) AS seconds
}
RETURN seq, chg_seq, claim_id, a, b, type, role, rid, event_id, sight, known_from, live_to, recorded_at, happened_from, happened_to, time_known, source_eval, info_eval, scheme, handling, seconds
