// doc: Every report version, packed.
// params: lo int, hi int, step int
// returns: uid list[str], rid list[int], key list[str], agency list[str], kind list[str], copied_from list[str], version list[int], source_eval list[str], info_eval list[str], scheme list[str], handling list[str]
// mode: read
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 3
UNWIND range($lo, $hi, $step) AS x
CALL (x) {
  MATCH (r:Report) USING INDEX r:Report(rid) WHERE r.rid >= x AND r.rid < x + $step AND r.rid <= $hi
  RETURN collect(r.uid) AS uid, collect(r.rid) AS rid, collect(r.key) AS key, collect(r.agency) AS agency, collect(r.kind) AS kind,
         collect(r.copied_from) AS copied_from, collect(r.version) AS version, collect(r.source_eval) AS source_eval,
         collect(r.info_eval) AS info_eval, collect(r.scheme) AS scheme, collect(r.handling) AS handling
}
RETURN uid, rid, key, agency, kind, copied_from, version, source_eval, info_eval, scheme, handling
