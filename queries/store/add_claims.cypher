// doc: Add claim rows between subjects named by their source keys.
// params: rows list[map], after int
// returns: n int
// mode: write
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 1
MATCH (c:Counter {name: 'claims'}) WHERE c.n = $after
UNWIND $rows AS row
MATCH (:RecordKey {key: row.a})-[:IDENTIFIES]->(a:Entity)
MATCH (:RecordKey {key: row.b})-[:IDENTIFIES]->(b:Entity)
CREATE (a)-[r:$(row.type)]->(b) SET r = row.claim
RETURN count(*) AS n
