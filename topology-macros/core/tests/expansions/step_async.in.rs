#[workflow_step(timeout = 1s)]
pub async fn price(order: Order) -> Priced {
    Priced::of(order).await
}
