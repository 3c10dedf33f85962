//! Which rules a topology breaks, by name.

use topology_macros_core::analyze;

/// The rules that the statements break, behind a header.
#[track_caller]
fn broken(output: &str, statements: &str) -> Vec<&'static str> {
    let text = format!("Name<In -> {output}>; {statements}");
    let (_, report) = analyze(text.parse().expect("Rust tokens"));
    let faults = report.faults();
    faults
        .iter()
        .map(|fault| {
            fault
                .rule()
                .map_or_else(|| panic!("{fault:?}"), |rule| rule.name)
        })
        .collect()
}

/// Statements with the same contract everywhere: `..` stands for it.
fn with_contracts(statements: &str) -> String {
    statements.replace("..", "[capacity = 4, timeout = 1s]")
}

macro_rules! cases {
    ($($name:ident: $output:literal, $statements:literal => [$($rule:literal),*];)*) => {$(
        #[test]
        fn $name() {
            let expected: &[&str] = &[$($rule),*];
            assert_eq!(broken($output, &with_contracts($statements)), expected);
        }
    )*};
}

cases! {
    a_line_is_sound: "Out",
        "in -> a -> b -> out ..; else fail;" => [];
    a_fork_that_joins_is_sound: "Out",
        "in -> a -> b & c -> d -> out ..; else fail;" => [];
    crossing_forks_that_join_are_sound: "Out",
        "in -> a & b ..; a -> c & d ..; b -> e & f ..; c & e -> g ..; d & f -> h ..; g & h -> i -> out ..; else fail;" => [];
    arms_that_merge_are_sound: "Out",
        "in -> a ..; a -> match { X => b(1) .., Y => c(2) .. }; b | c -> out ..; else fail;" => [];
    arms_that_join_never_complete: "Out",
        "in -> a ..; a -> match { X => b(1) .., Y => c(2) .. }; b & c -> d -> out ..; else fail;" => ["never_joins"];
    a_part_behind_a_choice_may_be_waited_for_in_vain: "Out",
        "in -> a -> b & c ..; b -> match { X => d(1) .., Y => e(2) .. }; c & d -> f -> out ..; else fail;" => ["never_joins"];
    a_part_that_is_discarded_counts_as_coming: "Out",
        "in -> a -> b & c ..; b -> match { X => d(1) .., Y => discard }; c & d -> f -> out ..; else fail;" => [];
    choices_that_merge_before_the_join_are_sound: "Out",
        "in -> a -> b & c ..; b -> match { X => d(1) .., Y => e(2) .. }; d | e -> g ..; c & g -> f -> out ..; else fail;" => [];
    branches_that_merge_answer_twice: "Out",
        "in -> a -> b & c ..; b | c -> out ..; else fail;" => ["answered_twice"];
    branches_that_merge_in_a_step_run_it_twice: "Out",
        "in -> a -> b & c ..; b | c -> d -> out ..; else fail;" => ["answered_twice"];
    branches_that_merge_under_one_choice_answer_twice: "Out?",
        "in -> a -> b & c ..; b -> match { X => d(1) .., Y => discard }; c | d -> out ..; else fail;" => ["answered_twice"];
    a_discarded_message_has_no_answer: "Out",
        "in -> a ..; a -> match { X => b(1) .., Y => discard }; b -> out ..; else fail;" => ["unanswered"];
    a_discarded_message_needs_no_answer_where_none_is_promised: "Out?",
        "in -> a ..; a -> match { X => b(1) .., Y => discard }; b -> out ..; else fail;" => [];
    a_skipped_message_has_no_answer: "Out",
        "in -> a -> b -> out ..; a else skip; else fail;" => ["unanswered"];
    a_message_that_ends_at_a_fallback_has_no_answer: "Out",
        "in -> a -> b -> out ..; a else c ..; c else fail; else fail;" => ["unanswered"];
    a_fallback_that_merges_back_is_sound: "Out",
        "in -> a -> b ..; b else c ..; b | c -> d -> out ..; c else fail; else fail;" => [];
    a_fallback_that_skips_a_join_is_not_merged_twice: "Out",
        "in -> a -> b & c ..; b else d ..; b | d -> e ..; c & e -> f -> out ..; d else fail; else fail;" => [];
    an_answer_instead_is_sound: "Out",
        "in -> a -> b & c -> d ..; b, c else instead e ..; d | e -> out ..; e else fail; else fail;" => [];
    a_fallback_that_leaves_a_join_waiting_is_not_sound: "Out",
        "in -> a -> b & c ..; b & c -> d ..; b, c else e ..; d | e -> out ..; e else fail; else fail;" => ["never_joins"];
    a_fallback_that_discards_all_is_a_sink: "Out?",
        "in -> a -> b & c -> d -> out ..; b else e ..; e -> match { X => discard }; e else fail; else fail;" => [];
    out_joins_nothing: "Out",
        "in -> a -> b & c -> out ..; else fail;" => ["unknown_operator"];
    a_log_that_two_branches_share_is_sound: "Out?",
        "in -> a -> b & c -> d -> out ..; b, c else log ..; log else skip; else fail;" => [];
    a_branch_to_a_sink_needs_no_answer: "Out",
        "in -> a -> b & audit ..; b -> out ..; else fail;" => [];
    a_skipped_branch_takes_the_joins_behind_it_along: "Out?",
        "in -> a -> b & c ..; b -> d & e ..; d & e -> f ..; f & c -> g -> out ..; b else skip; else fail;" => [];
    a_join_of_skipped_parts_is_skipped: "Out",
        "in -> a -> b & c -> d -> out ..; b, c else skip; else fail;" => ["unanswered"];
}

#[test]
fn a_default_for_nobody_is_refused() {
    let statements = with_contracts("in -> a -> out ..; a else fail; else b ..; b else fail;");
    let text = format!("Name<In -> Out>; {statements}");
    let (_, report) = analyze(text.parse().expect("Rust tokens"));
    let faults = report.faults();
    let said = |words| faults.iter().any(|fault| fault.headline() == words);
    assert!(said("no step is left for this default"), "{faults:?}");
}

#[test]
fn choices_that_conflict_are_named() {
    let statements = with_contracts(
        "in -> screen ..; screen -> match { Verdict::Clear(o) => settle(o) .., Verdict::Suspect(o) => review(o) .. };
         settle & review -> record -> out ..; else fail;",
    );
    let text = format!("Orders<In -> Out>; {statements}");
    let (_, report) = analyze(text.parse().expect("Rust tokens"));
    let text = report.render().to_string();
    for words in [
        "join `settle & review -> record` never completes",
        "`settle` gets the message only if `screen` chooses `Verdict::Clear`",
        "`review` gets the message only if `screen` chooses `Verdict::Suspect`",
        "merge them: `settle | review -> record`",
    ] {
        assert!(text.contains(words), "{words}\nis missing from\n{text}");
    }
}

/// The headlines of all faults, in source order.
fn headlines(text: &str) -> Vec<String> {
    let (_, report) = analyze(text.parse().expect("Rust tokens"));
    let faults = report.faults();
    faults
        .iter()
        .map(|fault| fault.headline().to_owned())
        .collect()
}

#[test]
fn a_note_is_waived_with_a_reason() {
    let statements = with_contracts(
        "#[allow(idle_boundary, reason = \"bursts\")] in -> a -> b -> out ..; else fail;",
    );
    assert_eq!(broken("Out", &statements), [""; 0]);
}

#[test]
fn a_waiver_needs_a_reason_a_note_and_something_to_waive() {
    let line = with_contracts("in -> a -> b -> out ..; else fail;");
    let waived = |waiver: &str| headlines(&format!("N<In -> Out>; #[allow({waiver})] {line}"));
    assert_eq!(waived("idle_boundary"), ["a waiver says why"]);
    assert_eq!(
        waived("never_joins, reason = \"no\""),
        ["`never_joins` is an error, and cannot be waived"]
    );
    assert_eq!(
        waived("idle_bundary, reason = \"no\""),
        ["there is no rule `idle_bundary`"]
    );
    let short = with_contracts("in -> a -> out ..; else fail;");
    let text = format!("N<In -> Out>; #[allow(idle_boundary, reason = \"no\")] {short}");
    assert_eq!(headlines(&text), ["nothing here breaks `idle_boundary`"]);
    let text =
        format!("N<In -> Out>; {line} #[allow(idle_boundary, reason = \"no\")] a [replicas = 2];");
    assert_eq!(headlines(&text), ["nothing here breaks `idle_boundary`"]);
}
