// doc: The latest version of each of these reports that is held.
// params: keys list[str]
// returns: key str, report map
// mode: read
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 1
UNWIND $keys AS key
MATCH (r:Report {key: key})
USING INDEX r:Report(key)
WITH key, r ORDER BY r.version DESC
WITH key, collect(r)[0] AS r
RETURN key, r {.uid, .rid, .version, .content_hash, .hash_key, .source_eval, .info_eval, .scheme, .handling, .agency, .kind, .sight} AS report
