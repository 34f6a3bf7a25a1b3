// Which version of each projection is the live one. The row is what a swap, a rollback and every taking of partitions lock first,
// so that no member of another version takes a partition and writes into tables that are not its own.

export const engine0002 = {
  name: '0002-live',
  sql: `
CREATE TABLE millrace.live (
  projection text PRIMARY KEY,
  version integer NOT NULL,
  -- What the last swap or rollback put aside: its checkpoints are those of <projection>.v<previous_version>.previous.
  previous_version integer,
  previous_tables jsonb,
  -- Raised by a rollback, which moves checkpoints back: members join anew, because a quiet partition would not notice.
  revision bigint NOT NULL DEFAULT 0,
  changed_at timestamptz NOT NULL DEFAULT now()
);

-- The checkpoint's consumer that stands for another one of the same projection: that of the live version. Any other consumer
-- stands for itself.
CREATE FUNCTION millrace.live_consumer(consumer text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    (SELECT l.projection || '.v' || l.version FROM millrace.live l WHERE l.projection = regexp_replace($1, '\\.v[0-9]+$', '')),
    $1)
$$;
`,
}
