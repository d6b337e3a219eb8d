// doc: Add mention rows to the subjects that they are of.
// params: rows list[map], after int
// returns: n int
// mode: write
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 1
MATCH (c:Counter {name: 'claims'}) WHERE c.n = $after
UNWIND $rows AS row
MATCH (e:Entity {nid: row.subject}) USING INDEX e:Entity(nid)
CREATE (m:Mention)-[:OF]->(e) SET m = row.mention
RETURN count(*) AS n
