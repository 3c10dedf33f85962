use fastrand::Rng;

use super::*;

const TRACE: &str = "12345678901234567890123456789012";
const SPAN: &str = "1234567890123456";

fn parsed(traceparent: &str) -> TraceContext {
    TraceContext::parse(traceparent, None).unwrap_or_else(|e| panic!("{traceparent:?}: {e}"))
}

fn rejected(traceparent: &str) -> InvalidTraceparent {
    TraceContext::parse(traceparent, None)
        .err()
        .unwrap_or_else(|| panic!("{traceparent:?} was accepted"))
}

fn span(number: u64) -> SpanId {
    SpanId::from_bytes(number.to_be_bytes()).unwrap()
}

fn unexpected(position: usize, found: char, expected: &'static str) -> InvalidTraceparent {
    InvalidTraceparent::Character {
        position,
        found,
        expected,
    }
}

fn not_hex(position: usize, found: char) -> InvalidTraceparent {
    unexpected(position, found, "a lower-case hexadecimal digit")
}

fn not_dash(position: usize, found: char) -> InvalidTraceparent {
    unexpected(position, found, "a dash")
}

#[test]
fn the_sampled_example_of_the_recommendation_is_read_field_by_field() {
    let context = parsed("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    assert_eq!(
        context.trace_id().to_bytes(),
        0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736_u128.to_be_bytes()
    );
    assert_eq!(
        context.span_id().to_bytes(),
        0x00f0_67aa_0ba9_02b7_u64.to_be_bytes()
    );
    assert_eq!(context.flags(), TraceFlags::SAMPLED);
    assert!(context.is_sampled());
    assert!(context.state().is_empty());
}

#[test]
fn the_unsampled_example_of_the_recommendation_is_read_as_unsampled() {
    let context = parsed("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
    assert!(!context.is_sampled());
    assert_eq!(context.flags(), TraceFlags::default());
}

#[test]
fn the_congo_and_rojo_example_of_the_recommendation_can_be_followed_hop_by_hop() {
    let from_congo = TraceContext::parse(
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        Some("congo=t61rcWkgMzE"),
    )
    .unwrap();

    let in_rojo = from_congo.child(span(0x00f0_67aa_0ba9_02b7));
    let state = in_rojo.state().insert("rojo", "00f067aa0ba902b7").unwrap();
    let from_rojo = in_rojo.with_state(state);
    assert_eq!(
        from_rojo.traceparent(),
        "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"
    );
    assert_eq!(
        from_rojo.state().to_string(),
        "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"
    );

    let in_congo = from_rojo.child(span(0xb9c7_c989_f979_18e1));
    let state = in_congo.state().insert("congo", "ucfJifl5GOE").unwrap();
    let again_from_congo = in_congo.with_state(state);
    assert_eq!(
        again_from_congo.traceparent(),
        "00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01"
    );
    assert_eq!(
        again_from_congo.state().to_string(),
        "congo=ucfJifl5GOE,rojo=00f067aa0ba902b7"
    );
}

#[test]
fn version_00_must_have_exactly_55_characters() {
    for (rest, characters) in [
        ("-0", 54),
        ("-1", 54),
        ("-001", 56),
        ("-01.", 56),
        ("-01-", 56),
        ("-01-what-the-future-will-be-like", 84),
    ] {
        let text = format!("00-{TRACE}-{SPAN}{rest}");
        assert_eq!(
            rejected(&text),
            InvalidTraceparent::WrongLength { characters },
            "{text}"
        );
    }
}

#[test]
fn characters_and_not_bytes_are_counted_for_the_length() {
    let text = format!("00-{TRACE}-{SPAN}-0é");
    assert_eq!(text.len(), 56);
    assert_eq!(rejected(&text), not_hex(55, 'é'));
    let text = format!("00-{TRACE}-{SPAN}-é");
    assert_eq!(text.len(), 55);
    assert_eq!(
        rejected(&text),
        InvalidTraceparent::WrongLength { characters: 54 }
    );
}

#[test]
fn higher_versions_are_read_and_written_again_as_version_00() {
    for version in ["01", "02", "0f", "10", "cc", "fe"] {
        for rest in ["", "-", "-what-the-future-will-be-like", "-é", "- x,y"] {
            let text = format!("{version}-{TRACE}-{SPAN}-01{rest}");
            assert_eq!(
                parsed(&text).traceparent(),
                format!("00-{TRACE}-{SPAN}-01"),
                "{text}"
            );
        }
    }
}

#[test]
fn higher_versions_must_end_or_go_on_with_a_dash_after_the_flags() {
    for (rest, found) in [
        (".what-the-future-will-be-like", '.'),
        ("0", '0'),
        (" -x", ' '),
        ("é", 'é'),
    ] {
        let text = format!("cc-{TRACE}-{SPAN}-01{rest}");
        assert_eq!(rejected(&text), not_dash(56, found), "{text}");
    }
}

#[test]
fn higher_versions_must_not_be_shorter_than_55_characters() {
    assert_eq!(
        rejected(&format!("cc-{TRACE}-{SPAN}-1")),
        InvalidTraceparent::TooShort { characters: 54 }
    );
    assert_eq!(
        rejected("01-"),
        InvalidTraceparent::TooShort { characters: 3 }
    );
}

#[test]
fn higher_versions_follow_the_rules_of_version_00_up_to_the_flags() {
    let zeros = "0".repeat(32);
    for (text, error) in [
        (format!("cc-{TRACE}-{SPAN}-0G"), not_hex(55, 'G')),
        (format!("cc-{TRACE}.{SPAN}-01"), not_dash(36, '.')),
        (
            format!("cc-{zeros}-{SPAN}-01"),
            InvalidTraceparent::ZeroTraceId,
        ),
        (
            format!("cc-{TRACE}-{}-01", &zeros[..16]),
            InvalidTraceparent::ZeroParentId,
        ),
    ] {
        assert_eq!(rejected(&text), error, "{text}");
    }
}

#[test]
fn version_ff_is_forbidden_at_any_length() {
    for text in [
        format!("ff-{TRACE}-{SPAN}-01"),
        format!("ff-{TRACE}-{SPAN}-01-more"),
        "ff-".to_owned(),
    ] {
        assert_eq!(
            rejected(&text),
            InvalidTraceparent::ForbiddenVersion,
            "{text}"
        );
    }
}

#[test]
fn a_version_prefix_must_be_two_lower_case_digits_and_a_dash() {
    for (version, error) in [
        (".0", not_hex(1, '.')),
        ("0.", not_hex(2, '.')),
        ("CC", not_hex(1, 'C')),
        ("cC", not_hex(2, 'C')),
        ("FF", not_hex(1, 'F')),
        ("+0", not_hex(1, '+')),
        ("é0", not_hex(1, 'é')),
        ("", not_hex(1, '-')),
        ("0", not_hex(2, '-')),
        ("000", not_dash(3, '0')),
        ("0000", not_dash(3, '0')),
    ] {
        let text = format!("{version}-{TRACE}-{SPAN}-01");
        assert_eq!(rejected(&text), error, "{text}");
    }
}

#[test]
fn a_text_without_a_whole_version_prefix_is_too_short() {
    for (text, characters) in [("", 0), (" \t", 0), ("0", 1), ("00", 2), ("ff", 2)] {
        assert_eq!(
            rejected(text),
            InvalidTraceparent::TooShort { characters },
            "{text:?}"
        );
    }
}

#[test]
fn identifiers_and_flags_must_be_lower_case_digits_of_the_right_number() {
    for (text, error) in [
        (
            "00-.2345678901234567890123456789012-1234567890123456-01",
            not_hex(4, '.'),
        ),
        (
            "00-1234567890123456789012345678901.-1234567890123456-01",
            not_hex(35, '.'),
        ),
        (
            "00-1234567890123456789012345678901A-1234567890123456-01",
            not_hex(35, 'A'),
        ),
        (
            "00-12345678901234567890123456789012-.234567890123456-01",
            not_hex(37, '.'),
        ),
        (
            "00-12345678901234567890123456789012-123456789012345.-01",
            not_hex(52, '.'),
        ),
        (
            "00-12345678901234567890123456789012-B234567890123456-01",
            not_hex(37, 'B'),
        ),
        (
            "00-12345678901234567890123456789012-1234567890123456-.0",
            not_hex(54, '.'),
        ),
        (
            "00-12345678901234567890123456789012-1234567890123456-0.",
            not_hex(55, '.'),
        ),
        (
            "00-12345678901234567890123456789012-1234567890123456-0A",
            not_hex(55, 'A'),
        ),
        (
            "00-12345678901234567890123456789012-1234567890123456_01",
            not_dash(53, '_'),
        ),
        (
            "00-123456789012345678901234567890123-123456789012345-01",
            not_dash(36, '3'),
        ),
        (
            "00-1234567890123456789012345678901-12345678901234567-01",
            not_hex(35, '-'),
        ),
        (
            "00-123456789012345678901234567890 2-1234567890123456-01",
            not_hex(34, ' '),
        ),
    ] {
        assert_eq!(text.len(), 55, "{text}");
        assert_eq!(rejected(text), error, "{text}");
    }
}

#[test]
fn identifiers_of_another_length_are_rejected() {
    for (trace_id, parent_id, characters) in [
        ("123456789012345678901234567890123", SPAN, 56),
        ("1234567890123456789012345678901", SPAN, 54),
        (TRACE, "12345678901234567", 56),
        (TRACE, "123456789012345", 54),
        ("", "", 7),
    ] {
        let text = format!("00-{trace_id}-{parent_id}-01");
        assert_eq!(
            rejected(&text),
            InvalidTraceparent::WrongLength { characters },
            "{text}"
        );
    }
}

#[test]
fn identifiers_of_zeros_only_are_rejected() {
    assert_eq!(
        rejected("00-00000000000000000000000000000000-1234567890123456-01"),
        InvalidTraceparent::ZeroTraceId
    );
    assert_eq!(
        rejected("00-12345678901234567890123456789012-0000000000000000-01"),
        InvalidTraceparent::ZeroParentId
    );
}

#[test]
fn spaces_and_tabs_around_the_value_are_skipped() {
    let value = format!("00-{TRACE}-{SPAN}-01");
    for text in [
        format!(" {value}"),
        format!("\t{value}"),
        format!("{value} "),
        format!("{value}\t"),
        format!("\t {value} \t"),
    ] {
        assert_eq!(parsed(&text).traceparent(), value, "{text:?}");
    }
}

#[test]
fn other_whitespace_around_the_value_is_rejected() {
    let value = format!("00-{TRACE}-{SPAN}-01");
    for space in ["\n", "\r\n", "\u{b}", "\u{a0}", "\u{2003}"] {
        let characters = 55 + space.chars().count();
        assert_eq!(
            rejected(&format!("{value}{space}")),
            InvalidTraceparent::WrongLength { characters },
            "{space:?}"
        );
        assert_eq!(
            rejected(&format!("{space}{value}")),
            not_hex(1, space.chars().next().unwrap()),
            "{space:?}"
        );
    }
}

#[test]
fn two_traceparents_joined_by_a_comma_are_rejected() {
    let first = "00-12345678901234567890123456789011-1234567890123456-01";
    let second = "00-12345678901234567890123456789012-1234567890123456-01";
    assert_eq!(
        rejected(&format!("{first}, {second}")),
        InvalidTraceparent::WrongLength { characters: 112 }
    );
    let higher = first.replacen("00", "cc", 1);
    assert_eq!(rejected(&format!("{higher},{second}")), not_dash(56, ','));
}

#[test]
fn only_flags_with_a_meaning_are_sent_on() {
    for version in ["00", "01", "cc"] {
        for (received, sent) in [
            ("00", "00"),
            ("01", "01"),
            ("02", "02"),
            ("03", "03"),
            ("04", "00"),
            ("09", "01"),
            ("fc", "00"),
            ("fe", "02"),
            ("ff", "03"),
        ] {
            let context = parsed(&format!("{version}-{TRACE}-{SPAN}-{received}"));
            assert_eq!(
                context.traceparent(),
                format!("00-{TRACE}-{SPAN}-{sent}"),
                "{version} {received}"
            );
        }
    }
}

#[test]
fn every_flag_byte_keeps_the_sampled_and_random_bits_only() {
    for bits in 0..=u8::MAX {
        let flags = TraceFlags::from_bits(bits);
        assert_eq!(flags.bits(), bits & 0b11);
        assert_eq!(flags.is_sampled(), bits & 1 == 1);
        assert_eq!(flags.with_sampled(true).bits(), bits & 0b10 | 1);
        assert_eq!(flags.with_sampled(false).bits(), bits & 0b10);
    }
    assert_eq!(TraceFlags::SAMPLED.bits(), 1);
}

#[test]
fn a_valid_tracestate_is_inherited() {
    let context = TraceContext::parse(
        &format!("00-{TRACE}-{SPAN}-00"),
        Some("foo=1 \t , \t bar=2"),
    )
    .unwrap();
    assert_eq!(context.state().to_string(), "foo=1,bar=2");
}

#[test]
fn an_invalid_tracestate_is_dropped_and_the_trace_kept() {
    let value = format!("00-{TRACE}-{SPAN}-01");
    for tracestate in ["foo=1,foo=1", "foo@=1,bar=2", "FOO=1", "foo=,bar=3", "foo"] {
        let context = TraceContext::parse(&value, Some(tracestate)).unwrap();
        assert!(context.state().is_empty(), "{tracestate}");
        assert_eq!(context.traceparent(), value, "{tracestate}");
    }
}

#[test]
fn an_empty_tracestate_is_accepted() {
    for tracestate in ["", " ", ",\t,"] {
        let context =
            TraceContext::parse(&format!("00-{TRACE}-{SPAN}-00"), Some(tracestate)).unwrap();
        assert!(context.state().is_empty(), "{tracestate:?}");
    }
}

#[test]
fn the_tracestate_beside_a_higher_version_is_read_too() {
    let context =
        TraceContext::parse(&format!("cc-{TRACE}-{SPAN}-01-x"), Some("foo=1,bar=2")).unwrap();
    assert_eq!(context.state().get("bar"), Some("2"));
}

#[test]
fn an_invalid_traceparent_is_an_error_whatever_the_tracestate() {
    let value = format!("00-{TRACE}-0000000000000000-01");
    for tracestate in [None, Some("foo=1"), Some("foo=1,foo=1")] {
        assert_eq!(
            TraceContext::parse(&value, tracestate),
            Err(InvalidTraceparent::ZeroParentId)
        );
    }
}

#[test]
fn several_tracestate_headers_can_be_joined_to_a_context() {
    let state = TraceState::parse_all(["foo=1,bar=2", "", "rojo=1"]).unwrap();
    let context = parsed(&format!("00-{TRACE}-{SPAN}-00")).with_state(state);
    assert_eq!(context.state().to_string(), "foo=1,bar=2,rojo=1");
}

#[test]
fn a_child_has_a_new_span_and_keeps_all_else() {
    let parent =
        TraceContext::parse(&format!("00-{TRACE}-{SPAN}-02"), Some("foo=1,bar=2")).unwrap();
    let child = parent.child(span(7));
    assert_eq!(
        child.traceparent(),
        format!("00-{TRACE}-0000000000000007-02")
    );
    assert_eq!(child.state(), parent.state());
    assert_eq!(parent.traceparent(), format!("00-{TRACE}-{SPAN}-02"));
}

#[test]
fn the_sampled_flag_can_be_changed_in_both_directions() {
    let context = parsed(&format!("00-{TRACE}-{SPAN}-02"));
    let sampled = context.with_sampled(true);
    assert_eq!(sampled.traceparent(), format!("00-{TRACE}-{SPAN}-03"));
    assert!(sampled.is_sampled());
    let unsampled = sampled.with_sampled(false);
    assert_eq!(unsampled.traceparent(), format!("00-{TRACE}-{SPAN}-02"));
    assert!(!unsampled.is_sampled());
}

#[test]
fn a_root_is_sampled_and_starts_another_trace_each_time() {
    let root = TraceContext::root();
    let other = TraceContext::root();
    assert_eq!(root.flags(), TraceFlags::SAMPLED);
    assert!(root.state().is_empty());
    assert_ne!(root.trace_id(), other.trace_id());
    assert_ne!(root.span_id(), other.span_id());
    assert_eq!(parsed(&root.traceparent()), root);
}

#[test]
fn identifiers_are_never_zero() {
    assert_eq!(TraceId::from_bytes([0; 16]), None);
    assert_eq!(SpanId::from_bytes([0; 8]), None);
    for _ in 0..100 {
        assert_ne!(TraceId::random().to_bytes(), [0; 16]);
        assert_ne!(SpanId::random().to_bytes(), [0; 8]);
    }
}

#[test]
fn identifiers_are_written_with_leading_zeros_and_debugged_with_their_name() {
    let mut bytes = [0; 16];
    bytes[15] = 0xab;
    let trace_id = TraceId::from_bytes(bytes).unwrap();
    assert_eq!(trace_id.to_string(), "000000000000000000000000000000ab");
    assert_eq!(
        format!("{trace_id:?}"),
        "TraceId(000000000000000000000000000000ab)"
    );
    assert_eq!(span(0xab).to_string(), "00000000000000ab");
    assert_eq!(format!("{:?}", span(0xab)), "SpanId(00000000000000ab)");
}

#[test]
fn identifiers_are_ordered_like_their_text_and_leave_room_for_an_option() {
    let mut ids: Vec<SpanId> = [0x0100, 0xff, 1, u64::MAX].map(span).to_vec();
    ids.sort_unstable();
    assert!(ids.is_sorted_by_key(ToString::to_string));
    assert_eq!(size_of::<Option<TraceId>>(), size_of::<TraceId>());
    assert_eq!(size_of::<Option<SpanId>>(), 8);
}

#[test]
fn display_writes_the_traceparent() {
    let context = parsed(&format!("00-{TRACE}-{SPAN}-01"));
    assert_eq!(format!("{context}"), context.traceparent());
}

#[test]
fn errors_say_what_is_wrong_and_where() {
    for (text, message) in [
        (
            format!("00-{TRACE}-{SPAN}-1"),
            "traceparent has 54 characters where version 00 has 55",
        ),
        (
            format!("cc-{TRACE}-{SPAN}"),
            "traceparent has 52 characters where every version has at least 55",
        ),
        (
            format!("ff-{TRACE}-{SPAN}-01"),
            "traceparent has the forbidden version ff",
        ),
        (
            format!("00-{TRACE}-{SPAN}-0A"),
            "character 55 of traceparent is 'A' where a lower-case hexadecimal digit belongs",
        ),
        (
            format!("00-{TRACE}\n{SPAN}-01"),
            r"character 36 of traceparent is '\n' where a dash belongs",
        ),
        (
            format!("00-{}-{SPAN}-01", "0".repeat(32)),
            "trace-id of traceparent is all zero",
        ),
        (
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            "parent-id of traceparent is all zero",
        ),
    ] {
        let error: Box<dyn error::Error> = Box::new(rejected(&text));
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn random_contexts_survive_a_round_trip() {
    let mut random = Rng::with_seed(0x7ac3);
    for _ in 0..1_000 {
        let trace_id = TraceId::from_bytes(random.u128(1..).to_be_bytes()).unwrap();
        let flags = TraceFlags::from_bits(random.u8(..));
        let state = TraceState::default()
            .insert("vendor", &random.u64(..).to_string())
            .unwrap();
        let context = TraceContext::new(trace_id, span(random.u64(1..)), flags, state);

        let traceparent = context.traceparent();
        assert_eq!(traceparent.len(), 55);
        let again = TraceContext::parse(&traceparent, Some(&context.state().to_string())).unwrap();
        assert_eq!(again, context);
    }
}

#[test]
fn arbitrary_texts_never_panic_and_accepted_ones_become_version_00() {
    let alphabet: Vec<char> = "0011aafF-- \t\n.,é漢🦀\u{0}".chars().collect();
    let mut random = Rng::with_seed(0x55);
    let (mut accepted, mut refused) = (0, 0);
    for round in 0..20_000 {
        let mut text: Vec<char> = if round % 2 == 0 {
            format!("cc-{TRACE}-{SPAN}-01-x").chars().collect()
        } else {
            (0..random.usize(..70))
                .map(|_| alphabet[random.usize(..alphabet.len())])
                .collect()
        };
        for _ in 0..random.usize(..3).min(text.len()) {
            let place = random.usize(..text.len());
            text[place] = alphabet[random.usize(..alphabet.len())];
        }
        text.truncate(random.usize(50..70));
        let text: String = text.into_iter().collect();

        match TraceContext::parse(&text, Some(&text)) {
            Ok(context) => {
                accepted += 1;
                assert_eq!(parsed(&context.traceparent()), context, "{text:?}");
            }
            Err(error) => {
                refused += 1;
                assert!(!error.to_string().is_empty(), "{text:?}");
            }
        }
    }
    assert!(accepted > 1_000, "{accepted} accepted");
    assert!(refused > 1_000, "{refused} refused");
}
