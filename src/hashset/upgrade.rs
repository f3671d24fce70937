//! Databases of earlier versions get the columns that came later.

use rusqlite::{Connection, TransactionBehavior};

/// Columns that a version brought, for the databases of those before it.
const NEW_COLUMNS: [(&str, &str, &str); 13] = [
    ("hashset_revision", "uses", "TEXT NOT NULL DEFAULT 'match,derive,export'"),
    ("hashset_revision", "keep_until", "TEXT"),
    ("hashset_revision", "list_key", "TEXT"),
    ("hashset_import", "imported_at", "TEXT"),
    ("hashset_import", "operator", "TEXT"),
    ("hashset_import", "read_as", "TEXT"),
    ("hashset_import", "added", "INTEGER CHECK (added IN (0, 1))"),
    ("hashset_import", "counts", "TEXT"),
    ("hashset_import", "changes", "TEXT"),
    ("hashset_import", "signed_by", "TEXT"),
    ("hashset_import", "in_force", "INTEGER NOT NULL DEFAULT 1 CHECK (in_force IN (0, 1))"),
    ("hashset_withdrawal", "revision", "INTEGER"),
    ("hashset_withdrawal", "event", "INTEGER"),
];

/// Adds the columns that the database lacks; one that has them is not written to.
pub(super) fn add_new_columns(db: &mut Connection) -> Result<(), rusqlite::Error> {
    let lacks = |db: &Connection, table: &str, column: &str| {
        let sql = "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2";
        db.query_one(sql, [table, column], |row| Ok(row.get::<_, i64>(0)? == 0))
    };
    let (table, column, _) = NEW_COLUMNS[NEW_COLUMNS.len() - 1];
    if !lacks(db, table, column)? {
        return Ok(()); // they come together, and this one last
    }
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (table, column, definition) in NEW_COLUMNS {
        // Asked again, now that no other process can be at the same.
        if lacks(&tx, table, column)? {
            tx.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {column} {definition}"))?;
        }
    }
    tx.commit()
}
