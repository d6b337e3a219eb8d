// doc: Which of these types of claim there is a row of.
// params: names list[str]
// returns: name str
// mode: read
// source: reference Neo4j section 4, plans
// version: 1
CALL db.relationshipTypes() YIELD relationshipType AS name
WHERE name IN $names
RETURN name
