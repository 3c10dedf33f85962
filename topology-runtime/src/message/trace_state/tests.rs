use fastrand::Rng;

use super::*;

fn parsed(header: &str) -> TraceState {
    TraceState::parse(header).unwrap_or_else(|e| panic!("{header:?}: {e}"))
}

fn rejected(header: &str) -> InvalidTraceState {
    TraceState::parse(header)
        .err()
        .unwrap_or_else(|| panic!("{header:?} was accepted"))
}

fn length(member: usize, part: &'static str, characters: usize, limit: usize) -> InvalidTraceState {
    InvalidTraceState::Length {
        member,
        part,
        characters,
        limit,
    }
}

fn character(member: usize, part: &'static str, place: usize, found: char) -> InvalidTraceState {
    InvalidTraceState::Character {
        member,
        part,
        position: place,
        found,
    }
}

/// `bar01=01,bar02=02` and so on, in lines of ten members.
fn lines_of_numbered_members(count: usize) -> Vec<String> {
    let members: Vec<String> = (1..=count).map(|n| format!("bar{n:02}={n:02}")).collect();
    members.chunks(10).map(|chunk| chunk.join(",")).collect()
}

fn parse_lines(lines: &[String]) -> Result<TraceState, InvalidTraceState> {
    TraceState::parse_all(lines.iter().map(String::as_str))
}

#[test]
fn the_examples_of_the_recommendation_are_read_and_written_unchanged() {
    for header in [
        "congo=t61rcWkgMzE",
        "rojo=00f067aa0ba902b7",
        "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
        "congo=ucfJifl5GOE,rojo=00f067aa0ba902b7",
        "vendorname1=opaqueValue1,vendorname2=opaqueValue2",
        "congo=congosSecondPosition,rojo=rojosFirstPosition",
    ] {
        assert_eq!(parsed(header).to_string(), header);
    }
}

#[test]
fn members_can_be_looked_up_and_listed_in_order() {
    let state = parsed("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
    assert_eq!(state.get("rojo"), Some("00f067aa0ba902b7"));
    assert_eq!(state.get("congo"), Some("t61rcWkgMzE"));
    assert_eq!(state.get("con"), None);
    assert_eq!(state.get(""), None);
    let members: Vec<_> = state.iter().collect();
    assert_eq!(
        members,
        [("rojo", "00f067aa0ba902b7"), ("congo", "t61rcWkgMzE")]
    );
}

#[test]
fn a_repeated_key_is_invalid_in_one_header_and_across_headers() {
    let repeated = Err(InvalidTraceState::DuplicateKey { member: 2 });
    for headers in [
        &["foo=1,foo=1"][..],
        &["foo=1,foo=2"],
        &["foo=1", "foo=1"],
        &["foo=1", "foo=2"],
    ] {
        assert_eq!(
            TraceState::parse_all(headers.iter().copied()),
            repeated,
            "{headers:?}"
        );
    }
    assert_eq!(
        rejected("congo=congosFirstPosition,rojo=rojosFirstPosition,congo=congosSecondPosition"),
        InvalidTraceState::DuplicateKey { member: 3 }
    );
}

#[test]
fn keys_which_only_begin_alike_are_different() {
    let state = parsed("foo=1,foo2=2,fo=3,foo@x=4");
    assert_eq!(state.get("foo"), Some("1"));
    assert_eq!(state.get("foo@x"), Some("4"));
    assert_eq!(state.iter().count(), 4);
}

#[test]
fn spaces_and_tabs_around_members_are_ignored() {
    for (header, written) in [
        ("foo=1 \t , \t bar=2, \t baz=3", "foo=1,bar=2,baz=3"),
        ("foo=1\t \t,\t \tbar=2,\t \tbaz=3", "foo=1,bar=2,baz=3"),
        (" foo=1", "foo=1"),
        ("\tfoo=1", "foo=1"),
        ("foo=1 ", "foo=1"),
        ("foo=1\t", "foo=1"),
        ("\t foo=1 \t", "foo=1"),
    ] {
        assert_eq!(parsed(header).to_string(), written, "{header:?}");
    }
}

#[test]
fn other_whitespace_is_not_ignored() {
    assert_eq!(rejected("foo=1\n"), character(1, "value", 2, '\n'));
    assert_eq!(rejected("foo=1,\rbar=2"), character(2, "key", 1, '\r'));
    assert_eq!(rejected("\u{a0}foo=1"), character(1, "key", 1, '\u{a0}'));
}

#[test]
fn leading_spaces_belong_to_the_value_and_trailing_ones_do_not() {
    let state = parsed("foo=  1 2  ,bar= ! ");
    assert_eq!(state.get("foo"), Some("  1 2"));
    assert_eq!(state.get("bar"), Some(" !"));
    assert_eq!(state.to_string(), "foo=  1 2,bar= !");
}

#[test]
fn a_value_of_spaces_only_is_empty_and_invalid() {
    for header in ["foo=", "foo= ", "foo=\t", "foo= \t ,bar=3", "foo=,bar=3"] {
        assert_eq!(rejected(header), length(1, "value", 0, 256), "{header:?}");
    }
}

#[test]
fn empty_headers_and_members_are_allowed() {
    for header in ["", " ", "\t", ",", " ,\t, ,", ",,,,"] {
        let state = parsed(header);
        assert!(state.is_empty(), "{header:?}");
        assert_eq!(state, TraceState::default(), "{header:?}");
        assert_eq!(state.to_string(), "", "{header:?}");
        assert_eq!(state.iter().count(), 0, "{header:?}");
    }
    assert_eq!(parsed(",foo=1,, ,bar=2,").to_string(), "foo=1,bar=2");
}

#[test]
fn empty_headers_beside_others_change_nothing() {
    for headers in [["foo=1", ""], ["", "foo=1"], ["foo=1", " , "]] {
        let state = TraceState::parse_all(headers).unwrap();
        assert_eq!(state.to_string(), "foo=1", "{headers:?}");
    }
    assert!(TraceState::parse_all([]).unwrap().is_empty());
}

#[test]
fn several_headers_are_joined_in_their_order() {
    let state = TraceState::parse_all(["foo=1,bar=2", "rojo=1,congo=2", "baz=3"]).unwrap();
    assert_eq!(state.to_string(), "foo=1,bar=2,rojo=1,congo=2,baz=3");
}

#[test]
fn a_member_cannot_be_spread_over_two_headers() {
    assert_eq!(
        TraceState::parse_all(["foo=1,bar", "=2"]),
        Err(InvalidTraceState::NoEqualsSign { member: 2 })
    );
}

#[test]
fn every_allowed_character_of_keys_and_values_is_kept() {
    let key: String = ('a'..='z')
        .chain('0'..='9')
        .chain(['_', '-', '*', '/'])
        .collect();
    let tenant_key = format!("{key}@a-z0-9_-*/");
    let value: String = (' '..='+').chain('-'..='<').chain('>'..='~').collect();
    for key in [key, tenant_key] {
        let header = format!("{key}={value}");
        let state = parsed(&header);
        assert_eq!(state.get(&key), Some(value.as_str()));
        assert_eq!(state.to_string(), header);
    }
}

#[test]
fn keys_outside_of_the_grammar_are_invalid() {
    for (header, error) in [
        ("foo =1", character(1, "key", 4, ' ')),
        ("FOO=1", character(1, "key", 1, 'F')),
        ("fOo=1", character(1, "key", 2, 'O')),
        ("foo.bar=1", character(1, "key", 4, '.')),
        ("foo\tbar=1", character(1, "key", 4, '\t')),
        ("0foo=1", character(1, "key", 1, '0')),
        ("_foo=1", character(1, "key", 1, '_')),
        ("clé=1", character(1, "key", 3, 'é')),
        ("=1", length(1, "key", 0, 256)),
        ("foo@=1,bar=2", length(1, "system id", 0, 14)),
        ("@foo=1,bar=2", length(1, "tenant id", 0, 241)),
        ("@=1", length(1, "tenant id", 0, 241)),
        ("bar=2,foo@@bar=1", character(2, "key", 5, '@')),
        ("foo@bar@baz=1,bar=2", character(1, "key", 8, '@')),
        ("foo@0bar=1", character(1, "key", 5, '0')),
        ("foo@_bar=1", character(1, "key", 5, '_')),
        ("-foo@bar=1", character(1, "key", 1, '-')),
        ("0F@bar=1", character(1, "key", 2, 'F')),
    ] {
        assert_eq!(rejected(header), error, "{header:?}");
    }
}

#[test]
fn a_tenant_id_may_begin_with_a_digit() {
    assert_eq!(parsed("0foo@bar=1").get("0foo@bar"), Some("1"));
    assert_eq!(parsed("1@b=1").get("1@b"), Some("1"));
}

#[test]
fn keys_up_to_their_length_limits_are_valid() {
    for key in [
        "z".to_owned(),
        "z".repeat(256),
        format!("{}@{}", "t".repeat(241), "v".repeat(14)),
    ] {
        let state = TraceState::parse_all(["foo=1", &format!("{key}=1")]).unwrap();
        assert_eq!(state.get("foo"), Some("1"));
        assert_eq!(state.get(&key), Some("1"));
    }
}

#[test]
fn keys_beyond_their_length_limits_are_invalid() {
    for (key, error) in [
        ("z".repeat(257), length(2, "key", 257, 256)),
        (
            format!("{}@v", "t".repeat(242)),
            length(2, "tenant id", 242, 241),
        ),
        (
            format!("t@{}", "v".repeat(15)),
            length(2, "system id", 15, 14),
        ),
    ] {
        assert_eq!(
            TraceState::parse_all(["foo=1", &format!("{key}=1")]),
            Err(error)
        );
    }
}

#[test]
fn values_may_have_256_characters_without_the_spaces_around_the_member() {
    let value = "x".repeat(256);
    assert_eq!(
        parsed(&format!("foo={value} \t")).get("foo"),
        Some(value.as_str())
    );
    let leading = format!("{}x", " ".repeat(255));
    assert_eq!(
        parsed(&format!("foo={leading}")).get("foo"),
        Some(leading.as_str())
    );
    assert_eq!(
        rejected(&format!("foo=1,bar={value}x")),
        length(2, "value", 257, 256)
    );
    assert_eq!(
        rejected(&format!("foo= {leading}")),
        length(1, "value", 257, 256)
    );
}

#[test]
fn values_outside_of_the_grammar_are_invalid() {
    for (header, error) in [
        ("foo=bar=baz", character(1, "value", 4, '=')),
        ("foo==", character(1, "value", 1, '=')),
        ("foo=\t1", character(1, "value", 1, '\t')),
        ("foo=1\t2", character(1, "value", 2, '\t')),
        ("foo=1\u{7f}", character(1, "value", 2, '\u{7f}')),
        ("foo=1\u{1f}", character(1, "value", 2, '\u{1f}')),
        ("foo=ü", character(1, "value", 1, 'ü')),
    ] {
        assert_eq!(rejected(header), error, "{header:?}");
    }
}

#[test]
fn a_member_without_an_equals_sign_is_invalid() {
    assert_eq!(
        rejected("foobarbaz"),
        InvalidTraceState::NoEqualsSign { member: 1 }
    );
    assert_eq!(
        rejected("foo=1,,bar"),
        InvalidTraceState::NoEqualsSign { member: 2 }
    );
}

#[test]
fn thirty_two_members_are_valid_and_thirty_three_are_not() {
    let state = parse_lines(&lines_of_numbered_members(32)).unwrap();
    assert_eq!(state.get("bar01"), Some("01"));
    assert_eq!(state.get("bar32"), Some("32"));
    assert_eq!(state.iter().count(), 32);
    assert_eq!(
        parse_lines(&lines_of_numbered_members(33)),
        Err(InvalidTraceState::TooManyMembers)
    );
}

#[test]
fn empty_members_do_not_count_towards_the_limit() {
    let header = lines_of_numbered_members(32).join(", ,,");
    assert_eq!(parsed(&format!(",{header},")).iter().count(), 32);
}

#[test]
fn a_long_header_is_kept_whole() {
    let members: Vec<String> = (0..32)
        .map(|n| format!("k{n:02}{}={}", "k".repeat(253), "v".repeat(256)))
        .collect();
    let header = members.join(",");
    assert_eq!(parsed(&header).to_string(), header);
}

#[test]
fn a_new_member_goes_to_the_front() {
    let state = parsed("foo=1,bar=2").insert("baz", " 3").unwrap();
    assert_eq!(state.to_string(), "baz= 3,foo=1,bar=2");
    let first = TraceState::default().insert("foo", "1").unwrap();
    assert_eq!(first.to_string(), "foo=1");
}

#[test]
fn a_changed_member_moves_to_the_front_and_the_others_keep_their_order() {
    let before = parsed("foo=1,bar=2,baz=3");
    let after = before.insert("bar", "4").unwrap();
    assert_eq!(after.to_string(), "bar=4,foo=1,baz=3");
    assert_eq!(before.to_string(), "foo=1,bar=2,baz=3");
}

#[test]
fn the_right_most_member_makes_room_for_a_thirty_third() {
    let full = parse_lines(&lines_of_numbered_members(32)).unwrap();
    let state = full.insert("foo", "1").unwrap();
    assert_eq!(state.iter().count(), 32);
    assert_eq!(state.iter().next(), Some(("foo", "1")));
    assert_eq!(state.get("bar31"), Some("31"));
    assert_eq!(state.get("bar32"), None);
}

#[test]
fn changing_a_member_of_a_full_state_drops_none() {
    let full = parse_lines(&lines_of_numbered_members(32)).unwrap();
    let state = full.insert("bar32", "new").unwrap();
    assert_eq!(state.iter().count(), 32);
    assert_eq!(state.iter().next(), Some(("bar32", "new")));
    assert_eq!(state.iter().last(), Some(("bar31", "31")));
}

#[test]
fn a_member_outside_of_the_grammar_cannot_be_inserted() {
    let state = parsed("foo=1");
    for (key, value, error) in [
        ("", "1", length(1, "key", 0, 256)),
        ("foo=", "1", character(1, "key", 4, '=')),
        ("foo,bar", "1", character(1, "key", 4, ',')),
        (" foo", "1", character(1, "key", 1, ' ')),
        ("1foo", "1", character(1, "key", 1, '1')),
        ("foo", "", length(1, "value", 0, 256)),
        ("foo", "1,2", character(1, "value", 2, ',')),
        ("foo", "1=2", character(1, "value", 2, '=')),
        ("foo", "1 ", character(1, "value", 2, ' ')),
        ("foo", " ", character(1, "value", 1, ' ')),
    ] {
        assert_eq!(state.insert(key, value), Err(error), "{key:?} {value:?}");
    }
}

#[test]
fn a_removed_member_is_gone_and_the_others_keep_their_order() {
    let state = parsed("foo=1,bar=2,baz=3");
    assert_eq!(state.remove("bar").to_string(), "foo=1,baz=3");
    assert_eq!(state.remove("other"), state);
    assert_eq!(parsed("foo=1").remove("foo"), TraceState::default());
}

#[test]
fn an_empty_state_has_no_memory_and_a_clone_shares_it() {
    assert!(parsed(" ,\t,").header.is_none());
    assert!(parsed("foo=1").remove("foo").header.is_none());
    let state = parsed("foo=1");
    let clone = state.clone();
    assert!(Arc::ptr_eq(
        state.header.as_ref().unwrap(),
        clone.header.as_ref().unwrap()
    ));
}

#[test]
fn debug_shows_the_header_value() {
    assert_eq!(format!("{:?}", parsed("foo=1 ")), r#"TraceState("foo=1")"#);
    assert_eq!(format!("{:?}", TraceState::default()), r#"TraceState("")"#);
}

#[test]
fn errors_say_what_is_wrong_and_where() {
    let many = lines_of_numbered_members(33).join(",");
    for (error, message) in [
        (rejected(&many), "tracestate has more than 32 members"),
        (
            rejected("foo=1,foo=2"),
            "member 2 of tracestate repeats an earlier key",
        ),
        (
            rejected("foo=1,bar"),
            "member 2 of tracestate has no equals sign",
        ),
        (
            rejected("foo@=1"),
            "system id of tracestate member 1 has 0 characters where 1 to 14 are allowed",
        ),
        (
            rejected("foo=1,bAr=2"),
            "character 2 in the key of tracestate member 2 is 'A', which is not allowed there",
        ),
        (
            rejected("foo=1\n"),
            r"character 2 in the value of tracestate member 1 is '\n', which is not allowed there",
        ),
        (
            TraceState::default().insert("foo", "1 ").unwrap_err(),
            "character 2 in the value of tracestate member 1 is ' ', which is not allowed there",
        ),
    ] {
        let error: Box<dyn error::Error> = Box::new(error);
        assert_eq!(error.to_string(), message);
    }
}

fn text_of(random: &mut Rng, alphabet: &str, lengths: std::ops::RangeInclusive<usize>) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    (0..random.usize(lengths))
        .map(|_| alphabet[random.usize(..alphabet.len())])
        .collect()
}

#[test]
fn random_states_survive_a_round_trip() {
    let mut random = Rng::with_seed(0x57a7e);
    for _ in 0..100 {
        let mut state = TraceState::default();
        let mut expected: Vec<(String, String)> = Vec::new();
        for _ in 0..random.usize(..200) {
            let key = text_of(&mut random, "abcdefg", 2..=2);
            let value = text_of(&mut random, " aZ09!~@;", 0..=12) + "$";
            state = state.insert(&key, &value).unwrap();
            expected.retain(|(other, _)| *other != key);
            expected.insert(0, (key, value));
            expected.truncate(32);
        }

        let again = parsed(&state.to_string());
        assert_eq!(again, state);
        let members: Vec<_> = again
            .iter()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        assert_eq!(members, expected);
    }
}

#[test]
fn arbitrary_texts_never_panic_and_accepted_ones_are_stable() {
    let mut random = Rng::with_seed(0x32);
    let (mut accepted, mut refused) = (0, 0);
    for round in 0..20_000 {
        let alphabet = if round % 2 == 0 {
            "abcd@=,, \t"
        } else {
            "ab09_-*/@==,, \t\n\u{0}AZ~é漢🦀"
        };
        let text = text_of(&mut random, alphabet, 0..=12);
        match TraceState::parse(&text) {
            Ok(state) => {
                accepted += 1;
                assert_eq!(parsed(&state.to_string()), state, "{text:?}");
                assert_eq!(state.is_empty(), state.iter().next().is_none(), "{text:?}");
            }
            Err(error) => {
                refused += 1;
                assert!(!error.to_string().is_empty(), "{text:?}");
            }
        }
        let key = text_of(&mut random, alphabet, 0..=3);
        if let Ok(state) = TraceState::default().insert(&key, &text) {
            assert_eq!(state.get(&key), Some(text.as_str()));
            assert_eq!(parsed(&state.to_string()), state);
        }
    }
    assert!(accepted > 1_000, "{accepted} accepted");
    assert!(refused > 1_000, "{refused} refused");
}
