#[allow(clippy::needless_pass_by_value, clippy::trivially_copy_pass_by_ref)]
/// What waits in the queue.
pub fn orders(queue: &Queue) -> impl Stream<Item = Tracked<Message<Order>>> + Send {
    queue.deliveries()
}
/// The contract of the step [`orders()`].
#[allow(non_camel_case_types, dead_code)]
pub struct orders {}
#[allow(trivial_bounds)]
const _: () = {
    #[automatically_derived]
    impl ::topology_runtime::wiring::WorkflowStep for orders {
        type Input = ::topology_runtime::wiring::NoInput;
        type Kept = ::topology_runtime::wiring::NoInput;
        type Output = Order;
        type Item = Self::Input;
        type Each = Self::Output;
        type Own = ();
        type Inside<__Depth: ::topology_runtime::wiring::Depth> = ();
        const CONTRACT: ::topology_runtime::wiring::Contract = ::topology_runtime::wiring::Contract::inline(
            "orders",
        );
        fn kept(message: Self::Input) -> Self::Kept {
            message
        }
    }
    #[automatically_derived]
    impl<__Message> ::topology_runtime::wiring::Takes<__Message> for orders
    where
        __Message: ::topology_runtime::wiring::LeadsToSource<orders>,
    {
        type By = ::topology_runtime::wiring::NotAtAll;
    }
    #[automatically_derived]
    impl<__State> ::topology_runtime::wiring::Step<__State> for orders {
        fn run(
            _: Self::Input,
            _: &::topology_runtime::wiring::Lent<__State>,
            _: &::topology_runtime::wiring::StepContext,
            _: &mut ::core::option::Option<Self::Own>,
        ) -> impl ::core::future::Future<
            Output = ::topology_runtime::wiring::Attempted<Self::Output>,
        > + ::core::marker::Send {
            ::core::future::pending()
        }
    }
    #[automatically_derived]
    impl<__State> ::topology_runtime::wiring::Source<__State> for orders
    where
        __State: ::core::marker::Send + ::core::marker::Sync + 'static,
        __State: ::topology_runtime::wiring::Provide<Queue>,
    {
        type Brought = Tracked<Message<Order>>;
        fn open(
            state: &::topology_runtime::wiring::Lent<__State>,
        ) -> impl ::topology_runtime::wiring::Stream<
            Item = Self::Brought,
        > + ::core::marker::Send {
            orders(<_ as ::topology_runtime::wiring::Provide<Queue>>::provide(&**state))
        }
        fn begin(
            brought: Self::Brought,
        ) -> ::topology_runtime::wiring::Item<Self::Output> {
            ::topology_runtime::wiring::Item::tracked_message(brought)
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Reactive for orders {}
};
