// doc: Keep the formula behind each sight number that rows use.
// params: rows list[map]
// returns: n int
// mode: write
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 1
UNWIND $rows AS row
MERGE (s:Sight {sid: row.sid}) ON CREATE SET s.text = row.text
RETURN count(*) AS n
