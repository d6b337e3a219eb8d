// Unique keys: a replay or a race adds nothing twice (Community has no node-key or existence constraints).
CREATE CONSTRAINT entity_uid IF NOT EXISTS FOR (n:Entity) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT entity_nid IF NOT EXISTS FOR (n:Entity) REQUIRE n.nid IS UNIQUE;
CREATE CONSTRAINT record_key IF NOT EXISTS FOR (n:RecordKey) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT report_uid IF NOT EXISTS FOR (n:Report) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT report_row IF NOT EXISTS FOR (n:Report) REQUIRE n.row_id IS UNIQUE;
CREATE CONSTRAINT report_part_row IF NOT EXISTS FOR (n:ReportPart) REQUIRE n.row_id IS UNIQUE;
CREATE CONSTRAINT mention_row IF NOT EXISTS FOR (n:Mention) REQUIRE n.row_id IS UNIQUE;
CREATE CONSTRAINT command_id IF NOT EXISTS FOR (n:Command) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT counter_name IF NOT EXISTS FOR (n:Counter) REQUIRE n.name IS UNIQUE;
CREATE CONSTRAINT sight_sid IF NOT EXISTS FOR (n:Sight) REQUIRE n.sid IS UNIQUE;
CREATE INDEX report_key IF NOT EXISTS FOR (n:Report) ON (n.key);
CREATE CONSTRAINT report_rid IF NOT EXISTS FOR (n:Report) REQUIRE n.rid IS UNIQUE;
CREATE INDEX mention_claim IF NOT EXISTS FOR (n:Mention) ON (n.claim_id);
CREATE INDEX mention_change IF NOT EXISTS FOR (n:Mention) ON (n.chg_seq);
CREATE CONSTRAINT work_row IF NOT EXISTS FOR (n:Work) REQUIRE n.row_id IS UNIQUE;
CREATE INDEX work_claim IF NOT EXISTS FOR (n:Work) ON (n.claim_id);
CREATE INDEX work_kind IF NOT EXISTS FOR (n:Work) ON (n.kind);
CREATE INDEX work_command IF NOT EXISTS FOR (n:Work) ON (n.command);
CREATE INDEX work_change IF NOT EXISTS FOR (n:Work) ON (n.chg_seq);
CREATE FULLTEXT INDEX mention_text IF NOT EXISTS FOR (n:Mention) ON EACH [n.label, n.aliases_text, n.identifiers];
// The one counter that numbers every change of a row, every subject and every report.
MERGE (c:Counter {name: 'claims'}) ON CREATE SET c.n = 0, c.nids = 0, c.rids = 0, c.census = '{}';
