// doc: The mention rows under these claim ids, to tell what a file changes.
// params: claims list[str], open_seq int
// returns: claim_id str, rows int, row_id str, content_hash str, hash_key str
// mode: read
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 1
UNWIND $claims AS claim_id
MATCH (m:Mention {claim_id: claim_id})
USING INDEX m:Mention(claim_id)
WITH claim_id, collect(m) AS rows
WITH claim_id, size(rows) AS rows, [m IN rows WHERE m.end_seq = $open_seq][0] AS live
OPTIONAL MATCH (report:Report {rid: live.rid})
RETURN claim_id, rows, live.row_id AS row_id, live.content_hash AS content_hash, coalesce(report.hash_key, '') AS hash_key
