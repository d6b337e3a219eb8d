// doc: What a command has written already, how much another command of its key has, the latest row (live or ended) of each thing that it writes or rests on, and the keys of the subjects.
// params: command str, key str, things list[str], about list[str]
// returns: done list[map], others int, held list[map], keys list[map]
// mode: read
// source: reference model sections 1 and 2, work; reference Neo4j section 3, retries
// version: 1
CALL () {
  MATCH (w:Work {command: $command})
  USING INDEX w:Work(command)
  RETURN collect({thing: w.claim_id, version: w.version}) AS done
}
CALL () {
  MATCH (w:Work) USING INDEX w:Work(command) WHERE w.command STARTS WITH $key AND w.command <> $command
  RETURN count(w) AS others
}
CALL () {
  UNWIND $things AS thing
  MATCH (w:Work {claim_id: thing})
  USING INDEX w:Work(claim_id)
  WITH thing, w ORDER BY w.version DESC
  WITH thing, collect(w)[0] AS w
  RETURN collect({thing: thing, row_id: w.row_id, version: w.version, sight: w.declared_sight, sight_now: w.sight, known_from: w.known_from, end_seq: w.end_seq}) AS held
}
CALL () {
  UNWIND $about AS uid
  MATCH (e:Entity {uid: uid}) USING INDEX e:Entity(uid)
  MATCH (k:RecordKey)-[:IDENTIFIES]->(e)
  RETURN collect({uid: uid, key: k.key}) AS keys
}
RETURN done, others, held, keys
