// doc: The parts of reports that the viewer may read, and how each report was submitted and graded.
// params: reports list[str], sights list[int], known_at datetime
// returns: uid str, kind str, agency str, submitted_at datetime, recorded_at datetime, grade list[str], handling str, conditions list[str], version int, parts list[map]
// mode: read
// source: reference model section 1, reports in parts
// version: 1
MATCH (r:Report)
WHERE r.uid IN $reports AND r.known_from <= $known_at
OPTIONAL MATCH (p:ReportPart)-[:PART_OF_REPORT]->(r) WHERE p.sight IN $sights
WITH r, p ORDER BY p.rank
WITH r, [part IN collect(p {.part, .text}) WHERE part IS NOT NULL] AS parts
RETURN r.uid AS uid, r.kind AS kind, r.agency AS agency, r.submitted_at AS submitted_at, r.submitted_at AS recorded_at,
       [r.source_eval, r.info_eval, r.scheme] AS grade, r.handling AS handling, r.conditions AS conditions,
       r.version AS version, parts
ORDER BY uid
