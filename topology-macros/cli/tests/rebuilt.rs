//! What is in the JSON of a topology is enough to write the topology again:
//! written, and read once more, it has the same JSON.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

#[test]
fn a_topology_can_be_written_again_from_its_json() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let all = [
        (tests.join("fixtures/whole"), "Pages"),
        (tests.join("fixtures/whole"), "Quorum"),
        (tests.join("fixtures/good"), "Orders"),
        (tests.join("fixtures/changed"), "Refunds"),
        (examples.clone(), "Orders"),
        (examples, "Census"),
    ];
    for (package, name) in all {
        let before = json(&package, name);
        let text = written(&before);
        let again = package_of(&text, name);
        let after = json(&again, name);
        assert_eq!(
            without_places(before),
            without_places(after),
            "{name}:\n{text}"
        );
        // What the JSON leaves out would be missing in both of them.
        assert_eq!(
            table(&package, name),
            table(&again, name),
            "{name}:\n{text}"
        );
        let states = [&package, &again].map(|package| package.to_str().expect("a path"));
        let difference = topology(&package, &["diff", states[0], states[1], name]);
        assert_eq!(difference, "no difference\n", "{name}:\n{text}");
    }
}

fn json(package: &Path, name: &str) -> Value {
    let text = topology(package, &["graph", name, "--format", "json"]);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}: {text}"))
}

/// The edges with all that they declare, in no order.
fn table(package: &Path, name: &str) -> Vec<String> {
    let text = topology(package, &["table", name]);
    let rows = text.lines().skip(2);
    let words = |row: &str| row.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut rows: Vec<_> = rows.map(words).collect();
    rows.sort();
    rows
}

/// What `cargo topology ..` prints.
fn topology(package: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-topology"))
        .arg("topology")
        .args(arguments)
        .current_dir(package)
        .output()
        .expect("the command runs");
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn package_of(text: &str, name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("rebuilt")
        .join(name);
    fs::create_dir_all(folder.join("src")).expect("a folder");
    let manifest = "[package]\nname = \"rebuilt\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), manifest).expect("a manifest");
    fs::write(folder.join("src/lib.rs"), text).expect("a library");
    folder
}

/// Where things stand, what documents them, and what they are numbered by is
/// not what they are.
fn without_places(mut model: Value) -> Value {
    let names: Vec<_> = items(&model, "nodes")
        .map(|node| node["name"].clone())
        .collect();
    let ends = |edge: &Value| {
        let from = edge["from"].as_array().expect("a list").iter();
        let from: Vec<_> = from.map(|at| names[index(at)].clone()).collect();
        (from, names[index(&edge["to"])].clone())
    };
    let shown: Vec<_> = items(&model, "edges")
        .map(|edge| {
            let (from, to) = ends(edge);
            let from: Vec<_> = from.iter().map(text).collect();
            format!("{} {} {}", from.join(", "), text(&edge["kind"]), text(&to))
        })
        .collect();
    for field in ["file", "place", "docs", "waivers"] {
        model.as_object_mut().expect("an object").remove(field);
    }
    strip(&mut model);
    rename(&mut model, &shown);
    for edge in model["edges"].as_array_mut().expect("edges") {
        let (from, to) = ends(edge);
        edge["from"] = from.into();
        edge["to"] = to;
    }
    for list in ["edges", "nodes"] {
        let list = model[list].as_array_mut().expect("a list");
        list.sort_by_key(Value::to_string);
    }
    model
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("place");
            fields.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// Numbers of edges, wherever a node names them, by what the edges join.
fn rename(model: &mut Value, shown: &[String]) {
    fn walk(value: &mut Value, shown: &[String]) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match (name.as_str(), &value) {
                        ("edge", Value::Number(_)) => *value = shown[index(value)].clone().into(),
                        ("edges", Value::Array(edges)) => {
                            let edges = edges.iter().map(|edge| shown[index(edge)].clone());
                            *value = edges.collect::<Vec<_>>().into();
                        }
                        _ => walk(value, shown),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, shown)),
            _ => {}
        }
    }
    for node in model["nodes"].as_array_mut().expect("nodes") {
        walk(node, shown);
        for list in ["entries", "exits"] {
            let list = node[list].as_array_mut().expect("a list");
            list.sort_by_key(Value::to_string);
        }
    }
}

/// `boundary cpu: thread [threads = 2] { hash, .. }`
fn boundary(model: &Value, number: usize) -> String {
    let own = &model["boundaries"][number];
    let restart = ["times", "within"].map(|part| own["restart"][part]["written"].as_str());
    let restart = match restart {
        [Some(times), Some(within)] => Some(format!("{times} in {within}")),
        _ => None,
    };
    let settings = [
        ("threads", own["threads"]["written"].as_str()),
        ("name", own["thread_name"].as_str()),
        ("stack_size", own["stack_size"]["written"].as_str()),
        ("restart", restart.as_deref()),
        ("strategy", own["strategy"].as_str()),
        ("codec", own["codec"].as_str()),
        ("memory", own["memory"]["written"].as_str()),
        ("cpu", own["cpu"]["written"].as_str()),
        ("start", own["start"]["written"].as_str()),
    ];
    let steps = items(model, "nodes").filter(|node| node["boundary"] == number);
    let mut members: Vec<_> = steps.map(|node| text(&node["name"]).to_owned()).collect();
    for (inner, boundary) in items(model, "boundaries").enumerate() {
        if boundary["outer"] == number {
            members.push(self::boundary(model, inner));
        }
    }
    let [name, kind] = ["name", "kind"].map(|field| text(&own[field]));
    let (said, members) = (bracket(&settings), members.join(", "));
    format!("boundary {name}: {kind}{said} {{ {members} }}")
}

/// The topology as a user would write it, edge by edge.
fn written(model: &Value) -> String {
    let mut statements = Vec::new();
    for node in items(model, "nodes") {
        let name = text(&node["name"]);
        if text(&node["path"]) != name {
            statements.push(format!("use {} as {name}", text(&node["path"])));
        }
        let settings = [
            ("replicas", node["replicas"]["written"].as_str()),
            ("key", node["key"].as_str()),
            ("rate", node["rate"].as_str()),
        ];
        let settings = settings.into_iter();
        let said = settings.filter_map(|(name, value)| Some(format!("{name} = {}", value?)));
        let said: Vec<_> = said.collect();
        if !said.is_empty() {
            statements.push(format!("{name} [{}]", said.join(", ")));
        }
        statements.extend(groups(model, node));
        statements.extend(exits(model, node));
        statements.extend(failure(model, node));
    }
    let outermost = items(model, "boundaries").enumerate();
    let outermost = outermost.filter(|(_, boundary)| boundary["outer"].is_null());
    statements.extend(outermost.map(|(number, _)| boundary(model, number)));
    statements.extend(shared_failures(model));
    statements.insert(0, header(model));
    format!("topology! {{\n    {};\n}}\n", statements.join(";\n    "))
}

fn header(model: &Value) -> String {
    let end = |end: &Value| end.as_str().unwrap_or("!").to_owned();
    let optional = match model["is_answer_optional"] {
        Value::Bool(true) => "?",
        _ => "",
    };
    let settings = [
        ("state", model["state"].as_str()),
        ("deadline", model["deadline"]["written"].as_str()),
        ("memory", model["memory"]["written"].as_str()),
        ("strategy", model["strategy"].as_str()),
    ];
    format!(
        "{}<{} -> {}{optional}>{}",
        text(&model["name"]),
        end(&model["input"]),
        end(&model["output"]),
        bracket(&settings)
    )
}

/// `a & b -> c [..]`: what several edges bring into a node by one statement.
fn groups(model: &Value, node: &Value) -> Vec<String> {
    let entries = items(node, "entries").filter_map(|entry| {
        let between = match text(&entry["kind"]) {
            "join" => " & ",
            "race" => " ^ ",
            "merge" => " | ",
            _ => return None,
        };
        let edges = entry["edges"].as_array()?;
        if edges.len() < 2 {
            return None;
        }
        let sources: Vec<_> = edges
            .iter()
            .map(|edge| from(model, edge_at(model, edge)))
            .collect();
        let contract = contract(edge_at(model, &edges[0]));
        Some(format!(
            "{} -> {}{contract}",
            sources.join(between),
            text(&node["name"])
        ))
    });
    entries.collect()
}

/// What leads out of a node, unless it is part of a group.
fn exits(model: &Value, node: &Value) -> Vec<String> {
    let name = text(&node["name"]);
    let mut statements = Vec::new();
    for exit in items(node, "exits") {
        let edges: Vec<_> = items(exit, "edges")
            .filter(|number| !is_in_a_group(model, number))
            .map(|number| edge_at(model, number))
            .collect();
        let (between, before) = match text(&exit["kind"]) {
            "match" => {
                statements.push(route(model, name, exit));
                continue;
            }
            "race" => (" ^ ", ""),
            "each" => (" & ", "each "),
            _ => (" & ", ""),
        };
        let Some(first) = edges.first() else { continue };
        let arrow = if text(&first["kind"]) == "call" {
            ">>"
        } else {
            "->"
        };
        let before = if is_all(model, first) { "all " } else { before };
        let targets: Vec<_> = edges.iter().map(|edge| to(model, edge)).collect();
        let contract = contract(first);
        let targets = targets.join(between);
        statements.push(format!("{name} {arrow} {before}{targets}{contract}"));
    }
    statements
}

fn route(model: &Value, name: &str, exit: &Value) -> String {
    let mut declared = Vec::new();
    let arms = items(exit, "arms").map(|arm| {
        let guard = arm["guard"].as_str().map(|guard| format!(" if {guard}"));
        let target = match arm["payload"].as_str() {
            None => "discard".to_owned(),
            Some(payload) => {
                let edge = edge_at(model, &arm["edge"]);
                // Arms that share a target share its edge.
                let is_first = !declared.contains(&&arm["edge"]);
                declared.push(&arm["edge"]);
                let contract = if is_first {
                    contract(edge)
                } else {
                    String::new()
                };
                format!("{}({payload}){contract}", to(model, edge))
            }
        };
        let (pattern, guard) = (text(&arm["pattern"]), guard.unwrap_or_default());
        format!("{pattern}{guard} => {target}, ")
    });
    let arms: String = arms.collect();
    format!("{name} -> match {{ {arms}}}")
}

fn failure(model: &Value, node: &Value) -> Option<String> {
    let name = text(&node["name"]);
    let failure = &node["failure"];
    match failure["kind"].as_str()? {
        "step" | "instead" => None,
        kind if failure["is_default"] == true => {
            Some(format!("else {kind}")).filter(|_| is_first_default(model, name))
        }
        kind => Some(format!("{name} else {kind}")),
    }
}

fn is_first_default(model: &Value, name: &str) -> bool {
    let mut nodes = items(model, "nodes");
    let first = nodes.find(|node| node["failure"]["is_default"] == true);
    first.is_some_and(|node| node["name"] == name)
}

/// `a, b else c [..]`
fn shared_failures(model: &Value) -> Vec<String> {
    let edges = items(model, "edges").filter_map(|edge| {
        let word = match text(&edge["kind"]) {
            "failure" => "else",
            "instead" => "else instead",
            _ => return None,
        };
        Some(format!(
            "{} {word} {}{}",
            from(model, edge),
            to(model, edge),
            contract(edge)
        ))
    });
    edges.collect()
}

fn contract(edge: &Value) -> String {
    let contract = &edge["contract"];
    let written = |name: &'static str| (name, contract[name]["written"].as_str());
    let overflow = contract["overflow"].as_str().filter(|way| *way != "block");
    bracket(&[
        written("capacity"),
        written("timeout"),
        ("overflow", overflow),
        written("limit"),
        written("within"),
        written("first"),
        written("rounds"),
        written("batch"),
        written("linger"),
    ])
}

fn bracket(settings: &[(&str, Option<&str>)]) -> String {
    let said = settings
        .iter()
        .filter_map(|(name, value)| Some(format!("{name} = {}", (*value)?)));
    let said: Vec<_> = said.collect();
    if said.is_empty() {
        return String::new();
    }
    format!(" [{}]", said.join(", "))
}

/// Whether the edge comes into its node with others, by one statement.
fn is_in_a_group(model: &Value, number: &Value) -> bool {
    let target = index(&edge_at(model, number)["to"]);
    items(&model["nodes"][target], "entries").any(|entry| {
        let edges = entry["edges"].as_array().expect("edges");
        let is_group = matches!(text(&entry["kind"]), "join" | "race" | "merge");
        is_group && edges.len() > 1 && edges.contains(number)
    })
}

fn is_all(model: &Value, edge: &Value) -> bool {
    let target = index(&edge["to"]);
    items(&model["nodes"][target], "entries").any(|entry| {
        let is_all = text(&entry["kind"]) == "all";
        is_all && items(entry, "edges").any(|number| edge_at(model, number) == edge)
    })
}

fn from(model: &Value, edge: &Value) -> String {
    let nodes = items(edge, "from");
    let names: Vec<_> = nodes
        .map(|node| text(&model["nodes"][index(node)]["name"]))
        .collect();
    names.join(", ")
}

fn to<'a>(model: &'a Value, edge: &Value) -> &'a str {
    text(&model["nodes"][index(&edge["to"])]["name"])
}

fn edge_at<'a>(model: &'a Value, number: &Value) -> &'a Value {
    &model["edges"][index(number)]
}

fn items<'a>(value: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    value[list].as_array().into_iter().flatten()
}

fn index(number: &Value) -> usize {
    let number = number.as_u64().expect("a number");
    usize::try_from(number).expect("an index")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
