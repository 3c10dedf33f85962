//! Which rules a topology breaks, by name.

use topology_macros_core::analyze;

/// The rules that the statements break, behind a header: with its output, or
/// with all of its signature.
#[track_caller]
fn broken(output: &str, statements: &str) -> Vec<&'static str> {
    let signature = if output.contains("->") {
        output.to_owned()
    } else {
        format!("In -> {output}")
    };
    let text = format!("Name<{signature}>; {statements}");
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

/// Statements with the same contract everywhere: `..` stands for it, and `to` for
/// what it means otherwise.
fn with_contracts(statements: &str) -> String {
    statements
        .replace(
            "..E",
            "[capacity = 4, timeout = 1s, limit = 9, within = 1min]",
        )
        .replace(
            "..B",
            "[capacity = 4, timeout = 1s, batch = 4, linger = 5ms]",
        )
        .replace("..R", "[capacity = 64, timeout = 1s, rounds = 3]")
        .replace("..", "[capacity = 4, timeout = 1s]")
        .replace(" to ", "..")
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
    items_that_are_collected_are_sound: "Out",
        "in -> a -> each b -> c -> all d -> out ..E; else fail;" => [];
    items_that_end_at_sinks_are_sound: "!",
        "in -> a -> each b -> c ..E; else fail;" => [];
    items_that_are_skipped_are_left_out: "Out",
        "in -> a -> each b -> all c -> out ..E; b else skip; else fail;" => [];
    scopes_nest: "Out",
        "in -> a -> each b -> each c -> all d -> all out ..E; else fail;" => [];
    items_at_out_answer_many_times: "Out",
        "in -> a -> each b -> out ..E; else fail;" => ["unclosed_each"];
    items_and_whole_messages_do_not_merge: "Out?",
        "in -> a ..; a -> match { X => b(1) .., Y => c(2) .. }; b -> each d ..E; c | d -> e -> out ..; else fail;" => ["unclosed_each"];
    items_and_whole_messages_do_not_join: "Out",
        "in -> a -> b & c ..; b -> each d ..E; c & d -> e -> out ..; else fail;" => ["never_joins"];
    an_all_closes_an_each: "Out",
        "in -> a -> all b -> out ..; else fail;" => ["unopened_all"];
    a_scope_is_closed_once: "Out",
        "in -> a -> each b ..E; b -> c & d ..; c -> all e ..; d -> all f ..; e & f -> g -> out ..; else fail;" => ["unopened_all"];
    a_second_all_needs_a_second_each: "Out",
        "in -> a -> each b -> all c -> all d -> out ..E; else fail;" => ["unopened_all"];
    an_each_is_bounded: "Out",
        "in -> a -> each b -> all out ..; else fail;" => ["unbounded_each"];
    one_item_comes_to_its_all_once: "Out",
        "in -> a -> each b ..E; b -> c & d ..; c | d -> all out ..; else fail;" => ["answered_twice"];
    forks_join_inside_a_scope: "Out",
        "in -> a -> each b -> c & d -> e -> all out ..E; c else skip; else fail;" => [];
    a_scope_is_one_part_of_a_join: "Out",
        "in -> a -> b & c ..; b -> each d -> all e ..E; c & e -> f -> out ..; else fail;" => [];
    choices_for_items_say_nothing_of_the_whole: "Out",
        "in -> a -> b & c ..; b -> each d ..E; d -> match { X => e(1) .., Y => discard }; e -> all f ..; c & f -> g -> out ..; else fail;" => [];
    failures_of_items_and_messages_share_no_way_on: "Out",
        "in -> a -> each b -> all c ..E; c | f -> out ..; else f ..; f else fail;" => ["unclosed_each"];
    failures_of_items_and_messages_share_a_sink: "Out?",
        "in -> a -> each b -> all c -> out ..E; else f ..; f else fail;" => [];
    an_item_may_end_the_message_instead: "Out",
        "in -> a -> each b -> all c ..E; c | f -> out ..; b else instead f ..; f else fail; else fail;" => [];

    a_race_is_sound: "Out",
        "in -> a -> b ^ c -> d -> out ..; else fail;" => [];
    a_race_at_both_ends_is_sound: "Out",
        "in -> a ^ b -> out ..; else fail;" => [];
    arms_that_may_end_quietly_are_sound: "Out",
        "in -> a -> b ^ c -> d -> out ..; b else skip; else fail;" => [];
    a_race_that_may_be_skipped_leaves_no_answer: "Out",
        "in -> a -> b ^ c -> d -> out ..; d else skip; else fail;" => ["unanswered"];
    arms_of_several_steps_are_sound: "Out",
        "in -> a -> b ^ c ..; b -> e & f -> g ..; c -> match { X => h(1) .., Y => discard }; g ^ h -> d -> out ..; else fail;" => [];
    arms_begin_together: "Out",
        "in -> a -> b & c ..; b ^ c -> d -> out ..; else fail;" => ["never_joins"];
    arms_end_together: "Out",
        "in -> a -> b ^ c ..; b | c -> d -> out ..; else fail;" => ["answered_twice"];
    arms_do_not_join: "Out",
        "in -> a -> b ^ c ..; b & c -> d -> out ..; else fail;" => ["never_joins"];
    every_arm_ends_in_the_race: "Out",
        "in -> a -> b ^ c ^ e ..; b ^ c -> d -> out ..; else fail;" => ["never_joins"];
    a_race_has_an_end: "!",
        "in -> a -> b ^ c ..; else fail;" => ["never_joins"];
    one_arm_does_not_answer_alone: "Out",
        "in -> a -> b ^ c ..; b -> out ..; else fail;" => ["answered_twice"];
    a_race_inside_a_scope_ends_in_it: "Out",
        "in -> a -> each b -> c ^ d -> e -> all out ..E; else fail;" => [];
    a_scope_inside_an_arm_ends_in_it: "Out",
        "in -> a -> b ^ c ..; b -> each d -> all e ..E; e ^ c -> f -> out ..; else fail;" => [];
    a_scope_does_not_leave_its_arm: "Out",
        "in -> a -> b ^ c ..; b -> each d ..E; d ^ c -> f -> out ..; else fail;" => ["never_joins"];

    a_source_begins_messages: "! -> Out",
        "a -> b -> out ..; else fail;" => [];
    a_source_that_leads_straight_to_out_is_sound: "! -> Out",
        "a -> out ..; else fail;" => [];
    a_source_forks_and_joins: "! -> Out",
        "a -> b & c -> d -> out ..; else fail;" => [];
    a_source_chooses: "! -> Out?",
        "a -> match { X => b(1) .., Y => discard }; b -> out ..; else fail;" => [];
    a_choice_at_a_source_may_leave_no_answer: "! -> Out",
        "a -> match { X => b(1) .., Y => discard }; b -> out ..; else fail;" => ["unanswered"];
    a_source_may_start_a_race: "! -> Out",
        "a -> b ^ c -> d -> out ..; else fail;" => [];
    a_source_may_bring_items: "! -> Out",
        "a -> each b -> all c -> out ..E; else fail;" => [];
    two_sources_merge: "! -> Out",
        "a | b -> c -> out ..; else fail;" => [];
    two_sources_may_answer_by_themselves: "! -> Out",
        "a -> c -> out ..; b -> d -> out ..; else fail;" => ["ambiguous_fan_in"];
    two_sources_never_join: "! -> Out",
        "a & b -> c -> out ..; else fail;" => ["never_joins"];
    what_two_sources_bring_never_joins: "! -> Out",
        "a -> c ..; b -> d ..; c & d -> e -> out ..; else fail;" => ["never_joins"];
    a_part_that_only_one_source_brings_may_be_waited_for_in_vain: "! -> Out",
        "a | b -> c ..; c -> d & e ..; f -> g ..; d & g -> h -> out ..; e -> i ..; else fail;" => ["never_joins"];
    every_source_is_answered: "! -> Out",
        "a -> c -> out ..; b -> d ..; else fail;" => ["unanswered"];
    a_source_that_is_not_answered_may_be_allowed: "! -> Out?",
        "a -> c -> out ..; b -> d ..; else fail;" => [];
    a_source_answers_once: "! -> Out",
        "a -> c & d ..; b -> e ..; c | d | e -> out ..; else fail;" => ["answered_twice"];
    a_loop_may_stand_behind_a_source: "! -> Out",
        "s -> a ..; a -> match { X => b(1) .., Y => a(2) ..R }; b -> out ..; else fail;" => [];
    a_default_that_leads_on_is_not_for_sources: "! -> Out",
        "a -> b -> c ..; c | f -> out ..; else f ..; f else fail;" => [];
    a_default_to_a_fallback_that_is_named_later: "! -> Out",
        "a -> b -> c ..; else f ..; c | d | f -> out ..; b else d ..; d else fail; f else fail;" => [];
    a_topology_without_input_has_no_in: "! -> Out",
        "in -> a -> out ..; in & b -> c ..; else fail;" => ["reserved_name"];
    a_topology_without_input_needs_a_source: "! -> Out",
        "else fail;" => ["dead_end"];
    a_cycle_is_no_source: "! -> !",
        "a -> b ..; b -> a ..R; else fail;" => ["dead_end"];
    nothing_leads_to_a_source_where_something_comes_in: "Out",
        "in -> a ..; s -> b ..; a | b -> out ..; else fail;" => ["unreachable_step"];
    nothing_leads_to_a_lone_setting: "! -> !",
        "a -> b ..; c [replicas = 2]; else fail;" => ["unreachable_step"];
    a_source_has_an_edge: "! -> !",
        "a >> b; else fail;" => ["unknown_operator"];
    a_source_has_one_stream: "! -> !",
        "a -> b ..; a [replicas = 2]; else fail;" => ["misplaced_attribute"];
    a_source_may_abort: "! -> !",
        "a -> b ..; a else abort; else fail;" => [];
    a_source_has_nothing_that_could_be_skipped: "! -> !",
        "a -> b ..; a else skip; else fail;" => ["reserved_name"];
    a_source_has_no_fallback: "! -> !",
        "a -> b ..; a, b else c ..; c else fail;" => ["reserved_name"];

    a_loop_is_sound: "Out",
        "in -> a ..; a -> match { X => b(1) .., Y => a(2) ..R }; b -> out ..; else fail;" => [];
    a_loop_by_a_fallback_is_sound: "Out",
        "in -> a -> out ..; a else f ..; f -> a ..R; f else fail; else fail;" => [];
    a_cycle_says_that_it_is_a_loop: "Out",
        "in -> a ..; a -> match { X => b(1) .., Y => a(2) .. }; b -> out ..; else fail;" => ["unbounded_cycle"];
    rounds_lead_back: "Out",
        "in -> a ..; a -> match { X => b(1) .., Y => c(2) ..R }; b | c -> out ..; else fail;" => ["misplaced_attribute"];
    a_part_of_a_fork_does_not_go_back: "Out",
        "in -> a -> b & c ..; b -> a & d ..R; c & d -> e -> out ..; else fail;" => ["unstructured_loop"];
    a_loop_is_entered_at_its_header: "Out",
        "in -> a ..; a -> match { X => b(1) .., Y => c(2) .. }; b -> c ..; c -> match { X => b(1) ..R, Y => d(1) .. }; d -> out ..; else fail;" => ["unstructured_loop"];
    a_fork_in_a_loop_joins_in_it: "Out",
        "in -> a -> b & c ..; b & c -> d ..; d -> match { X => a(1) ..R, Y => e(2) .. }; e -> out ..; else fail;" => [];
    a_branch_does_not_leave_a_loop_that_goes_on: "Out",
        "in -> a -> b & c ..; b -> match { X => a(1) ..R, Y => d(2) .. }; c & d -> e -> out ..; else fail;" => ["unstructured_loop"];
    a_branch_may_end_in_every_round: "Out",
        "in -> a -> b & c ..; b -> match { X => a(1) ..R, Y => d(2) .. }; d -> out ..; else fail;" => [];
    a_join_behind_a_loop_waits_for_its_last_round: "Out",
        "in -> s -> a & c ..; a -> match { X => a(1) ..R, Y => d(2) .. }; c & d -> e -> out ..; else fail;" => [];
    a_join_in_a_loop_does_not_wait_for_one_that_went_back: "Out",
        "in -> a -> b & c ..; b -> match { X => d(1) .., Y => a(2) ..R }; c & d -> e ..; e -> match { X => f(1) .., Y => a(2) ..R }; f -> out ..; else fail;" => ["never_joins"];
    a_scope_in_a_loop_closes_in_it: "Out",
        "in -> a -> each b ..E; b -> match { X => a(1) ..R, Y => c(1) .. }; c -> all out ..; else fail;" => ["unstructured_loop"];
    a_loop_in_a_scope_is_sound: "Out",
        "in -> a -> each b ..E; b -> match { X => b(1) ..R, Y => c(1) .. }; c -> all out ..; else fail;" => [];
    a_loop_has_a_way_out: "Out",
        "in -> a -> b ..; b -> a ..R; else fail;" => ["dead_end"];
    loops_nest: "Out",
        "in -> a -> b ..; b -> match { X => b(1) ..R, Y => c(1) .. }; c -> match { X => a(1) [capacity = 99, timeout = 1s, rounds = 2], Y => d(1) .. }; d -> out ..; else fail;" => [];
    a_back_edge_has_room_for_what_lies_aside: "Out",
        "in -> a ..; a -> match { X => b(1) .., Y => c(2) .., Z => d(3) .. }; b | c -> e ..; e -> a [capacity = 8, timeout = 1s, rounds = 3]; d -> out ..; else fail;" => ["wedging_cycle"];

    a_batch_is_sound: "Out",
        "in -> a ..B; a -> out ..; else fail;" => [];
    a_batch_fits_on_its_edge: "Out",
        "in -> a [capacity = 4, timeout = 1s, batch = 5, linger = 5ms]; a -> out ..; else fail;" => ["oversized_batch"];
    a_batch_lingers_for_less_than_its_edge: "Out",
        "in -> a [capacity = 4, timeout = 1s, batch = 4, linger = 1s]; a -> out ..; else fail;" => ["long_linger"];
    a_batch_says_how_long_it_lingers: "Out",
        "in -> a [capacity = 4, timeout = 1s, batch = 4]; a -> out ..; else fail;" => ["long_linger"];
    what_lingers_is_a_batch: "Out",
        "in -> a [capacity = 4, timeout = 1s, linger = 5ms]; a -> out ..; else fail;" => ["misplaced_attribute"];
    a_batch_is_not_of_nothing: "Out",
        "in -> a [capacity = 4, timeout = 1s, batch = 0, linger = 5ms]; a -> out ..; else fail;" => ["zero_capacity"];
    a_join_takes_no_batches: "Out",
        "in -> a & b ..; a & b -> c ..B; c -> out ..; else fail;" => ["misplaced_attribute"];
    out_takes_no_batches: "Out",
        "in -> a ..; a -> out ..B; else fail;" => ["misplaced_attribute"];
    a_step_that_takes_batches_calls_nobody: "Out",
        "in -> a ..B; a >> b -> out ..; else fail;" => ["misplaced_attribute"];
    all_edges_into_a_step_declare_the_same_batches: "Out",
        "in -> a ..; a -> match { X => b(1) ..B, Y => c(2) .. }; c -> b ..; b -> out ..; else fail;" => ["repeated_attribute"];

    a_batch_that_waits_with_one_message_left_can_wedge_a_loop: "Out",
        "in -> a ..; a -> b [capacity = 4, timeout = 1s, batch = 4, linger = 5ms]; b -> match { X => a(1) [capacity = 1, timeout = 1s, rounds = 3], Y => out(2) .. }; else fail;" => ["wedging_cycle"];
    items_of_one_message_can_fill_a_scope_in_a_loop: "Out",
        "in -> h -> each c -> all d ..E; d -> match { X => h(1) [capacity = 1, timeout = 1s, rounds = 3], Y => out(2) .. }; else fail;" => ["wedging_cycle"];
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

cases! {
    a_boundary_around_steps_is_sound: "Out",
        "in -> a -> b >> c -> out ..; boundary x: thread { a } boundary y: thread [threads = 2] { b, c } else fail;" => [];
    a_boundary_inside_another_is_sound: "Out",
        "boundary x: thread { a, boundary y: thread { b }, c }; in -> a -> b -> c -> out ..; else fail;" => [];
    steps_of_a_boundary_may_join: "Out",
        "in -> a -> b & c -> d -> out ..; boundary x: thread { b, d } else fail;" => [];
    a_step_may_be_named_like_the_word: "Out",
        "in -> boundary -> out ..; boundary [replicas = 2]; boundary else fail;" => [];
    a_fallback_may_be_in_a_boundary: "Out",
        "in -> a ..; a | b -> out ..; a else b ..; b else fail; boundary x: thread { b }" => [];
    a_source_may_be_in_a_boundary: "! -> !",
        "a -> b ..; boundary x: thread { a } else fail;" => [];
    a_boundary_of_another_kind_is_one_fault: "Out",
        "in -> a -> b -> out ..; boundary x: remote [restart = 5 in 60s] { a, b } else fail;" => ["unknown_boundary"];
    a_process_around_steps_is_sound: "Out",
        "in -> a -> b >> c -> out ..; boundary x: process { a } boundary y: process [restart = 5 in 60s, codec = msgpack] { b, c } else fail;" => [];
    a_source_in_a_process_is_one_fault: "! -> !",
        "a -> b ..; boundary x: process { boundary y: thread { a }, b } else fail;" => ["unfit_member"];
    a_batch_in_a_process_is_one_fault: "Out",
        "in -> a ..; a -> b [capacity = 4, timeout = 1s, batch = 2, linger = 1ms]; b -> out ..; boundary x: process { b } else fail;" => ["unfit_member"];
    a_fallback_in_a_process_is_one_fault: "Out",
        "in -> a ..; a | b -> out ..; a else b ..; b else fail; boundary x: process { b }" => ["unfit_member"];
    a_call_into_a_process_is_one_fault: "Out",
        "in -> a >> b -> out ..; boundary x: process { b } else fail;" => ["split_call"];
    a_call_onto_threads_of_a_process_is_one_fault: "Out",
        "in -> a >> b -> out ..; boundary x: process { a, boundary y: thread { b } } else fail;" => ["split_call"];
    a_process_of_nothing_is_one_fault: "Out",
        "in -> a -> out ..; boundary x: process {} else fail;" => ["empty_boundary"];
    a_process_of_threads_of_nothing_is_one_fault: "Out",
        "in -> a -> out ..; boundary x: process { boundary y: thread {} } else fail;" => ["empty_boundary"];
    a_process_of_a_process_is_one_fault: "Out",
        "in -> a -> out ..; boundary x: process { boundary y: process { a } } else fail;" => ["empty_boundary"];
    a_process_of_threads_of_a_process_is_one_fault: "Out",
        "in -> a -> out ..; boundary x: process { boundary y: thread { boundary z: process { a } } } else fail;" => ["empty_boundary"];
    a_process_inside_a_process_is_sound: "Out",
        "in -> a -> b -> out ..; boundary x: process [restart = 5 in 60s, strategy = one_for_all] { a, boundary y: process { b } } else fail;" => [];
    a_process_inside_threads_is_sound: "Out",
        "in -> a -> b -> out ..; boundary x: thread [threads = 2, restart = 5 in 60s, strategy = one_for_all] { a, boundary y: process { b } } else fail;" => [];
    threads_around_processes_are_sound: "Out",
        "in -> a -> b -> out ..; boundary x: thread [restart = N in T, strategy = rest_for_one] { boundary y: process { a } boundary z: process { b } } else fail;" => [];
    threads_around_threads_around_a_process_are_sound: "Out",
        "in -> a -> b -> out ..; boundary x: thread [restart = 5 in 60s] { boundary y: thread [strategy = one_for_all] { boundary z: process { a } } boundary w: thread { b } } else fail;" => [];
    threads_of_a_process_around_a_process_are_sound: "Out",
        "in -> a -> b -> out ..; boundary x: process { boundary y: thread [restart = 5 in 60s] { a, boundary z: process { b } } } else fail;" => [];
    threads_where_there_are_none_are_one_fault: "Out",
        "in -> a -> out ..; boundary x: thread [threads = 2, restart = 5 in 60s] { boundary y: process { a } } else fail;" => ["misplaced_attribute"];
    memory_of_threads_around_a_process_is_one_fault: "Out",
        "in -> a -> b -> out ..; boundary x: thread [memory = 4MiB] { a, boundary y: process { b } } else fail;" => ["misplaced_attribute"];
    a_call_into_the_process_inside_is_one_fault: "Out",
        "in -> a >> b -> out ..; boundary x: process { a, boundary y: process { b } } else fail;" => ["split_call"];
    a_source_in_the_process_inside_is_one_fault: "! -> !",
        "a -> b ..; boundary x: process { b, boundary y: process { a } } else fail;" => ["unfit_member"];
    a_fallback_beside_the_process_inside_is_sound: "Out",
        "in -> a ..; a | b -> out ..; a else b ..; b else fail; boundary x: thread { b, boundary y: process { a } }" => [];
    restarts_without_a_time_are_one_fault: "Out",
        "in -> a -> out ..; boundary x: process [restart = 5] { a } else fail;" => ["ambiguous_unit"];
    restarts_in_no_time_are_one_fault: "Out",
        "in -> a -> out ..; boundary x: process [restart = 5 in 0s] { a } else fail;" => ["fine_timeout"];
    a_part_of_a_second_of_processor_time_is_one_fault: "Out",
        "in -> a -> out ..; boundary x: process [cpu = 1500ms] { a } else fail;" => ["fine_timeout"];
    a_process_without_memory_is_one_fault: "Out",
        "in -> a -> out ..; boundary x: process [memory = 0B] { a } else fail;" => ["zero_capacity"];
    an_unknown_strategy_is_one_fault: "Out",
        "in -> a -> out ..; boundary x: process [strategy = one_for_al] { a } else fail;" => ["unknown_attribute"];
    memory_of_threads_is_one_fault: "Out",
        "in -> a -> out ..; boundary x: thread [memory = 4MiB] { a } else fail;" => ["misplaced_attribute"];
    a_stack_of_a_process_is_one_fault: "Out",
        "in -> a -> out ..; boundary x: process [stack_size = 4MiB] { a } else fail;" => ["misplaced_attribute"];
    no_restart_at_all_is_sound: "Out",
        "in -> a -> out ..; boundary x: process [restart = 0 in 60s] { a } else fail;" => [];
    threads_of_a_process_are_sound: "Out",
        "in -> a -> b -> out ..; boundary x: process [restart = N in T, strategy = one_for_all] { boundary y: thread { a }, boundary z: thread { b } } else fail;" => [];
    restarts_of_threads_are_one_fault: "Out",
        "in -> a -> out ..; boundary x: thread [restart = 5 in 60s] { a } else fail;" => ["misplaced_attribute"];
    a_strategy_of_threads_is_one_fault: "Out",
        "in -> a -> out ..; boundary x: thread [strategy = one_for_one] { a } else fail;" => ["misplaced_attribute"];
    cores_of_threads_are_sound: "Out",
        "in -> a -> b -> c -> out ..; boundary x: thread [cores = [0, 2]] { a } boundary y: thread [threads = 4, cores = 0 to =3] { b } boundary z: thread [threads = N, cores = CORES] { c } else fail;" => [];
    a_constant_core_is_sound: "Out",
        "in -> a -> b -> out ..; boundary x: thread [threads = 3, cores = [FIRST, 2, FIRST + 1]] { a } boundary y: thread [cores = 1 to =LAST] { b } else fail;" => [];
    no_cores_are_one_fault: "Out",
        "in -> a -> out ..; boundary x: thread [cores = []] { a } else fail;" => ["unfit_cores"];
    a_core_that_is_named_twice_is_one_fault: "Out",
        "in -> a -> out ..; boundary x: thread [threads = 4, cores = [0, 1, 0]] { a } else fail;" => ["unfit_cores"];
    more_cores_than_threads_are_one_fault: "Out",
        "in -> a -> out ..; boundary x: thread [cores = 0 to =3, threads = 2] { a } else fail;" => ["unfit_cores"];
    a_number_of_cores_is_one_fault: "Out",
        "in -> a -> out ..; boundary x: thread [cores = 2] { a } else fail;" => ["unfit_cores"];
    cores_without_an_end_are_one_fault: "Out",
        "in -> a -> out ..; boundary x: thread [cores = 0 to 2] { a } else fail;" => ["unfit_cores"];
    cores_that_end_before_they_begin_are_one_fault: "Out",
        "in -> a -> out ..; boundary x: thread [cores = 3 to =1] { a } else fail;" => ["unfit_cores"];
    cores_of_nothing_are_one_fault: "Out",
        "in -> a -> out ..; boundary x: thread [cores] { a } else fail;" => ["unfit_cores"];
    a_core_below_none_is_one_fault: "Out",
        "in -> a -> out ..; boundary x: thread [cores = [-1]] { a } else fail;" => ["ambiguous_unit"];
    cores_of_a_process_are_one_fault: "Out",
        "in -> a -> out ..; boundary x: process [cores = [0]] { a } else fail;" => ["misplaced_attribute"];
    cores_where_there_are_no_threads_are_one_fault: "Out",
        "in -> a -> out ..; boundary x: thread [cores = [0]] { boundary y: process { a } } else fail;" => ["misplaced_attribute"];
    a_step_in_two_boundaries_is_one_fault: "Out",
        "in -> a -> b -> out ..; boundary x: thread { a, b } boundary y: thread { b } else fail;" => ["ambiguous_boundary"];
    a_name_of_two_boundaries_is_one_fault: "Out",
        "in -> a -> b -> out ..; boundary x: thread { a, boundary x: thread { b } } else fail;" => ["ambiguous_boundary"];
    a_boundary_named_like_a_step_is_one_fault: "Out",
        "in -> a -> b -> out ..; boundary a: thread { b } else fail;" => ["ambiguous_boundary"];
    a_boundary_of_nothing_is_one_fault: "Out",
        "in -> a -> out ..; boundary x: thread [] {} else fail;" => ["empty_boundary"];
    a_boundary_of_a_boundary_is_one_fault: "Out",
        "in -> a -> out ..; boundary x: thread { boundary y: thread { a } } else fail;" => ["empty_boundary"];
    a_call_out_of_a_boundary_is_one_fault: "Out",
        "in -> a >> b >> c -> out ..; boundary x: thread { a, b } else fail;" => ["split_call"];
    a_member_that_nothing_draws_is_one_fault: "Out",
        "in -> a -> out ..; boundary x: thread { a, c } else fail;" => ["unreachable_step"];
    an_end_in_a_boundary_is_one_fault: "Out",
        "in -> a -> out ..; boundary x: thread { a, out } else fail;" => ["reserved_name"];
    threads_of_a_step_are_one_fault: "Out",
        "in -> a -> out ..; a [threads = 2]; else fail;" => ["misplaced_attribute"];
    no_threads_are_one_fault: "Out",
        "in -> a -> out ..; boundary x: thread [threads = 0] { a } else fail;" => ["zero_capacity"];
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

#[test]
fn nothing_goes_back_to_a_step_that_is_called() {
    let statements = with_contracts(
        "in -> write >> read ..; else fail;
         read -> match { Good(x) => out(x) .., Again(x) => read(x) ..R };",
    );
    assert_eq!(broken("Out", &statements), ["unstructured_loop"]);
    let statements = statements.replace("in -> write >> read", "in -> write -> read");
    assert_eq!(broken("Out", &statements), [""; 0]);
}
