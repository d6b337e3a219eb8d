// doc: The live rows of one type under these claim ids, with the keys of their ends, report and sight. CLAIM_TYPE stands for the type.
// params: claims list[str], open_seq int
// returns: claim map, a str, b str, report str, sight str
// mode: read
// source: reference model section 2, corrections
// version: 1
UNWIND $claims AS claim_id
MATCH (e:Entity)-[r:CLAIM_TYPE {claim_id: claim_id}]->(f:Entity)
WHERE r.end_seq = $open_seq
MATCH (ka:RecordKey)-[:IDENTIFIES]->(e)
MATCH (kb:RecordKey)-[:IDENTIFIES]->(f)
MATCH (report:Report {rid: r.rid})
MATCH (s:Sight {sid: r.sight})
RETURN properties(r) AS claim, ka.key AS a, kb.key AS b, report.key AS report, s.text AS sight
