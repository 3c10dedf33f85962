pub async fn price(order: Order) -> Priced {
    Priced::of(order).await
}
/// The contract of the step [`price()`].
#[allow(non_camel_case_types, dead_code)]
pub struct price {}
#[automatically_derived]
impl ::topology_runtime::wiring::Function for price {
    type Input = Order;
    type Output = Priced;
    const CONTRACT: ::topology_runtime::wiring::Contract = ::topology_runtime::wiring::Contract::asynchronous(
            "price",
        )
        .timeout(::core::time::Duration::from_millis(1000));
    fn work(
        message: Order,
    ) -> impl ::core::future::Future<Output = Priced> + ::core::marker::Send {
        price(message)
    }
}
impl ::topology_runtime::wiring::Takes<Order> for price {
    type By = ::topology_runtime::wiring::AsItIs;
}
impl<__State> ::topology_runtime::wiring::Step<__State> for price {}
