// doc: Which of these source keys are held, and the labels of their subjects.
// params: keys list[str]
// returns: key str, labels list[str]
// mode: read
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 1
UNWIND $keys AS key
MATCH (:RecordKey {key: key})-[:IDENTIFIES]->(e:Entity)
RETURN key, labels(e) AS labels
