-- The registered plans and the budget ledger. Epsilon is counted in billionths, in integers. Everything here follows from
-- the entries of the log (release_log) and is held against them; `entry` is the place in it.
CREATE TABLE IF NOT EXISTS release_plan (
  id INTEGER PRIMARY KEY,
  entry INTEGER NOT NULL UNIQUE,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  text TEXT NOT NULL,
  registered_on TEXT NOT NULL,
  applies_from TEXT NOT NULL,
  replaces TEXT NOT NULL
) STRICT;

-- One line for every month, and one for every year, of every scope.
CREATE TABLE IF NOT EXISTS release_budget (
  scope TEXT NOT NULL,
  period TEXT NOT NULL,
  cap_nano INTEGER NOT NULL,
  spent_nano INTEGER NOT NULL DEFAULT 0,
  CHECK (spent_nano >= 0 AND spent_nano <= cap_nano),
  PRIMARY KEY (scope, period)
) STRICT;

-- One line for every release of a plan and period; a charge is made before noise is drawn.
CREATE TABLE IF NOT EXISTS release_charge (
  id INTEGER PRIMARY KEY,
  entry INTEGER NOT NULL UNIQUE,
  scope TEXT NOT NULL,
  period TEXT NOT NULL,
  plan TEXT NOT NULL,
  revision INTEGER NOT NULL,
  plan_digest TEXT NOT NULL,
  epsilon_nano INTEGER NOT NULL CHECK (epsilon_nano > 0),
  charged_on TEXT NOT NULL,
  UNIQUE (scope, period, plan, revision)
) STRICT;

-- The finished bytes, stored before anything is written for the public: publishing again gives them back.
CREATE TABLE IF NOT EXISTS release_finished (
  id INTEGER PRIMARY KEY,
  entry INTEGER NOT NULL UNIQUE,
  charge INTEGER NOT NULL UNIQUE REFERENCES release_charge (id),
  release_id TEXT NOT NULL UNIQUE,
  public_key TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS release_file (
  finished INTEGER NOT NULL REFERENCES release_finished (id),
  place INTEGER NOT NULL,
  name TEXT NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (finished, place),
  UNIQUE (finished, name)
) STRICT;

-- The releases that have been written under public/ as a whole: a correction begins only after that.
CREATE TABLE IF NOT EXISTS release_placed (
  finished INTEGER PRIMARY KEY REFERENCES release_finished (id)
) STRICT;

CREATE TRIGGER IF NOT EXISTS release_budget_only_rises BEFORE UPDATE ON release_budget
WHEN NEW.spent_nano < OLD.spent_nano OR NEW.scope <> OLD.scope OR NEW.period <> OLD.period
BEGIN SELECT RAISE(ABORT, 'what has been spent stays spent'); END;
CREATE TRIGGER IF NOT EXISTS release_budget_stays BEFORE DELETE ON release_budget
BEGIN SELECT RAISE(ABORT, 'what has been spent stays spent'); END;
CREATE TRIGGER IF NOT EXISTS release_charge_is_final BEFORE UPDATE ON release_charge
BEGIN SELECT RAISE(ABORT, 'a charge is final'); END;
CREATE TRIGGER IF NOT EXISTS release_charge_stays BEFORE DELETE ON release_charge
BEGIN SELECT RAISE(ABORT, 'a charge is final'); END;
CREATE TRIGGER IF NOT EXISTS release_finished_is_final BEFORE UPDATE ON release_finished
BEGIN SELECT RAISE(ABORT, 'a finished release is final'); END;
CREATE TRIGGER IF NOT EXISTS release_finished_stays BEFORE DELETE ON release_finished
BEGIN SELECT RAISE(ABORT, 'a finished release is final'); END;
CREATE TRIGGER IF NOT EXISTS release_file_is_final BEFORE UPDATE ON release_file
BEGIN SELECT RAISE(ABORT, 'a finished release is final'); END;
CREATE TRIGGER IF NOT EXISTS release_file_stays BEFORE DELETE ON release_file
BEGIN SELECT RAISE(ABORT, 'a finished release is final'); END;
CREATE TRIGGER IF NOT EXISTS release_placed_stays BEFORE DELETE ON release_placed
BEGIN SELECT RAISE(ABORT, 'a finished release is final'); END;
CREATE TRIGGER IF NOT EXISTS release_plan_is_final BEFORE UPDATE ON release_plan
BEGIN SELECT RAISE(ABORT, 'a registered plan is final'); END;
CREATE TRIGGER IF NOT EXISTS release_plan_stays BEFORE DELETE ON release_plan
BEGIN SELECT RAISE(ABORT, 'a registered plan is final'); END;
