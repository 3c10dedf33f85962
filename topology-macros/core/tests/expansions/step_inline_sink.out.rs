#[allow(clippy::needless_pass_by_value, clippy::trivially_copy_pass_by_ref)]
pub(crate) fn archive(receipt: Receipt) {
    println!("{receipt}");
}
/// The contract of the step [`archive()`].
#[allow(non_camel_case_types, dead_code)]
pub(crate) struct archive {}
#[automatically_derived]
impl ::topology_runtime::wiring::Function for archive {
    type Input = Receipt;
    type Output = ();
    const CONTRACT: ::topology_runtime::wiring::Contract = ::topology_runtime::wiring::Contract::inline(
        "archive",
    );
    fn run(
        message: Receipt,
    ) -> impl ::core::future::Future<
        Output = ::topology_runtime::wiring::Attempted<Self::Output>,
    > + ::core::marker::Send {
        ::core::future::ready({
            archive(message);
            ::topology_runtime::wiring::Attempted::Done(())
        })
    }
}
impl ::topology_runtime::wiring::Takes<Receipt> for archive {
    type By = ::topology_runtime::wiring::AsItIs;
}
impl<__State> ::topology_runtime::wiring::Step<__State> for archive {}
#[automatically_derived]
impl ::topology_runtime::wiring::Sink for archive {}
#[automatically_derived]
impl ::topology_runtime::wiring::Inline for archive {}
