// doc: Every visible claim about a person, and where and when the incidents they were involved in happened, latest first.
// params: members list[str], from datetime, to datetime, sights list[int], known_at datetime, limit int
// returns: claim_id str, type str, role str, from_uid str, to_uid str, happened_from datetime, happened_to datetime, recorded_at datetime, time_known str, report_id str, told str
// mode: read
// source: Portsmouth MET Integrated Pathway 9.10; reference model section 2 (two clocks)
// version: 2
MATCH (e:Entity)-[r]-(:Entity)
WHERE e.uid IN $members AND r.sight IN $sights AND r.known_from <= $known_at AND r.live_to > $known_at
WITH collect(DISTINCT r) AS own
CALL (own) {
  UNWIND own AS r
  RETURN r
  UNION
  UNWIND own AS part
  WITH part WHERE type(part) = 'INVOLVED_IN'
  WITH endNode(part) AS incident
  MATCH (incident)-[r:AT]->(:Entity)
  WHERE r.sight IN $sights AND r.known_from <= $known_at AND r.live_to > $known_at
  RETURN r
}
WITH DISTINCT r
WHERE r.happened_from < $to AND (r.happened_to > $from OR r.happened_from >= $from)
RETURN r.claim_id AS claim_id, type(r) AS type, r.role AS role, startNode(r).uid AS from_uid, endNode(r).uid AS to_uid,
       r.happened_from AS happened_from, r.happened_to AS happened_to, r.recorded_at AS recorded_at,
       r.time_known AS time_known, r.report_id AS report_id,
       CASE WHEN r.retention_class = 'return_conversation' THEN r.attributes ELSE '' END AS told
ORDER BY happened_from DESC, claim_id
LIMIT $limit
