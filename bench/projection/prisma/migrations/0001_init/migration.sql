CREATE TABLE account (
  id text PRIMARY KEY,
  owner text NOT NULL,
  status text NOT NULL,
  balance double precision NOT NULL,
  currency text NOT NULL,
  revision integer NOT NULL,
  active boolean NOT NULL,
  note text,
  tags text[] NOT NULL,
  changed_at timestamptz(3) NOT NULL,
  changes integer NOT NULL
);

CREATE TABLE owner_total (
  owner text PRIMARY KEY,
  changes integer NOT NULL,
  closed integer NOT NULL,
  balance bigint NOT NULL
);
