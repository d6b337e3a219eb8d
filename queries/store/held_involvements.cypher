// doc: The live INVOLVED_IN rows on these incidents, by source key, with the keys of their ends, report and sight.
// params: keys list[str], open_seq int
// returns: claim map, a str, b str, report str, sight str
// mode: read
// source: reference model section 2, status split from circumstances
// version: 1
UNWIND $keys AS key
MATCH (kb:RecordKey {key: key})
USING INDEX kb:RecordKey(key)
MATCH (kb)-[:IDENTIFIES]->(:Incident)<-[r:INVOLVED_IN]-(e:Entity)
WHERE r.end_seq = $open_seq
MATCH (ka:RecordKey)-[:IDENTIFIES]->(e)
MATCH (report:Report {rid: r.rid})
MATCH (s:Sight {sid: r.sight})
RETURN properties(r) AS claim, ka.key AS a, kb.key AS b, report.key AS report, s.text AS sight
ORDER BY claim.claim_id
