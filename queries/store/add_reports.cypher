// doc: Add report versions with their parts.
// params: rows list[map], after int
// returns: n int
// mode: write
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 1
MATCH (c:Counter {name: 'claims'}) WHERE c.n = $after
UNWIND $rows AS row
CREATE (r:Report) SET r = row.report
WITH r, row
UNWIND row.parts AS part
CREATE (p:ReportPart)-[:PART_OF_REPORT]->(r) SET p = part
RETURN count(*) AS n
