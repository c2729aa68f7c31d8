//! What visitors browse with: device, browser and operating system by the `User-Agent` that they send.

use std::path::Path;
use std::sync::Arc;

use moka::sync::Cache;
use user_agent_parser::UserAgentParser;

/// Patterns of the agents that shops see.
const PATTERNS: &str = include_str!("agents.yaml");
/// The device of what is no visitor.
const SPIDER: &str = "Spider";
/// What is said where no pattern is found.
const OTHER: &str = "Other";
/// How many agents are remembered: visitors share few.
const REMEMBERED: u64 = 10_000;
/// Longest agent that is looked at.
const LONGEST: usize = 1024;

/// What a visitor browses with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Whether it is no visitor but a program.
    pub is_bot: bool,
    /// `desktop`, `mobile` or `tablet`.
    pub device: &'static str,
    /// The browser's family.
    pub browser: Option<Box<str>>,
    /// The operating system's family.
    pub os: Option<Box<str>>,
}

/// Tells agents.
#[derive(Clone)]
pub struct Agents {
    parser: Arc<UserAgentParser>,
    known: Cache<Box<str>, Arc<Agent>>,
}

impl Agents {
    /// By these patterns, which have the form of uap-core's; by this server's own where none are given. Refuses what is none.
    pub fn new(patterns: Option<&str>) -> Result<Self, String> {
        let parser =
            UserAgentParser::from_str(patterns.unwrap_or(PATTERNS)).map_err(|error| error.to_string())?;
        Ok(Self { parser: Arc::new(parser), known: Cache::new(REMEMBERED) })
    }

    /// By the file at `path`; by this server's own patterns where there is none. Refuses what is no such file.
    pub fn open(path: Option<&Path>) -> Result<Self, String> {
        let Some(path) = path else { return Self::new(None) };
        let patterns = std::fs::read_to_string(path)
            .map_err(|error| format!("`{}` cannot be read: {error}", path.display()))?;
        Self::new(Some(&patterns))
            .map_err(|error| format!("`{}` has no patterns in uap-core's format: {error}", path.display()))
    }

    /// What a `User-Agent` says; who sends none is no visitor.
    pub fn read(&self, text: &str) -> Arc<Agent> {
        if let Some(known) = self.known.get(text) {
            return known;
        }
        let agent = Arc::new(self.parsed(text));
        if text.len() <= LONGEST {
            self.known.insert(text.into(), Arc::clone(&agent));
        }
        agent
    }

    fn parsed(&self, text: &str) -> Agent {
        let is_bot = text.is_empty()
            || text.len() > LONGEST
            || self.parser.parse_device(text).name.as_deref() == Some(SPIDER);
        if is_bot {
            return Agent { is_bot, device: "desktop", browser: None, os: None };
        }
        let named =
            |name: Option<std::borrow::Cow<'_, str>>| name.filter(|name| name != OTHER).map(Into::into);
        let os: Option<Box<str>> = named(self.parser.parse_os(text).name);
        let browser = named(self.parser.parse_product(text).name);
        Agent { is_bot, device: device(text, os.as_deref()), browser, os }
    }
}

/// Tablets say so, or are Androids that do not say `Mobile`.
fn device(text: &str, os: Option<&str>) -> &'static str {
    let is_android = os == Some("Android");
    let is_tablet = text.contains("iPad")
        || text.contains("Tablet")
        || text.contains("Silk/") && !text.contains("Mobile")
        || is_android && !text.contains("Mobile") && !text.contains("Opera Mini");
    if is_tablet {
        return "tablet";
    }
    let is_mobile = is_android || text.contains("Mobile") || text.contains("iPhone") || text.contains("iPod");
    if is_mobile || text.contains("Opera Mini") { "mobile" } else { "desktop" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (bool, &'static str, Option<String>, Option<String>) {
        let agent = Agents::new(None).expect("patterns").read(text);
        let owned = |name: &Option<Box<str>>| name.as_deref().map(str::to_owned);
        (agent.is_bot, agent.device, owned(&agent.browser), owned(&agent.os))
    }

    #[test]
    fn agents_say_what_they_are() {
        for (text, device, browser, os) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
                "desktop",
                "Chrome",
                "Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
                "desktop",
                "Edge",
                "Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
                "desktop",
                "Safari",
                "macOS",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
                "desktop",
                "Firefox",
                "Linux",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
                "desktop",
                "Chrome",
                "ChromeOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                "mobile",
                "Safari",
                "iOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1",
                "mobile",
                "Chrome",
                "iOS",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
                "tablet",
                "Safari",
                "iOS",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
                "mobile",
                "Chrome",
                "Android",
            ),
            (
                "Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Safari/537.36",
                "tablet",
                "Samsung Internet",
                "Android",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UQ1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36 Instagram 333.0.0.42.91 Android",
                "mobile",
                "Instagram",
                "Android",
            ),
        ] {
            assert_eq!(told(text), (false, device, Some(browser.to_owned()), Some(os.to_owned())), "{text}");
        }
    }

    #[test]
    fn programs_are_no_visitors() {
        for text in [
            "",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/103.0.5060.134 Safari/537.36",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "curl/8.5.0",
            "python-requests/2.32.0",
            "Go-http-client/2.0",
            "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
            "ubot/1.0",
            "Mozilla/5.0 (compatible; some_bot_2; +https://bots.example)",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 DatadogSynthetics",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/98.0.4758.102 Safari/537.36 StatusCake",
            "Mozilla/5.0 (compatible; Site24x7; +https://www.site24x7.com)",
            "Mozilla/5.0 (compatible; Cloudflare-Healthchecks/1.0; +https://www.cloudflare.com/; healthcheck-id: 1)",
            "HTTPie/3.2.2",
            "GuzzleHttp/7",
            "node",
            "got (https://github.com/sindresorhus/got)",
            "reqwest/0.12.4",
            "Deno/1.44.0",
            "Bun/1.1.13",
            "Dart/3.4 (dart:io)",
            "k6/0.51.0 (https://k6.io/)",
            "Mozilla/5.0 (compatible; Qwantify/1.0; +https://www.qwant.com/)",
            "Iframely/1.3.1 (+https://iframely.com/docs/about)",
            "Mozilla/5.0 (compatible; NetcraftSurveyAgent/1.0; +info@netcraft.com)",
        ] {
            assert!(told(text).0, "{text}");
        }
        // A telephone's maker, and words that only begin or end as programs' names do.
        for text in [
            "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20 PRO) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Android 12; KINGKONG Build/CUBOT) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36 Forgot/1 Nodes/2",
        ] {
            assert!(!told(text).0, "{text}");
        }
        assert!(told(&"x".repeat(2000)).0);
    }

    #[test]
    fn other_patterns_may_be_given() {
        let patterns =
            "user_agent_parsers:\n  - regex: '(Till)/(\\d+)'\nos_parsers: []\ndevice_parsers: []\n";
        let agent = Agents::new(Some(patterns)).expect("patterns").read("Till/3 (bot)");
        assert_eq!(
            (agent.is_bot, agent.browser.as_deref(), agent.os.as_deref()),
            (false, Some("Till"), None)
        );
        for wrong in ["", "- 1", "user_agent_parsers:\n  - regex: '('\n", "{"] {
            assert!(Agents::new(Some(wrong)).is_err(), "{wrong:?}");
        }
    }
}
