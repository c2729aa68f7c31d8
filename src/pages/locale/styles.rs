//! What languages and regions do with numbers, after Unicode's CLDR: the same that browsers do (`Intl`), which a test holds.

/// Where a percent sign stands.
#[derive(Clone, Copy, Debug)]
pub enum Percent {
    After,
    AfterAndApart,
    Before,
    BeforeAndApart,
}

/// Where a currency stands.
#[derive(Clone, Copy, Debug)]
pub enum Unit {
    Before,
    BeforeAndApart,
    After,
    AfterAndApart,
}

/// How numbers are written.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Between whole and fraction.
    pub decimal: &'static str,
    /// Between groups of digits.
    pub group: &'static str,
    /// Digits that stand before the first separator at least.
    pub least: usize,
    /// Groups of two before the last three digits.
    pub indian: bool,
    pub minus: &'static str,
    pub percent: Percent,
    pub unit: Unit,
}

const SPACE: &str = "\u{a0}";
const NARROW: &str = "\u{202f}";
const APOSTROPHE: &str = "’";

/// `1,234.5`, `12%`, `€10`.
pub const ENGLISH: Style = Style {
    decimal: ".",
    group: ",",
    least: 1,
    indian: false,
    minus: "-",
    percent: Percent::After,
    unit: Unit::Before,
};
/// `1.234,5`, `12%`, `10 €`.
const POINTS: Style = Style { decimal: ",", group: ".", unit: Unit::AfterAndApart, ..ENGLISH };
/// `1 234,5`, `12%`, `10 €`.
const SPACES: Style = Style { group: SPACE, ..POINTS };

impl Style {
    const fn apart(self) -> Self {
        Self { percent: Percent::AfterAndApart, ..self }
    }

    const fn unit(self, unit: Unit) -> Self {
        Self { unit, ..self }
    }

    const fn unit_before(self) -> Self {
        self.unit(Unit::Before)
    }

    const fn unit_before_and_apart(self) -> Self {
        self.unit(Unit::BeforeAndApart)
    }

    /// Four digits stand together: `1234,5`, `12.345,6`.
    const fn four_together(self) -> Self {
        Self { least: 2, ..self }
    }

    const fn group(self, group: &'static str) -> Self {
        Self { group, ..self }
    }

    const fn indian(self) -> Self {
        Self { indian: true, ..self }
    }

    const fn long_minus(self) -> Self {
        Self { minus: "−", ..self }
    }
}

/// Tags that write alike. A region is listed where it does not write as its language does.
const STYLES: [(&str, Style); 37] = [
    (
        "en kn si th ms fil ja ko zh yue zu am so yo ig cy ga gd mt ur es-MX es-US es-419 es-GT es-DO es-PR es-HN \
         es-NI es-PA es-SV",
        ENGLISH,
    ),
    ("en-IN hi bn-IN gu pa ta te mr ml or", ENGLISH.indian()),
    ("as ne", ENGLISH.indian().unit_before_and_apart()),
    ("bn", ENGLISH.indian().unit(Unit::After)),
    ("km", ENGLISH.unit(Unit::After)),
    ("ar he my", ENGLISH.unit(Unit::AfterAndApart)),
    ("fa", ENGLISH.long_minus().unit_before_and_apart()),
    ("es-PE sw ha mn sd", ENGLISH.unit_before_and_apart()),
    ("de-CH de-LI", ENGLISH.group(APOSTROPHE).unit_before_and_apart()),
    ("en-CH", ENGLISH.group(APOSTROPHE)),
    ("it-CH", ENGLISH.group(APOSTROPHE).four_together().unit_before_and_apart()),
    ("en-ZA af", SPACES.unit_before()),
    ("en-DE en-DK", POINTS.apart().unit_before()),
    ("en-BE en-NL en-SI", POINTS.unit_before()),
    ("en-AT", POINTS.apart().unit_before_and_apart()),
    ("en-SE en-FI", SPACES.apart().unit_before()),
    ("de da mk ca gl lb fr-LU fr-MA ro", POINTS.apart()),
    ("de-AT", SPACES.apart().unit_before_and_apart()),
    ("fr", SPACES.group(NARROW).apart()),
    ("fr-CH", SPACES.group(NARROW)),
    ("fr-CA cs sk ru tt tk", SPACES.apart()),
    ("it", POINTS.four_together()),
    ("es", POINTS.four_together().apart()),
    ("es-AR es-CO es-UY es-PY pt jv nl", POINTS.unit_before_and_apart()),
    ("es-CL es-VE es-EC es-BO id lo", POINTS.unit_before()),
    ("es-CR", SPACES.unit_before()),
    ("pt-PT lv pl bg sq ka hy hu", SPACES.four_together()),
    ("pt-AO kk ky uz tg uk", SPACES),
    ("sv nb no nn fi lt", SPACES.long_minus().apart()),
    ("et", SPACES.long_minus().four_together()),
    ("fo hr", POINTS.long_minus().apart()),
    ("sl", POINTS.long_minus().four_together().apart()),
    ("is sr bs el az vi ar-MA ar-DZ ar-TN", POINTS),
    ("tr", Style { percent: Percent::Before, ..POINTS.unit_before() }),
    ("eu", Style { percent: Percent::BeforeAndApart, ..POINTS.long_minus() }),
    ("be", SPACES.four_together().apart()),
    ("rm", SPACES.group(NARROW).unit_before()),
];

/// The style of a tag, as it stands in the list: `de`, `de-AT`.
pub fn of(tag: &str) -> Option<&'static Style> {
    let listed = |tags: &str| tags.split(' ').any(|listed| listed == tag);
    STYLES.iter().find(|(tags, _)| listed(tags)).map(|(_, style)| style)
}

/// Every tag that is listed.
#[cfg(test)]
pub fn tags() -> impl Iterator<Item = &'static str> {
    STYLES.iter().flat_map(|(tags, _)| tags.split(' '))
}
