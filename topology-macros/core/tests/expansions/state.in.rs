#[derive(State)]
struct App {
    rules: RuleBook,
    books: Books,
    #[state(skip)]
    name: String,
}
