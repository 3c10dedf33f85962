#[workflow_step(timeout = 10ms)]
/// Adds up.
impl<T: Sum> Totals<T>
where
    T: Send + 'static,
{
    const NONE: [u8; 1] = { [0] };

    fn start(prices: &Prices) -> Self {
        Self::of(prices)
    }

    /// Adds one.
    pub async fn add(&mut self, order: Order<T>, prices: &Prices, context: &StepContext) -> Result<Total, Error> {
        self.sum(order, prices).await
    }

    #[workflow_step(tick = PERIOD)]
    fn flush(&mut self, prices: &Prices) -> Option<Total> {
        self.take()
    }

    fn finish(self) -> Result<Option<Total>, Error> {
        Ok(self.rest())
    }

    fn is_empty(&self, of: u8) -> bool {
        self.count == of
    }
}
