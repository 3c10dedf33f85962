#[workflow_step(blocking, timeout = 1s, retry(attempts = 3))]
impl Ledger {
    fn enter(&mut self, entry: Entry, notice: Option<Notice>, disk: &Disk) {
        disk.write(entry, notice);
    }

    #[workflow_step(tick = 1min)]
    fn sync(&mut self, disk: &Disk) -> Result<(), DiskError> {
        disk.sync()
    }
}
