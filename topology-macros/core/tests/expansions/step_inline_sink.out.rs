#[allow(clippy::needless_pass_by_value, clippy::trivially_copy_pass_by_ref)]
pub(crate) fn archive(receipt: Receipt) {
    println!("{receipt}");
}
/// The contract of the step [`archive()`].
#[allow(non_camel_case_types, dead_code)]
pub(crate) struct archive {}
#[allow(trivial_bounds)]
const _: () = {
    #[automatically_derived]
    impl ::topology_runtime::wiring::WorkflowStep for archive {
        type Input = Receipt;
        type Kept = Receipt;
        type Output = ();
        type Item = Self::Input;
        type Each = Self::Output;
        type Own = ();
        type Inside<__Depth: ::topology_runtime::wiring::Depth> = ();
        const CONTRACT: ::topology_runtime::wiring::Contract = ::topology_runtime::wiring::Contract::new(
            "archive",
            ::topology_runtime::wiring::Kind::Inline,
        );
        fn kept(message: Self::Input) -> Self::Kept {
            message
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Takes<Receipt> for archive {
        fn take(message: Receipt) -> Self::Input {
            message
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Single for archive {}
    #[automatically_derived]
    impl<__State> ::topology_runtime::wiring::Step<__State> for archive
    where
        __State: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        #[allow(clippy::manual_async_fn)]
        fn run(
            message: Self::Input,
            _: &::topology_runtime::wiring::Lent<__State>,
            _: &::topology_runtime::wiring::StepContext,
            _: &mut ::core::option::Option<Self::Own>,
        ) -> impl ::core::future::Future<
            Output = ::topology_runtime::wiring::Attempted<Self::Output>,
        > + ::core::marker::Send {
            ::core::future::ready({
                archive(message);
                ::topology_runtime::wiring::Attempted::Done(())
            })
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Sink for archive {}
    #[automatically_derived]
    impl ::topology_runtime::wiring::Inline for archive {}
    #[automatically_derived]
    impl ::topology_runtime::wiring::Reactive for archive {}
};
