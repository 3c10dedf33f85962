#[workflow_step]
/// What waits in the queue.
pub fn orders(queue: &Queue) -> impl Stream<Item = Tracked<Message<Order>>> + Send {
    queue.deliveries()
}
