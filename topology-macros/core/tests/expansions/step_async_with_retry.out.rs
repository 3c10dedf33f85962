async fn screen(
    order: Order,
    rules: &RuleBook,
    context: &StepContext,
) -> Result<Verdict, ScreenError> {
    rules.screen(order, context.attempt()).await
}
/// The contract of the step [`screen()`].
#[allow(non_camel_case_types, dead_code)]
struct screen {}
#[automatically_derived]
impl ::topology_runtime::wiring::Function for screen {
    type Input = Order;
    type Output = <Result<
        Verdict,
        ScreenError,
    > as ::topology_runtime::wiring::Fallible>::Ok;
    const CONTRACT: ::topology_runtime::wiring::Contract = ::topology_runtime::wiring::Contract::asynchronous(
            "screen",
        )
        .timeout(::core::time::Duration::from_millis(200))
        .retry(
            ::topology_runtime::wiring::Retry::new(3)
                .backoff(
                    ::core::time::Duration::from_millis(10),
                    ::core::time::Duration::from_millis(100),
                ),
        )
        .idempotent()
        .aware();
    const KEEP: ::core::option::Option<fn(&Self::Input) -> Self::Input> = ::core::option::Option::Some(
        <Self as ::topology_runtime::wiring::Retries<Order>>::retry_clone,
    );
}
impl ::topology_runtime::wiring::Takes<Order> for screen {
    type By = ::topology_runtime::wiring::AsItIs;
}
#[automatically_derived]
impl<__State> ::topology_runtime::wiring::Step<__State> for screen
where
    __State: ::core::marker::Send + ::core::marker::Sync + 'static,
    __State: ::topology_runtime::wiring::Provide<RuleBook>,
{
    #[allow(clippy::manual_async_fn)]
    fn run(
        message: Self::Input,
        state: &::topology_runtime::wiring::Lent<__State>,
        context: &::topology_runtime::wiring::StepContext,
        _: &mut ::core::option::Option<Self::Own>,
    ) -> impl ::core::future::Future<
        Output = ::topology_runtime::wiring::Attempted<Self::Output>,
    > + ::core::marker::Send {
        ::topology_runtime::wiring::attempted(
            screen(
                message,
                <_ as ::topology_runtime::wiring::Provide<RuleBook>>::provide(&**state),
                context,
            ),
            ::topology_runtime::wiring::Fallible::attempted,
            {
                let when: fn(
                    &<Result<
                        Verdict,
                        ScreenError,
                    > as ::topology_runtime::wiring::Fallible>::Error,
                ) -> bool = is_transient;
                ::core::option::Option::Some(when)
            },
        )
    }
}
