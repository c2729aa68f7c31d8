//! How cells look: number formats by what they hold, and the header's style.

use super::text::push_xml;
use crate::money::Currency;

/// How a cell looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// As a reader shows it.
    Plain,
    /// A heading.
    Heading,
    /// A heading of numbers, above their last digits.
    NumberHeading,
    /// Text that Excel would take for a formula if a person edited it: it stays text.
    Quoted,
    /// Text of several lines: the row grows with them.
    Lines,
    /// A number as text, where other numbers are.
    Digits,
    /// A count.
    Integer,
    /// Money.
    Amount(Currency),
    /// A decimal number.
    Number(u32),
    /// A percentage.
    Percent(u32),
    /// A day.
    Date,
    /// An instant of whole seconds.
    Second,
    /// An instant between seconds.
    Millisecond,
}

/// The styles that a workbook uses. A cell names one by its number.
#[derive(Debug)]
pub(super) struct Styles(Vec<Style>);

/// Number formats below this are built in.
const FIRST_FORMAT: usize = 164;
/// Excel's longest number format has 255 characters, and no number has as many digits.
const MOST_DIGITS: u32 = 30;

impl Styles {
    /// The first one is what cells without a style have.
    pub(super) fn new() -> Self {
        Self(vec![Style::Plain])
    }

    /// The number of a style.
    pub(super) fn number(&mut self, style: Style) -> usize {
        self.0.iter().position(|known| *known == style).unwrap_or_else(|| {
            self.0.push(style);
            self.0.len() - 1
        })
    }

    /// The part `xl/styles.xml`.
    pub(super) fn part(&self) -> String {
        let count = self.0.len();
        let numbered = || self.0.iter().enumerate();
        let formats: String = numbered().filter_map(|(number, style)| style.format(number)).collect();
        let styles: String = numbered().map(|(number, style)| style.element(number)).collect();
        let numbers = self.0.iter().filter(|style| style.code().is_some()).count();
        let formats = match numbers {
            0 => String::new(),
            _ => format!(r#"<numFmts count="{numbers}">{formats}</numFmts>"#),
        };
        format!(r#"{START}{formats}{LOOKS}<cellXfs count="{count}">{styles}</cellXfs>{END}"#)
    }
}

impl Style {
    /// Excel's number format.
    fn code(self) -> Option<String> {
        match self {
            Self::Plain | Self::Heading | Self::NumberHeading | Self::Quoted | Self::Lines | Self::Digits => {
                None
            }
            Self::Integer => Some("#,##0".to_owned()),
            Self::Amount(currency) => {
                Some(format!(r"#,##0{}\ [${}]", fraction(currency.digits()), currency.code()))
            }
            Self::Number(digits) => Some(format!("#,##0{}", fraction(digits))),
            Self::Percent(digits) => Some(format!("0{}%", fraction(digits))),
            Self::Date => Some(r"yyyy\-mm\-dd".to_owned()),
            Self::Second => Some(r"yyyy\-mm\-dd\ hh:mm:ss".to_owned()),
            Self::Millisecond => Some(r"yyyy\-mm\-dd\ hh:mm:ss.000".to_owned()),
        }
    }

    fn format(self, number: usize) -> Option<String> {
        let mut code = String::new();
        push_xml(&mut code, &self.code()?);
        Some(format!(r#"<numFmt numFmtId="{}" formatCode="{code}"/>"#, FIRST_FORMAT + number))
    }

    fn element(self, number: usize) -> String {
        let plain = r#"fontId="0" fillId="0" borderId="0" xfId="0""#;
        let heading = r#"numFmtId="0" fontId="1" fillId="2" borderId="1" xfId="0" applyFont="1" applyFill="1" applyBorder="1""#;
        let right = r#"applyAlignment="1"><alignment horizontal="right"/></xf>"#;
        match self {
            Self::Plain => format!(r#"<xf numFmtId="0" {plain}/>"#),
            Self::Heading => format!("<xf {heading}/>"),
            Self::NumberHeading => format!("<xf {heading} {right}"),
            Self::Quoted => format!(r#"<xf numFmtId="0" {plain} quotePrefix="1"/>"#),
            Self::Lines => {
                format!(r#"<xf numFmtId="0" {plain} applyAlignment="1"><alignment wrapText="1"/></xf>"#)
            }
            Self::Digits => format!(r#"<xf numFmtId="0" {plain} {right}"#),
            _ => format!(r#"<xf numFmtId="{}" {plain} applyNumberFormat="1"/>"#, FIRST_FORMAT + number),
        }
    }
}

fn fraction(digits: u32) -> String {
    match digits.min(MOST_DIGITS) {
        0 => String::new(),
        digits => format!(".{}", "0".repeat(digits as usize)),
    }
}

const START: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">"#;

/// The first two fills are the format's own.
const LOOKS: &str = concat!(
    r#"<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>"#,
    r#"<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>"#,
    r#"<fills count="3"><fill><patternFill patternType="none"/></fill>"#,
    r#"<fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid">"#,
    r#"<fgColor rgb="FFDDEBF7"/><bgColor indexed="64"/></patternFill></fill></fills>"#,
    r#"<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>"#,
    r#"<border><left/><right/><top/><bottom style="thin"><color auto="1"/></bottom><diagonal/></border></borders>"#,
    r#"<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>"#,
);

const END: &str = concat!(
    r#"<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>"#,
    r#"<dxfs count="0"/></styleSheet>"#,
);
