//! What can be drawn, and how steps can be written.

use std::fmt::Debug;
use std::str::FromStr;
use std::time::Duration;

use topology_runtime::{
    Failed, Failure, FailureKind, Kind, Message, Provide, State, StepContext, WorkflowStep,
    topology, workflow_step,
};

use crate::support::{Log, assert_nothing_left, books, edge, failure_of, ms, step};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Order(u32);

impl FromStr for Order {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.parse()?))
    }
}

/// Steps that are found by their paths.
mod elsewhere {
    use topology_runtime::workflow_step;

    #[workflow_step]
    pub(crate) fn double(number: u32) -> u32 {
        number * 2
    }

    pub(crate) mod deep {
        use topology_runtime::{StepContext, workflow_step};

        #[workflow_step(timeout = 1s)]
        pub(crate) async fn triple(number: u32) -> u32 {
            number * 3
        }

        /// Its name in the topology, and its own.
        #[workflow_step]
        pub(crate) fn named(number: u32, context: &StepContext) -> String {
            format!("{} {number}", context.step())
        }
    }
}

mod generic_steps {
    use super::*;

    #[workflow_step(timeout = 1s)]
    async fn parse<T>(text: String) -> Result<T, String>
    where
        T: FromStr,
        T::Err: Debug,
    {
        text.parse().map_err(|error| format!("{error:?}"))
    }

    #[workflow_step]
    fn total(order: Order) -> u32 {
        order.0
    }

    topology! {
        Orders<String -> u32>;
        in -> parse::<Order> >> total -> out [capacity = 4, timeout = 1s];
        else fail;
    }

    #[tokio::test]
    async fn a_generic_step_says_its_types_where_it_stands() {
        let orders = Orders::start();
        let answer = orders.call(Message::root("17".to_owned())).await;
        assert_eq!(answer.unwrap(), 17);
        let failure = failure_of(orders.call(Message::root("x".to_owned())).await);
        assert_eq!(failure.step(), "parse::<Order>");
        assert_eq!(step(&orders.snapshot(), "parse::<Order>").started, 2);
    }

    #[workflow_step(timeout = 1s)]
    async fn describe(small: u8, large: i64) -> String {
        format!("{small} {large}")
    }

    #[workflow_step]
    fn repeat<const N: usize>(text: String) -> String {
        text.repeat(N)
    }

    topology! {
        Both<String -> String>;
        in -> parse::<u8> & parse::<i64> -> describe >> repeat::<3> -> out
            [capacity = 4, timeout = 1s];
        else fail;
    }

    #[tokio::test]
    async fn one_function_can_be_several_steps_by_its_types() {
        let both = Both::start();
        let answer = both.call(Message::root("5".to_owned())).await;
        assert_eq!(answer.unwrap(), "5 55 55 5");
        let failure = failure_of(both.call(Message::root("-300".to_owned())).await);
        assert_eq!(failure.step(), "parse::<u8>");
        let names: Vec<_> = both.snapshot().steps.iter().map(|step| step.name).collect();
        let expected = ["parse::<u8>", "parse::<i64>", "describe", "repeat::<3>"];
        assert_eq!(names, expected);
    }
}

mod paths_and_names {
    use super::*;

    topology! {
        Paths<u32 -> String>;

        use elsewhere::deep::triple as thrice;
        use elsewhere::double as twice;
        use elsewhere::double as twice_more;
        use elsewhere::deep::named as last;

        in -> twice >> thrice >> twice_more >> elsewhere::double >> last -> out
            [capacity = 4, timeout = 1s];
        else fail;
    }

    #[tokio::test]
    async fn steps_are_found_by_their_paths_and_go_by_their_names() {
        let paths = Paths::start();
        let answer = paths.call(Message::root(1)).await;
        assert_eq!(answer.unwrap(), "last 24");
        let names: Vec<_> = paths
            .snapshot()
            .steps
            .iter()
            .map(|step| step.name)
            .collect();
        let expected = ["twice", "thrice", "twice_more", "elsewhere::double", "last"];
        assert_eq!(names, expected);
    }

    topology! {
        Abroad<String -> String>;

        use topology_tests::shout as call_out;

        in -> topology_tests::shout >> repeat >> call_out -> out [capacity = 4, timeout = 1s];
        else fail;
    }

    #[workflow_step]
    fn repeat(text: String) -> String {
        format!("{text}, {text}")
    }

    #[tokio::test]
    async fn a_step_can_come_from_another_crate() {
        let abroad = Abroad::start();
        let answer = abroad.call(Message::root("hey".to_owned())).await;
        assert_eq!(answer.unwrap(), "HEY, HEY");
        let failure = failure_of(abroad.call(Message::root(String::new())).await);
        assert_eq!(failure.step(), "topology_tests::shout");
        assert_eq!(failure.error().unwrap().to_string(), "nothing to say");
        // Its contract came along: two seconds on edges, and twice its own time.
        assert_eq!(Abroad::WORST_CASE, ms(2_000) + 2 * topology_tests::PATIENCE);
        // It can still be called like any function.
        let direct = topology_tests::shout("hey".to_owned()).await;
        assert_eq!(direct.unwrap(), "HEY");
    }
}

mod contracts {
    use super::*;

    #[workflow_step(timeout = 20ms, idempotent, retry(attempts = 3, backoff = 1ms..8ms))]
    async fn careful(number: u32) -> Result<u32, String> {
        number.checked_add(1).ok_or_else(|| "too large".to_owned())
    }

    #[workflow_step(blocking, timeout = 1min)]
    fn heavy(number: u32) -> u32 {
        number
    }

    #[derive(State)]
    struct App {
        log: Log<String>,
    }

    #[workflow_step(timeout = 1s)]
    async fn take_turns(number: u32, log: &Log<String>) -> u32 {
        for turn in 1..=3 {
            log.add(format!("turn {turn} of {number}"));
            tokio::task::yield_now().await;
        }
        number
    }

    topology! {
        Turns<u32 -> u32> [state = App];
        in -> take_turns -> out [capacity = 4, timeout = 1s];
        take_turns [replicas = 2];
        else fail;
    }

    /// An async step is trusted to yield; then it is others' turn.
    #[tokio::test(start_paused = true)]
    async fn a_step_that_yields_lets_others_run() {
        let log = Log::default();
        let turns = Turns::start(App { log: log.clone() });
        for number in 1..=2 {
            turns.send(Message::root(number)).await.unwrap();
        }
        turns.drain(Duration::MAX).await;
        let turns: Vec<_> = log
            .entries()
            .iter()
            .map(|turn| turn["turn ".len()..][..1].to_owned())
            .collect();
        assert_eq!(turns, ["1", "1", "2", "2", "3", "3"]);
    }

    #[tokio::test]
    async fn a_step_is_still_its_function_and_has_its_contract_beside_it() {
        assert_eq!(careful(4).await.unwrap(), 5);
        assert_eq!(heavy(4), 4);
        assert_eq!(elsewhere::double(4), 8);
        let contract = <careful as WorkflowStep>::CONTRACT;
        assert_eq!(contract.name(), "careful");
        assert_eq!(contract.kind(), Kind::Async);
        assert_eq!(contract.attempt_timeout(), Some(ms(20)));
        assert_eq!((contract.attempts(), contract.is_idempotent()), (3, true));
        let contract = <heavy as WorkflowStep>::CONTRACT;
        assert_eq!(contract.kind(), Kind::Blocking);
        assert_eq!(contract.attempt_timeout(), Some(ms(60_000)));
        assert_eq!((contract.attempts(), contract.is_idempotent()), (1, false));
        let contract = <elsewhere::double as WorkflowStep>::CONTRACT;
        assert_eq!(contract.kind(), Kind::Inline);
        assert_eq!(contract.attempt_timeout(), None);
    }
}

mod chains {
    use super::*;

    #[workflow_step]
    fn first(number: u32, log: &Log<&'static str>) -> u32 {
        log.add("first");
        number
    }

    #[workflow_step(timeout = 1s)]
    async fn middle(number: u32, log: &Log<&'static str>) -> Result<u32, String> {
        log.add("middle");
        if number == 0 {
            return Err("zero".to_owned());
        }
        Ok(number)
    }

    #[workflow_step]
    fn last(number: u32, log: &Log<&'static str>) -> u32 {
        log.add("last");
        number
    }

    #[workflow_step]
    fn rescue(failed: Failed<u32>, log: &Log<&'static str>) -> u32 {
        log.add("rescue");
        assert_eq!(failed.failure.step(), "middle");
        failed.payload + 1000
    }

    #[derive(State)]
    struct App {
        log: Log<&'static str>,
    }

    topology! {
        Failing<u32 -> u32> [state = App];
        in -> first >> middle >> last -> out [capacity = 4, timeout = 1s];
        else fail;
    }

    topology! {
        Skipping<u32 -> u32?> [state = App];
        in -> first >> middle >> last -> out [capacity = 4, timeout = 1s];
        middle else skip;
        else fail;
    }

    topology! {
        Rescued<u32 -> u32> [state = App];
        in -> first >> middle >> last [capacity = 4, timeout = 1s];
        last | rescue -> out [capacity = 4, timeout = 1s];
        middle else rescue [capacity = 4, timeout = 1s];
        rescue else fail;
        else fail;
    }

    #[tokio::test]
    async fn a_failure_in_the_middle_of_a_chain_goes_where_that_step_says() {
        let log = Log::default();
        let app = || App { log: log.clone() };
        let failing = Failing::start(app());
        assert_eq!(failing.call(Message::root(1)).await.unwrap(), 1);
        let failure = failure_of(failing.call(Message::root(0)).await);
        assert_eq!(
            (failure.step(), failure.kind()),
            ("middle", &FailureKind::Error)
        );
        let skipping = Skipping::start(app());
        assert_eq!(skipping.call(Message::root(1)).await.unwrap(), Some(1));
        assert_eq!(skipping.call(Message::root(0)).await.unwrap(), None);
        let rescued = Rescued::start(app());
        assert_eq!(rescued.call(Message::root(1)).await.unwrap(), 1);
        assert_eq!(rescued.call(Message::root(0)).await.unwrap(), 1000);
        let well = ["first", "middle", "last"];
        let ill = ["first", "middle"];
        let expected = [&well[..], &ill, &well, &ill, &well, &ill, &["rescue"]].concat();
        assert_eq!(log.entries(), expected);
        // A chain has one queue: the one before it.
        let snapshot = failing.snapshot();
        assert_eq!(snapshot.edges.len(), 2);
        assert_eq!(edge(&snapshot, "in", "first").taken, 2);
        assert_eq!(step(&snapshot, "last").started, 1);
    }
}

mod choices {
    use super::*;

    enum Weight {
        Light(u32),
        Medium { kilos: u32, is_odd: bool },
        Heavy,
        Unknown(String),
    }

    #[workflow_step(timeout = 1s)]
    async fn weigh(kilos: u32) -> Weight {
        match kilos {
            0..10 => Weight::Light(kilos),
            10..100 => Weight::Medium {
                kilos,
                is_odd: kilos % 2 == 1,
            },
            100..1000 => Weight::Heavy,
            _ => Weight::Unknown(kilos.to_string()),
        }
    }

    #[workflow_step(timeout = 1s)]
    async fn hand(kilos: u32) -> String {
        format!("hand {kilos}")
    }

    #[workflow_step(timeout = 1s)]
    async fn cart(kilos: u32) -> String {
        format!("cart {kilos}")
    }

    topology! {
        Weighed<u32 -> String>;
        in -> weigh [capacity = 4, timeout = 1s];
        weigh -> match {
            Weight::Light(0) => out("nothing".to_owned()) [capacity = 4, timeout = 1s],
            Weight::Light(kilos) if kilos % 2 == 1 => hand(kilos) [capacity = 4, timeout = 1s],
            Weight::Medium { kilos, is_odd: true } => hand(kilos + 1000),
            Weight::Light(kilos) | Weight::Medium { kilos, .. } => cart(kilos) [capacity = 4, timeout = 1s],
            Weight::Heavy => out(String::from("crane")),
            Weight::Unknown(text) => out(text + "?"),
        };
        hand | cart -> out [capacity = 4, timeout = 1s];
        else fail;
    }

    #[tokio::test]
    async fn arms_share_targets_have_guards_and_lead_to_out_beside_other_ways() {
        let weighed = Weighed::start();
        for (kilos, answer) in [
            (0, "nothing"),
            (3, "hand 3"),
            (4, "cart 4"),
            (13, "hand 1013"),
            (14, "cart 14"),
            (100, "crane"),
            (1000, "1000?"),
        ] {
            let answered = weighed.call(Message::root(kilos)).await;
            assert_eq!(answered.unwrap(), answer);
        }
        let snapshot = weighed.snapshot();
        assert_eq!(edge(&snapshot, "weigh", "hand").taken, 2);
        assert_eq!(edge(&snapshot, "weigh", "cart").taken, 2);
        assert_eq!(edge(&snapshot, "weigh", "out").taken, 3);
    }

    topology! {
        Sorted<u32 -> String?>;
        in -> weigh [capacity = 4, timeout = 1s];
        weigh -> match {
            Weight::Light(_) => discard,
            Weight::Medium { kilos, .. } => hand(kilos) [capacity = 4, timeout = 1s],
            Weight::Heavy => cart(0) [capacity = 4, timeout = 1s],
            Weight::Unknown(text) if text.len() > 4 => discard,
            Weight::Unknown(text) => seal(text) [capacity = 4, timeout = 1s],
        };
        hand | cart -> seal -> out [capacity = 4, timeout = 1s];
        else fail;
    }

    #[workflow_step(timeout = 1s)]
    async fn seal(text: String) -> String {
        format!("[{text}]")
    }

    /// An arm and a chain lead into one step.
    #[tokio::test]
    async fn an_arm_merges_with_a_chain_and_others_discard() {
        let sorted = Sorted::start();
        for (kilos, answer) in [
            (1, None),
            (10, Some("[hand 10]")),
            (100, Some("[cart 0]")),
            (1000, Some("[1000]")),
            (10_000, None),
        ] {
            let answered = sorted.call(Message::root(kilos)).await;
            assert_eq!(answered.unwrap().as_deref(), answer);
        }
        let report = sorted.drain(Duration::MAX).await;
        assert_eq!(books(&report), [5, 3, 0, 2, 0]);
    }
}

mod numbers {
    use super::*;

    const ROOM: usize = 3;
    const PATIENCE: Duration = Duration::from_millis(40);

    mod limits {
        use std::time::Duration;

        pub(super) const WIDTH: usize = 2;
        pub(super) const TRIES: usize = 4;
        pub(super) const LIFETIME: Duration = Duration::from_secs(3);

        pub(super) const fn twice(number: usize) -> usize {
            number * 2
        }
    }

    #[workflow_step(timeout = PATIENCE, idempotent, retry(attempts = limits::TRIES, backoff = Duration::from_millis(1)..PATIENCE))]
    async fn work(number: u32) -> u32 {
        number
    }

    topology! {
        Counted<u32 -> u32> [deadline = limits::LIFETIME];
        in -> work [capacity = ROOM, timeout = PATIENCE];
        work -> other [capacity = limits::twice(ROOM) + 1, timeout = Duration::from_secs(1)];
        other -> out [capacity = ROOM * ROOM, timeout = 1s];
        work [replicas = limits::WIDTH * 2];
        else fail;
    }

    #[workflow_step(timeout = Duration::from_millis(2 * 40))]
    async fn other(number: u32) -> u32 {
        number
    }

    #[tokio::test]
    async fn numbers_may_be_constant_expressions() {
        let counted = Counted::start();
        assert_eq!(counted.call(Message::root(5)).await.unwrap(), 5);
        let snapshot = counted.snapshot();
        let capacities: Vec<_> = snapshot.edges.iter().map(|edge| edge.capacity).collect();
        assert_eq!(capacities, [3, 7, 9]);
        assert_eq!(step(&snapshot, "work").replicas, 4);
        // Edges 40, 1000 and 1000; four attempts of 40 and waits of 1, 2 and 4;
        // 80.
        let expected = 40 + 1_000 + 1_000 + (4 * 40 + 1 + 2 + 4) + 80;
        assert_eq!(Counted::WORST_CASE, ms(expected));
        assert_eq!(<work as WorkflowStep>::CONTRACT.attempts(), 4);
    }
}

mod forks_and_merges {
    use super::*;

    #[workflow_step]
    fn one(number: u32) -> u32 {
        number + 1
    }

    #[workflow_step]
    fn two(number: u32) -> String {
        format!("two {number}")
    }

    #[workflow_step]
    fn three(number: u32) -> [u32; 2] {
        [number; 2]
    }

    #[workflow_step]
    fn gather(one: u32, two: String, three: [u32; 2]) -> String {
        format!("{one}, {two}, {three:?}")
    }

    topology! {
        AtOnce<u32 -> String>;
        in -> one & two & three -> gather -> out [capacity = 2, timeout = 1s];
        else fail;
    }

    #[tokio::test]
    async fn a_message_may_begin_on_several_edges() {
        let at_once = AtOnce::start();
        let answer = at_once.call(Message::root(5)).await;
        assert_eq!(answer.unwrap(), "6, two 5, [5, 5]");
        let snapshot = at_once.snapshot();
        assert_eq!(snapshot.accepted, 1);
        for name in ["one", "two", "three"] {
            assert_eq!(edge(&snapshot, "in", name).taken, 1);
        }
    }

    #[workflow_step(timeout = 1s)]
    async fn pick(number: u32) -> (u32, u32) {
        (number % 3, number)
    }

    #[workflow_step(timeout = 1s)]
    async fn red(number: u32) -> (&'static str, u32) {
        ("red", number)
    }

    #[workflow_step(timeout = 1s)]
    async fn green(number: u32) -> (&'static str, u32) {
        ("green", number)
    }

    #[workflow_step(timeout = 1s)]
    async fn blue(number: u32) -> (&'static str, u32) {
        ("blue", number)
    }

    #[workflow_step(timeout = 1s)]
    async fn name(colour: (&'static str, u32)) -> String {
        format!("{} {}", colour.0, colour.1)
    }

    topology! {
        Coloured<u32 -> String>;
        in -> pick [capacity = 2, timeout = 1s];
        pick -> match {
            (0, number) => red(number) [capacity = 2, timeout = 1s],
            (1, number) => green(number) [capacity = 2, timeout = 1s],
            (_, number) => blue(number) [capacity = 2, timeout = 1s],
        };
        red | green | blue -> name -> out [capacity = 2, timeout = 1s];
        else fail;
    }

    #[tokio::test]
    async fn three_ways_may_merge() {
        let coloured = Coloured::start();
        for (number, answer) in [(0, "red 0"), (1, "green 1"), (2, "blue 2"), (3, "red 3")] {
            assert_eq!(coloured.call(Message::root(number)).await.unwrap(), answer);
        }
        let snapshot = coloured.snapshot();
        let merged = ["red", "green", "blue"].map(|from| edge(&snapshot, from, "name").taken);
        assert_eq!(merged, [2, 1, 1]);
        assert_eq!(step(&snapshot, "name").started, 4);
    }
}

mod without_answers {
    use super::*;

    #[derive(State)]
    struct App {
        log: Log<String>,
    }

    #[workflow_step(timeout = 1s)]
    async fn check(number: u32) -> Result<u32, String> {
        match number {
            0 => Err("zero".to_owned()),
            number => Ok(number),
        }
    }

    #[workflow_step(timeout = 1s)]
    async fn store(number: u32, log: &Log<String>) -> Result<(), String> {
        tokio::time::sleep(ms(10)).await;
        log.add(format!("stored {number}"));
        if number == 13 {
            return Err("unlucky".to_owned());
        }
        Ok(())
    }

    #[workflow_step]
    fn count(number: u32, log: &Log<String>) {
        log.add(format!("counted {number}"));
    }

    #[workflow_step]
    fn complain(failure: Failure, log: &Log<String>) {
        log.add(format!("complained of {}", failure.step()));
    }

    topology! {
        Sinks<u32 -> !> [state = App];
        in -> check -> store & count [capacity = 4, timeout = 1s];
        check else complain [capacity = 4, timeout = 1s];
        complain else fail;
        else fail;
    }

    topology! {
        Quiet<u32 -> !> [state = App];
        in -> check -> count [capacity = 4, timeout = 1s];
        else skip;
    }

    #[tokio::test(start_paused = true)]
    async fn where_there_is_no_answer_a_message_is_completed_when_all_its_branches_are() {
        let log = Log::default();
        let sinks = Sinks::start(App { log: log.clone() });
        let call = crate::support::timed(sinks.call(Message::root(1)).into_future()).await;
        assert_eq!((call.0.unwrap(), call.1), ((), ms(10)));
        assert_eq!(log.entries(), ["counted 1", "stored 1"]);
        sinks.call(Message::root(0)).await.unwrap();
        let failure = failure_of(sinks.call(Message::root(13)).await);
        assert_eq!(failure.step(), "store");
        let expected = [
            "counted 1",
            "stored 1",
            "complained of check",
            "counted 13",
            "stored 13",
        ];
        assert_eq!(log.entries(), expected);
        let report = sinks.drain(Duration::MAX).await;
        assert_eq!(books(&report), [3, 2, 1, 0, 0]);
        assert_nothing_left(&sinks.snapshot());
    }

    #[tokio::test(start_paused = true)]
    async fn a_message_all_of_whose_branches_are_skipped_ends_quietly() {
        let log = Log::default();
        let quiet = Quiet::start(App { log: log.clone() });
        quiet.call(Message::root(0)).await.unwrap();
        quiet.call(Message::root(1)).await.unwrap();
        assert_eq!(log.entries(), ["counted 1"]);
        let report = quiet.drain(Duration::MAX).await;
        assert_eq!(books(&report), [2, 1, 0, 1, 0]);
    }
}

mod states {
    use super::*;

    struct Rates(u32);
    struct Limits {
        most: u32,
    }
    struct Secret;

    /// Two fields of one type are no ambiguity if one is skipped.
    #[derive(State)]
    struct App {
        rates: Rates,
        limits: Limits,
        #[state(skip)]
        old_rates: Rates,
        #[state(skip)]
        _secret: Secret,
    }

    /// Parameters in any order, the state's own type among them.
    #[workflow_step(timeout = 1s)]
    async fn price(
        rates: &Rates,
        number: u32,
        context: &StepContext,
        limits: &Limits,
        app: &App,
    ) -> Result<String, String> {
        if number > limits.most {
            return Err("too many".to_owned());
        }
        let cost = number * rates.0;
        let old = number * app.old_rates.0;
        Ok(format!(
            "{} {cost} {old} {}",
            context.step(),
            context.attempt()
        ))
    }

    topology! {
        Priced<u32 -> String> [state = App];
        in -> price -> out [capacity = 4, timeout = 1s];
        else fail;
    }

    #[tokio::test]
    async fn steps_borrow_what_the_state_offers() {
        let app = App {
            rates: Rates(7),
            limits: Limits { most: 10 },
            old_rates: Rates(5),
            _secret: Secret,
        };
        let rates: &Rates = app.provide();
        assert_eq!(rates.0, 7);
        let priced = Priced::start(app);
        assert_eq!(
            priced.call(Message::root(2)).await.unwrap(),
            "price 14 10 1"
        );
        failure_of(priced.call(Message::root(11)).await);
    }

    /// A state by hand, and one that is generic.
    struct ByHand(Rates, Limits);

    impl Provide<Rates> for ByHand {
        fn provide(&self) -> &Rates {
            &self.0
        }
    }

    impl Provide<Limits> for ByHand {
        fn provide(&self) -> &Limits {
            &self.1
        }
    }

    #[derive(State)]
    struct Shelf<T> {
        items: Vec<T>,
        name: String,
    }

    #[workflow_step]
    fn sum(number: u32, rates: &Rates, limits: &Limits) -> u32 {
        number + rates.0 + limits.most
    }

    topology! {
        ByHandSum<u32 -> u32> [state = ByHand];
        in -> sum -> out [capacity = 4, timeout = 1s];
        else fail;
    }

    #[tokio::test]
    async fn a_state_may_be_written_by_hand() {
        let by_hand = ByHandSum::start(ByHand(Rates(1), Limits { most: 2 }));
        assert_eq!(by_hand.call(Message::root(4)).await.unwrap(), 7);
    }

    #[workflow_step]
    #[expect(clippy::ptr_arg, reason = "it is what the state offers")]
    fn lend(place: usize, shelf: &Shelf<u8>, items: &Vec<u8>) -> String {
        format!("{} {}", shelf.name, items[place])
    }

    topology! {
        Lends<usize -> String> [state = Shelf<u8>];
        in -> lend -> out [capacity = 4, timeout = 1s];
        else fail;
    }

    #[tokio::test]
    async fn a_state_may_have_type_arguments() {
        let lends = Lends::start(Shelf {
            items: vec![7, 8, 9],
            name: "shelf".to_owned(),
        });
        assert_eq!(lends.call(Message::root(1)).await.unwrap(), "shelf 8");
    }
}

mod from_macros {
    use super::*;

    macro_rules! adder {
        ($name:ident, $number:expr) => {
            #[workflow_step]
            fn $name(number: u32) -> u32 {
                number + $number
            }
        };
    }

    adder!(add_one, 1);
    adder!(add_ten, 10);

    macro_rules! async_step {
        ($name:ident, $input:ty, $error:ty, $timeout:expr, |$message:ident| $body:expr) => {
            #[workflow_step(timeout = $timeout)]
            async fn $name($message: $input) -> Result<String, $error> {
                $body
            }
        };
    }

    async_step!(
        show,
        u32,
        String,
        Duration::from_secs(1),
        |number| if number == 11 {
            Err("eleven".to_owned())
        } else {
            Ok(number.to_string())
        }
    );

    macro_rules! line {
        ($name:ident: $input:ty => $output:ty, $first:ident, $($next:ident),+; $capacity:expr) => {
            topology! {
                $name<$input -> $output>;
                in -> $first $(>> $next)+ -> out [capacity = $capacity, timeout = 1s];
                else fail;
            }
        };
    }

    line!(Line: u32 => String, add_one, add_ten, show; 4);

    #[tokio::test]
    async fn steps_and_topologies_may_be_made_by_macros() {
        let line = Line::start();
        assert_eq!(line.call(Message::root(5)).await.unwrap(), "16");
        let failure = failure_of(line.call(Message::root(0)).await);
        assert_eq!((failure.step(), failure.attempts()), ("show", 1));
        assert_eq!(edge(&line.snapshot(), "in", "add_one").capacity, 4);
    }

    macro_rules! whole {
        ($topology:ident) => {
            #[workflow_step]
            fn hidden(number: u32) -> u32 {
                number * 5
            }

            topology! {
                $topology<u32 -> u32>;
                in -> hidden -> out [capacity = 4, timeout = 1s];
                else fail;
            }
        };
    }

    #[tokio::test]
    async fn a_macro_may_make_a_topology_with_its_steps() {
        whole!(Whole);
        let whole = Whole::start();
        assert_eq!(whole.call(Message::root(5)).await.unwrap(), 25);
    }

    /// Types that come through a macro mean what they mean elsewhere.
    macro_rules! typed {
        ($name:ident: ($first:ty, $second:ty) -> $output:ty, $body:expr) => {
            #[workflow_step]
            fn $name(first: $first, second: $second) -> $output {
                let join: fn($first, $second) -> $output = $body;
                join(first, second)
            }
        };
    }

    typed!(checked: (u32, u32) -> Result<u32, String>, |first, second| first
        .checked_sub(second)
        .ok_or_else(|| "too much".to_owned()));

    #[test]
    fn a_step_is_fallible_whatever_macro_its_type_came_through() {
        let output = std::any::type_name::<<checked as WorkflowStep>::Output>();
        assert_eq!(output, "u32");
    }

    macro_rules! borrowing {
        ($name:ident, $state:ty, $context:ty) => {
            #[workflow_step]
            fn $name(number: u32, state: $state, context: $context) -> String {
                format!("{number} {state} {}", context.attempt())
            }
        };
    }

    borrowing!(borrow, &String, &StepContext);

    #[derive(State)]
    struct Words {
        words: String,
    }

    topology! {
        Borrows<u32 -> String> [state = Words];
        in -> borrow -> out [capacity = 4, timeout = 1s];
        else fail;
    }

    #[tokio::test]
    async fn state_is_borrowed_whatever_macro_its_type_came_through() {
        let borrows = Borrows::start(Words {
            words: "words".to_owned(),
        });
        let answer = borrows.call(Message::root(1)).await;
        assert_eq!(answer.unwrap(), "1 words 1");
    }

    typed!(either: (u32, Option<u32>) -> u32, |first, second| second.unwrap_or(first));

    #[workflow_step]
    fn same(number: u32) -> u32 {
        number
    }

    #[workflow_step]
    fn even(number: u32) -> Result<u32, String> {
        if number.is_multiple_of(2) {
            Ok(number / 2)
        } else {
            Err("odd".to_owned())
        }
    }

    topology! {
        Halves<u32 -> u32>;
        in -> same & even -> either -> out [capacity = 4, timeout = 1s];
        even else skip;
        else fail;
    }

    #[tokio::test]
    async fn a_part_is_optional_whatever_macro_its_type_came_through() {
        let halves = Halves::start();
        assert_eq!(halves.call(Message::root(8)).await.unwrap(), 4);
        assert_eq!(halves.call(Message::root(7)).await.unwrap(), 7);
    }
}

mod messages {
    use super::*;

    type Cargo = Vec<Option<(u32, Box<str>)>>;
    type Job = Box<dyn FnOnce(u32) -> u32 + Send>;

    #[workflow_step]
    fn load(cargo: Cargo) -> (Cargo, Job) {
        let count = u32::try_from(cargo.len()).expect("few");
        (cargo, Box::new(move |number| number + count))
    }

    #[workflow_step(timeout = 1s)]
    async fn run((cargo, job): (Cargo, Job)) -> std::io::Result<u32> {
        let Some((number, text)) = cargo.into_iter().flatten().next() else {
            return Err(std::io::Error::other("empty"));
        };
        Ok(job(number + u32::try_from(text.len()).expect("short")))
    }

    topology! {
        Loaded<Vec<Option<(u32, Box<str>)>> -> u32>;
        in -> load >> run -> out [capacity = 4, timeout = 1s];
        else fail;
    }

    #[tokio::test]
    async fn a_message_may_be_whatever_can_be_sent() {
        let loaded = Loaded::start();
        let cargo = vec![None, Some((100, "four".into())), None];
        assert_eq!(loaded.call(Message::root(cargo)).await.unwrap(), 107);
        let failure = failure_of(loaded.call(Message::root(Vec::new())).await);
        let error = failure.error().expect("an error");
        let error = error
            .downcast_ref::<std::io::Error>()
            .expect("its own type");
        assert_eq!(error.to_string(), "empty");
    }

    /// A topology, its steps and its types in one function.
    #[tokio::test]
    async fn a_topology_may_stand_in_a_function() {
        struct Local(u32);

        #[derive(State)]
        struct Here {
            factor: u32,
        }

        #[workflow_step]
        fn wrap(number: u32, factor: &u32) -> Local {
            Local(number * factor)
        }

        #[workflow_step(timeout = 1s)]
        async fn unwrap(local: Local) -> Result<u32, std::fmt::Error> {
            Ok(local.0)
        }

        topology! {
            /// Documented, and of no use elsewhere.
            Inside<u32 -> u32> [state = Here];
            in -> wrap >> unwrap -> out [capacity = 4, timeout = 1s];
            else fail;
        }

        let inside = Inside::start(Here { factor: 6 });
        assert_eq!(inside.call(Message::root(7)).await.unwrap(), 42);
        let drawing = Inside::GRAPH.to_string();
        assert!(
            drawing.contains("wrap") && drawing.contains("unwrap"),
            "{drawing}"
        );
    }
}

mod failure_routes {
    use super::*;

    #[workflow_step(timeout = 1s)]
    async fn early(number: u32) -> Result<u32, String> {
        (number != 1).then_some(number).ok_or("early".to_owned())
    }

    #[workflow_step(timeout = 1s)]
    async fn late(number: u32) -> Result<u32, String> {
        (number != 2).then_some(number).ok_or("late".to_owned())
    }

    #[workflow_step(timeout = 1s)]
    async fn aside(number: u32) -> Result<u32, String> {
        (number != 3).then_some(number).ok_or("aside".to_owned())
    }

    #[workflow_step]
    fn both(late: u32, aside: u32) -> String {
        format!("{late} {aside}")
    }

    #[workflow_step]
    fn report(failure: Failure) -> String {
        format!("report of {}", failure.step())
    }

    topology! {
        Reported<u32 -> String>;
        in -> early -> late & aside -> both [capacity = 4, timeout = 1s];
        both | report -> out [capacity = 4, timeout = 1s];
        early, late, aside else instead report [capacity = 4, timeout = 1s];
        report else fail;
        else fail;
    }

    #[tokio::test]
    async fn several_steps_may_share_a_fallback_that_is_the_answer() {
        let reported = Reported::start();
        for (number, answer) in [
            (0, "0 0"),
            (1, "report of early"),
            (2, "report of late"),
            (3, "report of aside"),
        ] {
            assert_eq!(reported.call(Message::root(number)).await.unwrap(), answer);
        }
        let report = reported.drain(Duration::MAX).await;
        assert_eq!(books(&report), [4, 4, 0, 0, 0]);
        assert_nothing_left(&reported.snapshot());
    }
}
