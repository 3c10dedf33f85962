#[automatically_derived]
impl ::topology_runtime::Provide<App> for App {
    fn provide(&self) -> &Self {
        self
    }
}
#[automatically_derived]
impl ::topology_runtime::Provide<RuleBook> for App {
    fn provide(&self) -> &RuleBook {
        &self.rules
    }
}
#[automatically_derived]
impl ::topology_runtime::Provide<Books> for App {
    fn provide(&self) -> &Books {
        &self.books
    }
}
