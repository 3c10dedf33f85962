#[workflow_step(timeout = 200ms, idempotent, retry(attempts = 3, backoff = 10ms..100ms, when = is_transient))]
async fn screen(order: Order, rules: &RuleBook, context: &StepContext) -> Result<Verdict, ScreenError> {
    rules.screen(order, context.attempt()).await
}
