#[workflow_step]
pub fn summarise(entry: Entry, notice: Option<Notice>) -> Receipt {
    Receipt { entry, notice }
}
