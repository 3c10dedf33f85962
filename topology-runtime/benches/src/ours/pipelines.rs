//! The pipelines as topologies, for each size of message and capacity.

macro_rules! pipelines {
    ($module:ident, $words:literal, $capacity:literal) => {
        pub(crate) mod $module {
            use futures_core::Stream;
            use topology_runtime::{Message, topology, workflow_step};

            use crate::measure::Cost;
            use crate::ours::run::{sent, sourced};
            use crate::ours::{App, Entry, Supply, Variant};
            use crate::work::{Case, Done, Workload};

            const CAPACITY: usize = $capacity;

            pub(crate) type Parcel = crate::work::Parcel<$words>;

            /// The cost of a pipeline; nothing for what is none.
            pub(crate) async fn run(case: Case, variant: Variant) -> Option<Cost> {
                let cost = match (case.workload, variant.entry) {
                    (Workload::THREE, Entry::Source) => sourced(Three::start, case, variant).await,
                    (Workload::THREE, Entry::Send) => sent(Sent::start, case, variant).await,
                    (Workload::NINE, Entry::Source) => sourced(Nine::start, case, variant).await,
                    _ => return None,
                };
                Some(cost)
            }

            #[workflow_step]
            fn feed(supply: &Supply) -> impl Stream<Item = Message<Parcel>> {
                supply.stream::<$words>()
            }

            #[workflow_step(timeout = 10s)]
            async fn work(parcel: Parcel) -> Parcel {
                parcel.worked()
            }

            #[workflow_step(timeout = 10s)]
            async fn end(parcel: Parcel, done: &Done) {
                drop(parcel.worked());
                done.arrived();
            }

            topology! {
                pub(crate) Three<! -> !> [state = App];
                feed -> work -> end [capacity = CAPACITY, timeout = 60s];
                else fail;
            }

            topology! {
                pub(crate) Nine<! -> !> [state = App];
                use work as second;
                use work as third;
                use work as fourth;
                use work as fifth;
                use work as sixth;
                use work as seventh;
                feed -> work -> second -> third -> fourth -> fifth -> sixth -> seventh -> end
                    [capacity = CAPACITY, timeout = 60s];
                else fail;
            }

            topology! {
                pub(crate) Sent<Parcel -> !> [state = App];
                in -> work -> end [capacity = CAPACITY, timeout = 60s];
                else fail;
            }
        }
    };
}

pipelines!(small_64, 1, 64);
pipelines!(small_1024, 1, 1024);
pipelines!(large_64, 32, 64);
pipelines!(large_1024, 32, 1024);
