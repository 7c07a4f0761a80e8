PRAGMA foreign_keys = ON;
CREATE TABLE project (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL COLLATE NOCASE UNIQUE, budget REAL, started DATE DEFAULT CURRENT_DATE) STRICT;
CREATE TABLE "Task" (
  project_id INTEGER NOT NULL REFERENCES project ON DELETE CASCADE,
  number INTEGER NOT NULL,
  title VARCHAR(200) NOT NULL,
  done BOOLEAN NOT NULL DEFAULT 0,
  parent INTEGER,
  weight INT DEFAULT (1 + 1),
  PRIMARY KEY (project_id, number),
  FOREIGN KEY (project_id, parent) REFERENCES "Task" (project_id, number) DEFERRABLE INITIALLY DEFERRED,
  CHECK (length(title) > 0 AND weight >= 0)
) WITHOUT ROWID;
CREATE INDEX open_tasks ON "Task" (project_id, title COLLATE NOCASE) WHERE done = 0;
