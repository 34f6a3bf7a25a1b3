// The engine's first tables. They live in a schema of their own, so that the user's Prisma migrations never see them.

export const engine0001 = {
  name: '0001-engine',
  sql: `
-- How far each consumer is in each partition, written in the same statement as its rows. Every write is a compare-and-set on
-- (revision, epoch) by equality and raises the revision; taking a partition raises the epoch, which fences the last owner.
CREATE TABLE millrace.checkpoint (
  consumer text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  next_offset bigint NOT NULL DEFAULT 0,
  revision bigint NOT NULL DEFAULT 0,
  epoch bigint NOT NULL DEFAULT 0,
  -- Epochs taken since the last progress: from the third on, records go in small steps, each counted before it runs.
  starts integer NOT NULL DEFAULT 0,
  trying_offset bigint,
  trying_attempts integer NOT NULL DEFAULT 0,
  -- The last record below next_offset: if the log has another one there, it is not the log that was read.
  last_offset bigint,
  last_timestamp bigint,
  last_event_id text,
  -- applied + repeated + filtered + parked_total = visible records below next_offset. parked_total never falls.
  applied bigint NOT NULL DEFAULT 0,
  repeated bigint NOT NULL DEFAULT 0,
  filtered bigint NOT NULL DEFAULT 0,
  parked_total bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, topic, partition)
);

-- The ids of the last records of a partition in compact form: per record 16 bytes of id and 4 bytes of offset distance.
CREATE TABLE millrace.event_ids (
  consumer text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  first_offset bigint NOT NULL,
  last_offset bigint NOT NULL,
  ids bytea NOT NULL,
  PRIMARY KEY (consumer, topic, partition, first_offset)
);

-- Events that could not be applied yet, with the events of the same key behind them, raw as they lay on the log.
CREATE TABLE millrace.parked (
  consumer text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  record_offset bigint NOT NULL,
  record_key bytea,
  record_value bytea,
  record_headers jsonb NOT NULL,
  record_timestamp bigint NOT NULL,
  event_id text NOT NULL,
  event_type text,
  -- parked: failed for good; waiting: tried again at due_at; behind: an earlier event of its key is parked or waiting;
  -- redrive, discard: somebody asked for it, and the owner of the partition carries it out.
  status text NOT NULL CHECK (status IN ('parked', 'waiting', 'behind', 'redrive', 'discard')),
  due_at timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  reason text NOT NULL,
  detail text NOT NULL DEFAULT '',
  fingerprint text NOT NULL DEFAULT '',
  first_failed_at timestamptz NOT NULL DEFAULT now(),
  last_failed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, topic, partition, record_offset)
);
CREATE INDEX parked_by_key ON millrace.parked (consumer, topic, partition, record_key, record_offset);
CREATE INDEX parked_due ON millrace.parked (consumer, due_at) WHERE status IN ('waiting', 'redrive', 'discard');

-- Locks for rows that several partitions write: a lock on the row itself cannot hold a row that is not there yet.
-- Unlogged, because what it says does not matter after a crash.
CREATE UNLOGGED TABLE millrace.row_lock (
  model text NOT NULL,
  row_key text NOT NULL,
  PRIMARY KEY (model, row_key)
);

-- Consumers whose rows are written by several partitions: found out by an event whose row is not its key's own. Written before
-- every epoch of the consumer is raised, so that no member goes on in the belief that its rows are its own.
CREATE TABLE millrace.shared_rows (
  consumer text PRIMARY KEY,
  is_fenced boolean NOT NULL
);

-- What the gateway answered: the same id or idempotency key again gets the same answer.
CREATE TABLE millrace.emitted (
  scope text NOT NULL,
  key text NOT NULL,
  body_hash bytea NOT NULL,
  answer jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (scope, key)
);
CREATE INDEX emitted_age ON millrace.emitted (created_at);

-- When each plan of a schedule fires next. A scheduler that fires moves next_at by compare-and-set.
CREATE TABLE millrace.schedule (
  producer text NOT NULL,
  plan text NOT NULL,
  cron text NOT NULL,
  time_zone text NOT NULL,
  next_at timestamptz NOT NULL,
  revision bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (producer, plan)
);

-- Rebuilds of projections: running, paused, ready to swap, swapped, rolled back.
CREATE TABLE millrace.rebuild (
  projection text PRIMARY KEY,
  version integer NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'paused', 'swapped', 'rolled-back')),
  detail jsonb NOT NULL DEFAULT '{}',
  started_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Who did what to parked events, replays and rebuilds.
CREATE TABLE millrace.audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL,
  action text NOT NULL,
  subject jsonb NOT NULL
);
`,
}
