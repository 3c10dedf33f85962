#[allow(clippy::needless_pass_by_value, clippy::trivially_copy_pass_by_ref)]
pub fn summarise(entry: Entry, notice: Option<Notice>) -> Receipt {
    Receipt { entry, notice }
}
/// The contract of the step [`summarise()`].
#[allow(non_camel_case_types, dead_code)]
pub struct summarise {}
#[allow(trivial_bounds)]
const _: () = {
    #[automatically_derived]
    impl ::topology_runtime::wiring::WorkflowStep for summarise
    where
        Entry: ::core::marker::Send,
        Option<Notice>: ::core::marker::Send,
    {
        type Input = (Entry, Option<Notice>);
        type Kept = (
            ::core::option::Option<Entry>,
            ::core::option::Option<Option<Notice>>,
        );
        type Output = Receipt;
        type Item = Self::Input;
        type Each = Self::Output;
        type Own = ();
        type Inside<__Depth: ::topology_runtime::wiring::Depth> = ();
        const CONTRACT: ::topology_runtime::wiring::Contract = ::topology_runtime::wiring::Contract::inline(
            "summarise",
        );
        fn kept(message: Self::Input) -> Self::Kept {
            (
                ::core::option::Option::Some(message.0),
                ::core::option::Option::Some(message.1),
            )
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::TakesPart<0, Entry> for summarise
    where
        Entry: ::core::marker::Send,
        Option<Notice>: ::core::marker::Send,
    {
        fn take_part(kept: &mut Self::Kept, part: Entry) {
            kept.0 = ::core::option::Option::Some(part);
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::TakesPart<1, Option<Notice>> for summarise
    where
        Entry: ::core::marker::Send,
        Option<Notice>: ::core::marker::Send,
    {
        fn take_part(kept: &mut Self::Kept, part: Option<Notice>) {
            kept.1 = ::core::option::Option::Some(part);
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Joins<2> for summarise
    where
        Entry: ::core::marker::Send,
        Option<Notice>: ::core::marker::Send,
    {}
    #[automatically_derived]
    impl ::topology_runtime::wiring::Join for summarise
    where
        Entry: ::core::marker::Send,
        Option<Notice>: ::core::marker::Send,
    {
        const PARTS: usize = 2;
        fn nothing() -> Self::Kept {
            (::core::option::Option::None, ::core::option::Option::None)
        }
        fn skip_part(kept: &mut Self::Kept, position: usize) {
            match position {
                1 => {
                    kept.1 = ::core::option::Option::Some(::core::option::Option::None);
                }
                _ => {}
            }
        }
        fn complete(kept: Self::Kept) -> ::core::option::Option<Self::Input> {
            ::core::option::Option::Some((kept.0?, kept.1?))
        }
    }
    #[automatically_derived]
    impl<__Message> ::topology_runtime::wiring::Takes<__Message> for summarise
    where
        Entry: ::core::marker::Send,
        Option<Notice>: ::core::marker::Send,
        __Message: ::topology_runtime::wiring::LeadsToJoin<summarise>,
    {
        type By = ::topology_runtime::wiring::NotAtAll;
    }
    #[automatically_derived]
    impl<__State> ::topology_runtime::wiring::Step<__State> for summarise
    where
        Entry: ::core::marker::Send,
        Option<Notice>: ::core::marker::Send,
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
                let returned = summarise(message.0, message.1);
                ::topology_runtime::wiring::Attempted::Done(returned)
            })
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Inline for summarise
    where
        Entry: ::core::marker::Send,
        Option<Notice>: ::core::marker::Send,
    {}
    #[automatically_derived]
    impl ::topology_runtime::wiring::Reactive for summarise
    where
        Entry: ::core::marker::Send,
        Option<Notice>: ::core::marker::Send,
    {}
};
