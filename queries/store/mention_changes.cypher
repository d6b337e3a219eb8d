// doc: The mention rows that were touched after a sequence number and born up to another, packed as `store.mention_columns`.
// params: after int, sequence int, step int, top int
// returns: seq list[int], chg_seq list[int], claim_id list[str], nid list[int], rid list[int], sight list[int], known_from list[int], live_to list[int], recorded_at list[int], label list[str], subkind list[str], born list[str], latitude list[float], longitude list[float], info_eval list[str], scheme list[str]
// mode: read
// source: reference model section 2, feed; reference Neo4j section 4, the projection
// version: 1
UNWIND range($after, $sequence, $step) AS x
WITH x, CASE WHEN x + $step > $sequence THEN $top ELSE x + $step END AS y
CALL (x, y) {
  MATCH (m:Mention)
  USING INDEX m:Mention(chg_seq)
  WHERE m.chg_seq > x AND m.chg_seq <= y AND m.seq <= $sequence
  MATCH (m)-[:OF]->(e:Entity)
  RETURN collect(m.seq) AS seq, collect(m.chg_seq) AS chg_seq, collect(m.claim_id) AS claim_id, collect(e.nid) AS nid, collect(m.rid) AS rid,
         collect(m.sight) AS sight,
         collect(m.known_from.epochMillis) AS known_from, collect(m.live_to.epochMillis) AS live_to,
         collect(m.recorded_at.epochMillis) AS recorded_at, collect(m.label) AS label, collect(m.subkind) AS subkind,
         collect(m.date_of_birth) AS born, collect(coalesce(m.latitude, 1000.0)) AS latitude,
         collect(coalesce(m.longitude, 1000.0)) AS longitude, collect(m.info_eval) AS info_eval, collect(m.scheme) AS scheme
}
RETURN seq, chg_seq, claim_id, nid, rid, sight, known_from, live_to, recorded_at, label, subkind, born, latitude, longitude, info_eval, scheme
