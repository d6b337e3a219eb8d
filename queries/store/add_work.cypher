// doc: Add rows of work, each about the subject that it names.
// params: rows list[map], after int
// returns: n int
// mode: write
// source: reference model sections 1 and 2, work; reference Neo4j section 3, the sequence
// version: 1
MATCH (c:Counter {name: 'claims'}) WHERE c.n = $after
UNWIND $rows AS row
MATCH (e:Entity {uid: row.about}) USING INDEX e:Entity(uid)
CREATE (w:Work)-[:ABOUT]->(e) SET w = row.work
RETURN count(*) AS n
