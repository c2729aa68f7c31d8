//! The metrics' text, read as strictly as `OpenMetrics` 1.0 asks.

use std::collections::{BTreeMap, BTreeSet};

/// What was told.
#[derive(Debug)]
pub struct Exposition {
    /// Type and help of each family.
    pub families: BTreeMap<String, Family>,
    /// Values by series, as they are written.
    pub samples: BTreeMap<String, String>,
}

/// What stands above a family's samples.
#[derive(Debug, Default)]
pub struct Family {
    pub kind: String,
    pub help: String,
    pub unit: Option<String>,
}

/// What a type's samples may be called.
fn suffixes(kind: &str) -> &'static [&'static str] {
    match kind {
        "counter" => &["_total"],
        "gauge" => &[""],
        "histogram" => &["_bucket", "_sum", "_count"],
        "info" => &["_info"],
        other => panic!("an unknown type: {other}"),
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && !name.starts_with(|first: char| first.is_ascii_digit())
}

/// The pairs between a series' braces; values are told without their quotes.
fn labels(series: &str) -> Vec<(String, String)> {
    let Some((_, inside)) = series.split_once('{') else { return Vec::new() };
    let mut rest = inside.strip_suffix('}').unwrap_or_else(|| panic!("no end: {series}"));
    let mut pairs = Vec::new();
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("no value: {series}"));
        assert!(is_name(name), "{series}");
        let end = after
            .char_indices()
            .scan(false, |escaped, (at, character)| {
                let ends = character == '"' && !*escaped;
                *escaped = character == '\\' && !*escaped;
                Some((at, ends))
            })
            .find_map(|(at, ends)| ends.then_some(at))
            .unwrap_or_else(|| panic!("no quote: {series}"));
        pairs.push((name.to_owned(), after[..end].to_owned()));
        rest = after[end + 1..].strip_prefix(',').unwrap_or(&after[end + 1..]);
    }
    let names: BTreeSet<&String> = pairs.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), pairs.len(), "a label twice: {series}");
    pairs
}

impl Exposition {
    /// Reads `text`; whatever is not as it should be fails the test.
    pub fn parse(text: &str) -> Self {
        let body = text.strip_suffix("# EOF\n").expect("the text ends");
        let mut told = Self { families: BTreeMap::new(), samples: BTreeMap::new() };
        let mut current = String::new();
        for line in body.lines() {
            if let Some(comment) = line.strip_prefix("# ") {
                let (what, rest) = comment.split_once(' ').expect(line);
                let (name, words) = rest.split_once(' ').expect(line);
                if name != current {
                    assert!(!told.families.contains_key(name), "{name} comes in two pieces");
                    name.clone_into(&mut current);
                }
                let family = told.families.entry(name.to_owned()).or_default();
                match what {
                    "HELP" => words.clone_into(&mut family.help),
                    "TYPE" => words.clone_into(&mut family.kind),
                    "UNIT" => family.unit = Some(words.to_owned()),
                    _ => panic!("{line}"),
                }
                continue;
            }
            let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no sample: {line:?}"));
            let name = series.split('{').next().expect("a name");
            let family = told.families.get(&current).unwrap_or_else(|| panic!("no family: {line}"));
            let suffix = name.strip_prefix(current.as_str()).unwrap_or_else(|| panic!("another's: {line}"));
            assert!(suffixes(&family.kind).contains(&suffix), "{line} in a {}", family.kind);
            assert!(is_name(name), "{line}");
            labels(series);
            assert!(value.parse::<f64>().is_ok(), "no number: {line}");
            assert!(told.samples.insert(series.to_owned(), value.to_owned()).is_none(), "{series} twice");
        }
        for (name, family) in &told.families {
            assert!(family.help.ends_with('.') && family.help.len() > 5, "{name} lacks help");
            assert!(!family.kind.is_empty(), "{name} lacks a type");
            assert!(family.unit.as_ref().is_none_or(|unit| name.ends_with(&format!("_{unit}"))), "{name}");
            let is_time = name.contains("duration") || name.contains("time");
            assert_eq!(is_time, name.ends_with("_seconds"), "{name}");
        }
        told
    }

    /// What counters and counts of histograms went up by, where they did.
    pub fn counts_since(&self, before: &Self) -> BTreeMap<String, u64> {
        let is_count = |series: &str| {
            let name = series.split('{').next().expect("a name");
            name.ends_with("_total") || name.ends_with("_count")
        };
        let counts = self.samples.keys().filter(|series| is_count(series));
        let before =
            |series: &str| if before.samples.contains_key(series) { before.count(series) } else { 0 };
        let grown = counts.map(|series| (series.clone(), self.count(series) - before(series)));
        grown.filter(|(_, grown)| *grown != 0).collect()
    }

    /// The values that a label takes in any series.
    pub fn values_of(&self, label: &str) -> BTreeSet<String> {
        let all = self.samples.keys().flat_map(|series| labels(series));
        all.filter(|(name, _)| name == label).map(|(_, value)| value).collect()
    }

    /// The whole number of one series, which must be there.
    pub fn count(&self, series: &str) -> u64 {
        let value = self.samples.get(series).unwrap_or_else(|| panic!("no {series} in {:#?}", self.samples));
        value.parse().unwrap_or_else(|_| panic!("{series} {value}"))
    }
}

#[test]
fn what_is_not_as_it_should_be_is_found() {
    let family = "# HELP a_b Help me.\n# TYPE a_b counter\n";
    let parses = |lines: &str| {
        let text = format!("{family}{lines}# EOF\n");
        std::panic::catch_unwind(|| Exposition::parse(&text)).is_ok()
    };
    assert!(parses("a_b_total 1\na_b_total{x=\"y\\\"} \"} 2\n"));
    for wrong in [
        "a_b 1\n",
        "a_b_total\n",
        "a_b_total one\n",
        "a_b_total 1\na_b_total 2\n",
        "c_total 1\n",
        "a_b_total{x=\"y} 1\n",
        "a_b_total{x=\"y\",x=\"z\"} 1\n",
        "# TYPE c counter\n",
        "# HELP c_seconds Help.\n# TYPE c_seconds gauge\nc_seconds 1\n",
    ] {
        assert!(!parses(wrong), "{wrong}");
    }
}
