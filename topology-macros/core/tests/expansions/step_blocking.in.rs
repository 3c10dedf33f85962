#[workflow_step(blocking, timeout = 5s)]
fn read(path: PathBuf) -> io::Result<Text> {
    std::fs::read_to_string(path).map(Text)
}
