// doc: Every sight number in use and its formula.
// params: after int
// returns: sid int, text str
// mode: read
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 1
MATCH (s:Sight) WHERE s.sid > $after
RETURN s.sid AS sid, s.text AS text
