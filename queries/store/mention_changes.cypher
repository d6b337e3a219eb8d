// doc: The mention rows that were touched after a sequence number and born up to another, packed; instants in milliseconds.
// params: after int, until int, sequence int, step int, top int
// returns: seq list[int], chg_seq list[int], claim_id list[str], nid list[int], rid list[int], sight list[int], known_from list[int], live_to list[int], recorded_at list[int], label list[str], subkind list[str], born list[str], latitude list[float], longitude list[float]
// mode: read
// source: reference model section 2, feed; reference Neo4j section 4, the projection
// version: 2
UNWIND range($after, $until - 1, $step) AS x
WITH x, CASE WHEN x + $step >= $until THEN $top ELSE x + $step END AS y
CALL (x, y) {
  MATCH (m:Mention)
  USING INDEX m:Mention(chg_seq)
  WHERE m.chg_seq > x AND m.chg_seq <= y
  MATCH (m)-[:OF]->(e:Entity)
  WITH e.nid AS nid, m.chg_seq AS changed, m {
    .seq, .claim_id, .rid, .sight, .known_from, .live_to, .recorded_at, .label, .subkind, .date_of_birth, .latitude, .longitude
  } AS p
  WHERE p.seq <= $sequence
  RETURN collect(p.seq) AS seq, collect(changed) AS chg_seq, collect(p.claim_id) AS claim_id, collect(nid) AS nid, collect(p.rid) AS rid,
         collect(p.sight) AS sight,
         collect(p.known_from.epochMillis) AS known_from, collect(p.live_to.epochMillis) AS live_to,
         collect(p.recorded_at.epochMillis) AS recorded_at, collect(p.label) AS label, collect(p.subkind) AS subkind,
         collect(p.date_of_birth) AS born, collect(coalesce(p.latitude, 1000.0)) AS latitude,
         collect(coalesce(p.longitude, 1000.0)) AS longitude
}
RETURN seq, chg_seq, claim_id, nid, rid, sight, known_from, live_to, recorded_at, label, subkind, born, latitude, longitude
