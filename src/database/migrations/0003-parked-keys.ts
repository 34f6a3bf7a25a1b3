// Parked events are found by a digest of their key: an entry of an index holds less than 3 kB, and a key may be as long as its
// record. With the key itself in the index, parking a record with a long key failed for ever.

export const engine0003 = {
  name: '0003-parked-keys',
  sql: `
DROP INDEX millrace.parked_by_key;
CREATE INDEX parked_by_key ON millrace.parked (consumer, topic, partition, sha256(record_key), record_offset);
`,
}
