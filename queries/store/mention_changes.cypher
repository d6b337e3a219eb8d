// doc: The mention rows without a packed copy that were touched between two numbers (inclusive) and born up to another; instants in milliseconds.
// params: windows list[list[int]], sequence int
// returns: seq list[int], chg_seq list[int], claim_id list[str], nid list[int], rid list[int], sight list[int], known_from list[int], live_to list[int], recorded_at list[int], label list[str], subkind list[str], born list[str], latitude list[float], longitude list[float]
// mode: read
// source: reference model section 2, feed; reference Neo4j section 4, the projection
// version: 3
UNWIND $windows AS window
CALL (window) {
  MATCH (m:Mention)
  USING INDEX m:Mention(chg_seq)
  WHERE m.chg_seq >= window[0] AND m.chg_seq <= window[1]
  MATCH (m)-[:OF]->(e:Entity)
  WITH e.nid AS nid, m.chg_seq AS changed, m {
    .seq, .claim_id, .rid, .sight, .known_from, .live_to, .recorded_at, .label, .subkind, .date_of_birth, .latitude, .longitude, .packed
  } AS p
  WHERE p.seq <= $sequence AND p.packed IS NULL
  RETURN collect(p.seq) AS seq, collect(changed) AS chg_seq, collect(p.claim_id) AS claim_id, collect(nid) AS nid, collect(p.rid) AS rid,
         collect(p.sight) AS sight,
         collect(p.known_from.epochMillis) AS known_from, collect(p.live_to.epochMillis) AS live_to,
         collect(p.recorded_at.epochMillis) AS recorded_at, collect(p.label) AS label, collect(p.subkind) AS subkind,
         collect(p.date_of_birth) AS born, collect(coalesce(p.latitude, 1000.0)) AS latitude,
         collect(coalesce(p.longitude, 1000.0)) AS longitude
}
RETURN seq, chg_seq, claim_id, nid, rid, sight, known_from, live_to, recorded_at, label, subkind, born, latitude, longitude
