// doc: The rows of one type under these claim ids, to tell what a file changes. CLAIM_TYPE stands for the type.
// params: claims list[str], open_seq int
// returns: claim_id str, rows int, row_id str, content_hash str, hash_key str
// mode: read
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 1
UNWIND $claims AS claim_id
MATCH ()-[r:CLAIM_TYPE {claim_id: claim_id}]->()
USING INDEX r:CLAIM_TYPE(claim_id)
WITH claim_id, collect(r) AS rows
WITH claim_id, size(rows) AS rows, [r IN rows WHERE r.end_seq = $open_seq][0] AS live
OPTIONAL MATCH (report:Report {rid: live.rid})
RETURN claim_id, rows, live.row_id AS row_id, live.content_hash AS content_hash, report.hash_key AS hash_key
