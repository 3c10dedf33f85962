async fn store(rows: Vec<Row>, db: &Db) -> Vec<Result<Stored, DbError>> {
    db.store(rows).await
}
/// The contract of the step [`store()`].
#[allow(non_camel_case_types, dead_code)]
struct store {}
#[allow(trivial_bounds)]
const _: () = {
    #[automatically_derived]
    impl ::topology_runtime::wiring::WorkflowStep for store {
        type Input = Vec<Row>;
        type Kept = Vec<Row>;
        type Output = Vec<Result<Stored, DbError>>;
        type Item = Row;
        type Each = <Result<
            Stored,
            DbError,
        > as ::topology_runtime::wiring::Fallible>::Ok;
        type Own = ();
        type Inside<__Depth: ::topology_runtime::wiring::Depth> = ();
        const CONTRACT: ::topology_runtime::wiring::Contract = ::topology_runtime::wiring::Contract::asynchronous(
                "store",
            )
            .timeout(::core::time::Duration::from_millis(1000))
            .retry(::topology_runtime::wiring::Retry::new(3))
            .idempotent();
        const KEEP: ::core::option::Option<fn(&Self::Input) -> Self::Input> = ::core::option::Option::Some(
            <Self as ::topology_runtime::wiring::Retries<Vec<Row>>>::retry_clone,
        );
        fn kept(message: Self::Input) -> Self::Kept {
            message
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Takes<Vec<Row>> for store {
        type By = ::topology_runtime::wiring::AsItIs;
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Batches for store {
        fn batch(messages: ::std::vec::Vec<Self::Item>) -> Self::Input {
            messages
        }
        fn copy(
            messages: &::std::vec::Vec<Self::Item>,
        ) -> ::core::option::Option<::std::vec::Vec<Self::Item>> {
            <Self as ::topology_runtime::wiring::WorkflowStep>::KEEP
                .map(|keep| keep(messages))
        }
        fn results(
            output: Self::Output,
            sent: usize,
        ) -> ::std::vec::Vec<::topology_runtime::wiring::Attempted<Self::Each>> {
            ::topology_runtime::wiring::batch::fallible(
                output,
                sent,
                {
                    let when: fn(
                        &<Result<
                            Stored,
                            DbError,
                        > as ::topology_runtime::wiring::Fallible>::Error,
                    ) -> bool = is_busy;
                    ::core::option::Option::Some(when)
                },
            )
        }
    }
    #[automatically_derived]
    impl<__State> ::topology_runtime::wiring::Step<__State> for store
    where
        __State: ::core::marker::Send + ::core::marker::Sync + 'static,
        __State: ::topology_runtime::wiring::Provide<Db>,
    {
        #[allow(clippy::manual_async_fn)]
        fn run(
            message: Self::Input,
            state: &::topology_runtime::wiring::Lent<__State>,
            _: &::topology_runtime::wiring::StepContext,
            _: &mut ::core::option::Option<Self::Own>,
        ) -> impl ::core::future::Future<
            Output = ::topology_runtime::wiring::Attempted<Self::Output>,
        > + ::core::marker::Send {
            ::topology_runtime::wiring::done(
                store(
                    message,
                    <_ as ::topology_runtime::wiring::Provide<Db>>::provide(&**state),
                ),
            )
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Single for store {}
    #[automatically_derived]
    impl ::topology_runtime::wiring::Reactive for store {}
};
