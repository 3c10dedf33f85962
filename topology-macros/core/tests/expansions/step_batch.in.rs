#[workflow_step(timeout = 1s, idempotent, retry(attempts = 3, when = is_busy))]
async fn store(rows: Vec<Row>, db: &Db) -> Vec<Result<Stored, DbError>> {
    db.store(rows).await
}
