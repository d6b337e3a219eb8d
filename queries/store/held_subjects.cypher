// doc: Which of these source keys are held, with the numbers and labels of their subjects.
// params: keys list[str]
// returns: key str, nid int, labels list[str]
// mode: read
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 1
UNWIND $keys AS key
MATCH (k:RecordKey {key: key}) USING INDEX k:RecordKey(key)
MATCH (k)-[:IDENTIFIES]->(e:Entity)
RETURN key, e.nid AS nid, labels(e) AS labels
