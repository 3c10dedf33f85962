#[allow(
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    clippy::unused_self
)]
impl Ledger {
    fn enter(&mut self, entry: Entry, notice: Option<Notice>, disk: &Disk) {
        disk.write(entry, notice);
    }
    fn sync(&mut self, disk: &Disk) -> Result<(), DiskError> {
        disk.sync()
    }
}
#[allow(trivial_bounds)]
const _: () = {
    #[automatically_derived]
    impl ::topology_runtime::wiring::WorkflowStep for Ledger
    where
        Entry: ::core::marker::Send,
        Option<Notice>: ::core::marker::Send,
    {
        type Input = (Entry, Option<Notice>);
        type Kept = (
            ::core::option::Option<Entry>,
            ::core::option::Option<Option<Notice>>,
        );
        type Output = ();
        type Item = Self::Input;
        type Each = Self::Output;
        type Own = Self;
        type Inside<__Depth: ::topology_runtime::wiring::Depth> = ();
        const CONTRACT: ::topology_runtime::wiring::Contract = ::topology_runtime::wiring::Contract::blocking(
                "Ledger",
            )
            .timeout(::core::time::Duration::from_millis(1000))
            .retry(::topology_runtime::wiring::Retry::new(3))
            .stateful()
            .ticking(::core::time::Duration::from_millis(60000));
        const KEEP: ::core::option::Option<fn(&Self::Input) -> Self::Input> = ::core::option::Option::Some(|
            message|
        (
            <Self as ::topology_runtime::wiring::Retries<
                Entry,
            >>::retry_clone(&message.0),
            <Self as ::topology_runtime::wiring::Retries<
                Option<Notice>,
            >>::retry_clone(&message.1),
        ));
        fn kept(message: Self::Input) -> Self::Kept {
            (
                ::core::option::Option::Some(message.0),
                ::core::option::Option::Some(message.1),
            )
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::TakesPart<0, Entry> for Ledger
    where
        Entry: ::core::marker::Send,
        Option<Notice>: ::core::marker::Send,
    {
        fn take_part(kept: &mut Self::Kept, part: Entry) {
            kept.0 = ::core::option::Option::Some(part);
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::TakesPart<1, Option<Notice>> for Ledger
    where
        Entry: ::core::marker::Send,
        Option<Notice>: ::core::marker::Send,
    {
        fn take_part(kept: &mut Self::Kept, part: Option<Notice>) {
            kept.1 = ::core::option::Option::Some(part);
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Joins<2> for Ledger
    where
        Entry: ::core::marker::Send,
        Option<Notice>: ::core::marker::Send,
    {}
    #[automatically_derived]
    impl ::topology_runtime::wiring::Join for Ledger
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
    impl<__Message> ::topology_runtime::wiring::Takes<__Message> for Ledger
    where
        Entry: ::core::marker::Send,
        Option<Notice>: ::core::marker::Send,
        __Message: ::topology_runtime::wiring::LeadsToJoin<Ledger>,
    {
        type By = ::topology_runtime::wiring::NotAtAll;
    }
    #[automatically_derived]
    impl<__State> ::topology_runtime::wiring::Step<__State> for Ledger
    where
        Entry: ::core::marker::Send,
        Option<Notice>: ::core::marker::Send,
        __State: ::core::marker::Send + ::core::marker::Sync + 'static,
        __State: ::topology_runtime::wiring::Provide<Disk>,
    {
        #[allow(clippy::manual_async_fn)]
        fn run(
            message: Self::Input,
            state: &::topology_runtime::wiring::Lent<__State>,
            context: &::topology_runtime::wiring::StepContext,
            own: &mut ::core::option::Option<Self::Own>,
        ) -> impl ::core::future::Future<
            Output = ::topology_runtime::wiring::Attempted<Self::Output>,
        > + ::core::marker::Send {
            ::topology_runtime::wiring::blocking_own(
                state,
                context,
                own,
                move |state, _, own| {
                    let mut step = ::topology_runtime::wiring::lent(own);
                    Self::enter(
                        &mut step,
                        message.0,
                        message.1,
                        <_ as ::topology_runtime::wiring::Provide<
                            Disk,
                        >>::provide(&**state),
                    );
                    *own = ::core::option::Option::Some(step);
                    ::topology_runtime::wiring::Attempted::Done(())
                },
            )
        }
        fn own(
            _: &::topology_runtime::wiring::Lent<__State>,
        ) -> ::core::option::Option<Self::Own> {
            ::core::option::Option::Some(::topology_runtime::wiring::started::<Ledger>())
        }
        #[allow(clippy::manual_async_fn)]
        fn tick(
            state: &::topology_runtime::wiring::Lent<__State>,
            context: &::topology_runtime::wiring::StepContext,
            own: &mut ::core::option::Option<Self::Own>,
        ) -> impl ::core::future::Future<
            Output = ::topology_runtime::wiring::Attempted<
                ::core::option::Option<Self::Output>,
            >,
        > + ::core::marker::Send {
            ::topology_runtime::wiring::blocking_own(
                state,
                context,
                own,
                move |state, _, own| {
                    let mut step = ::topology_runtime::wiring::lent(own);
                    let returned = Self::sync(
                        &mut step,
                        <_ as ::topology_runtime::wiring::Provide<
                            Disk,
                        >>::provide(&**state),
                    );
                    *own = ::core::option::Option::Some(step);
                    ::topology_runtime::wiring::Fallible::attempted(
                            returned,
                            ::core::option::Option::None,
                        )
                        .map(|()| ::core::option::Option::None)
                },
            )
        }
    }
    #[automatically_derived]
    impl ::topology_runtime::wiring::Sink for Ledger
    where
        Entry: ::core::marker::Send,
        Option<Notice>: ::core::marker::Send,
    {}
};
const _: () = {
    #[deprecated(
        note = "step `Ledger` is retried and does not say that it may run twice: an attempt that timed out may have had its effect; make it so and say `idempotent`"
    )]
    #[allow(non_upper_case_globals)]
    const unmarked_retry: () = ();
    unmarked_retry
};
