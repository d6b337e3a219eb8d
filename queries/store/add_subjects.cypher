// doc: Add subjects, each with its source key; a subject holds nothing but its kind.
// params: rows list[map], after int
// returns: n int
// mode: write
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 1
MATCH (c:Counter {name: 'claims'}) WHERE c.n = $after
UNWIND $rows AS row
CREATE (e:Entity:$(row.labels) {uid: row.uid, nid: row.nid})
CREATE (:RecordKey {key: row.key})-[:IDENTIFIES]->(e)
RETURN count(*) AS n
