// doc: What every report version says, packed, for the census.
// params: lo int, hi int, step int, sequence int
// returns: rows list[list]
// mode: read
// source: reference Neo4j section 3, damaged store files
// version: 1
UNWIND range($lo, $hi, $step) AS x
CALL (x) {
  MATCH (r:Report) USING INDEX r:Report(rid) WHERE r.rid >= x AND r.rid < x + $step AND r.seq <= $sequence
  OPTIONAL MATCH (p:ReportPart)-[:PART_OF_REPORT]->(r)
  WITH r, collect([p.part, p.text, coalesce(p.declared_sight, p.sight), p.sight]) AS parts
  RETURN collect([r.row_id, r.key, r.rid, r.version, r.kind, r.agency, r.submitted_at.epochMillis, r.source_eval, r.info_eval,
                  r.scheme, r.handling, r.conditions, r.copied_from, coalesce(r.declared_sight, r.sight), r.sight, r.hash_key, r.content_hash, parts]) AS rows
}
RETURN rows
