#[workflow_step]
pub(crate) fn archive(receipt: Receipt) {
    println!("{receipt}");
}
