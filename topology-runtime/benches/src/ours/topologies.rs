//! The workloads as topologies, for a size of message and a capacity.

macro_rules! topologies {
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

            /// The cost of a workload; nothing for what is not one of ours.
            pub(crate) async fn run(case: Case, variant: Variant) -> Option<Cost> {
                let cost = match (case.workload, variant.entry) {
                    (Workload::THREE, Entry::Source) => sourced(Three::start, case, variant).await,
                    (Workload::THREE, Entry::Send) => sent(Sent::start, case, variant).await,
                    (_, Entry::Send) => return None,
                    (Workload::FIVE, _) => sourced(Five::start, case, variant).await,
                    (Workload::Called, _) => sourced(Called::start, case, variant).await,
                    (Workload::ForkJoin, _) => sourced(ForkJoin::start, case, variant).await,
                    (Workload::Merge { producers: 4 }, _) => {
                        sourced(MergeFour::start, case, variant).await
                    }
                    (Workload::Merge { producers: 8 }, _) => {
                        sourced(MergeEight::start, case, variant).await
                    }
                    (Workload::Route, _) => sourced(Route::start, case, variant).await,
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

            #[workflow_step(timeout = 10s)]
            async fn end_both(left: Parcel, right: Parcel, done: &Done) {
                let _ = (left, right.worked());
                done.arrived();
            }

            topology! {
                pub(crate) Three<! -> !> [state = App];
                feed -> work -> end [capacity = CAPACITY, timeout = 60s];
                else fail;
            }

            topology! {
                pub(crate) Five<! -> !> [state = App];
                use work as second;
                use work as third;
                feed -> work -> second -> third -> end [capacity = CAPACITY, timeout = 60s];
                else fail;
            }

            topology! {
                pub(crate) Called<! -> !> [state = App];
                use work as second;
                use work as third;
                feed -> work >> second >> third -> end [capacity = CAPACITY, timeout = 60s];
                else fail;
            }

            topology! {
                pub(crate) Sent<Parcel -> !> [state = App];
                in -> work -> end [capacity = CAPACITY, timeout = 60s];
                else fail;
            }

            topology! {
                pub(crate) Answering<Parcel -> Parcel> [state = App];
                in -> work -> out [capacity = CAPACITY, timeout = 60s];
                else fail;
            }

            topology! {
                pub(crate) ForkJoin<! -> !> [state = App];
                use work as left;
                use work as right;
                feed -> work -> left & right -> end_both [capacity = CAPACITY, timeout = 60s];
                else fail;
            }

            topology! {
                pub(crate) MergeFour<! -> !> [state = App];
                use feed as b;
                use feed as c;
                use feed as d;
                feed | b | c | d -> end [capacity = CAPACITY, timeout = 60s];
                else fail;
            }

            topology! {
                pub(crate) MergeEight<! -> !> [state = App];
                use feed as b;
                use feed as c;
                use feed as d;
                use feed as e;
                use feed as f;
                use feed as g;
                use feed as h;
                feed | b | c | d | e | f | g | h -> end [capacity = CAPACITY, timeout = 60s];
                else fail;
            }

            topology! {
                pub(crate) Route<! -> !> [state = App];
                use end as first;
                use end as second;
                use end as third;
                use end as fourth;
                feed -> work [capacity = CAPACITY, timeout = 60s];
                work -> match {
                    parcel if parcel.number() % 4 == 0 => first(parcel) [capacity = CAPACITY, timeout = 60s],
                    parcel if parcel.number() % 4 == 1 => second(parcel) [capacity = CAPACITY, timeout = 60s],
                    parcel if parcel.number() % 4 == 2 => third(parcel) [capacity = CAPACITY, timeout = 60s],
                    parcel => fourth(parcel) [capacity = CAPACITY, timeout = 60s],
                };
                else fail;
            }
        }
    };
}

topologies!(small_64, 1, 64);
topologies!(small_1024, 1, 1024);
topologies!(large_64, 32, 64);
topologies!(large_1024, 32, 1024);
