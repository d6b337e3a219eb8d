// doc: The claim rows of one type without a packed copy that were touched between two numbers (inclusive) and born up to another; instants in milliseconds. CLAIM_TYPE stands for the type.
// params: windows list[list[int]], sequence int
// returns: seq list[int], chg_seq list[int], claim_id list[str], a list[int], b list[int], role list[str], rid list[int], event_id list[str], sight list[int], known_from list[int], live_to list[int], recorded_at list[int], happened_from list[int], happened_to list[int], time_known list[str], seconds list[float], factors list[str]
// mode: read
// source: reference model section 2, feed; reference Neo4j section 4, the projection
// version: 4
// In order of change, rows lie side by side in the store's files, and the properties of one are read at once, as a map: half the work of asking
// each. One that is asked for outside the map too (as by a WHERE before it) would undo that for all; `chg_seq` comes out of the index.
// The grade and handling of a row are those of its report, which never change: they are read once a report.
// A row that was touched again after `sequence` comes too: the next reading looks at it once more, which does no harm.
UNWIND $windows AS window
CALL (window) {
  MATCH (e:Entity)-[r:CLAIM_TYPE]->(f:Entity)
  USING INDEX r:CLAIM_TYPE(chg_seq)
  WHERE r.chg_seq >= window[0] AND r.chg_seq <= window[1]
  WITH e.nid AS a, f.nid AS b, r.chg_seq AS changed, r {
    .seq, .claim_id, .role, .rid, .event_id, .sight, .known_from, .live_to, .recorded_at, .happened_from, .happened_to, .time_known, .seconds, .attributes, .packed
  } AS p
  WHERE p.seq <= $sequence AND p.packed IS NULL
  RETURN collect(p.seq) AS seq, collect(changed) AS chg_seq, collect(p.claim_id) AS claim_id, collect(a) AS a, collect(b) AS b,
         collect(p.role) AS role, collect(p.rid) AS rid, collect(p.event_id) AS event_id, collect(p.sight) AS sight,
         collect(p.known_from.epochMillis) AS known_from, collect(p.live_to.epochMillis) AS live_to,
         collect(p.recorded_at.epochMillis) AS recorded_at, collect(p.happened_from.epochMillis) AS happened_from,
         collect(p.happened_to.epochMillis) AS happened_to, collect(p.time_known) AS time_known, collect(p.seconds) AS seconds,
         collect(CASE WHEN p.attributes CONTAINS '_factors"' OR p.attributes CONTAINS '"conversation_held"' THEN p.attributes ELSE '' END) AS factors
}
RETURN seq, chg_seq, claim_id, a, b, role, rid, event_id, sight, known_from, live_to, recorded_at, happened_from, happened_to, time_known, seconds, factors
