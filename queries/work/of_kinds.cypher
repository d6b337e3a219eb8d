// doc: Rows of work of these kinds, as far as they are open and were known.
// params: kinds list[str], sights list[int], known_at datetime, history bool
// returns: about str, row map
// mode: read
// source: reference model sections 1 to 3, work
// version: 2
UNWIND $kinds AS kind
MATCH (w:Work {kind: kind})-[:ABOUT]->(e:Entity)
USING INDEX w:Work(kind)
WHERE true AND w.sight IN $sights AND w.known_from <= $known_at AND ($history OR w.live_to > $known_at)
RETURN e.uid AS about, w {
  .claim_id, .kind, .version, .sight, .declared_sight, .account, .agency, .reason, .handling, .basis, .time_known, .command, .seq, .content,
  recorded_at: w.recorded_at.epochMillis, known_from: w.known_from.epochMillis, live_to: w.live_to.epochMillis,
  happened_from: w.happened_from.epochMillis, happened_to: w.happened_to.epochMillis
} AS row
ORDER BY row.known_from, row.claim_id, row.version
