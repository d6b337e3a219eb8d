// doc: The parts of every version of these reports.
// params: keys list[str]
// returns: row_id str, key str, part str, sight int
// mode: read
// source: reference model section 3, rights are always today's
// version: 1
MATCH (v:Report)<-[:PART_OF_REPORT]-(p:ReportPart) WHERE v.key IN $keys
RETURN p.row_id AS row_id, v.key AS key, p.part AS part, p.sight AS sight
