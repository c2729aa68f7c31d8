//! The parts of a workbook's archive, but for the rows and the styles.

use chrono::SecondsFormat;

use super::super::document::Document;
use super::Written;
use super::names::cut;
use super::sheet::letters;
use super::text::push_xml;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const TYPES: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
/// A page's header and footer have 255 characters.
const LONGEST_TITLE: usize = 100;

/// `_rels/.rels`: what the archive's main parts are.
pub(super) const RELATIONSHIPS: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#,
    r#"<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/"#,
    r#"officeDocument" Target="xl/workbook.xml"/>"#,
    r#"<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/"#,
    r#"core-properties" Target="docProps/core.xml"/>"#,
    r#"<Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/"#,
    r#"extended-properties" Target="docProps/app.xml"/></Relationships>"#,
);

/// `docProps/app.xml`: what wrote it.
pub(super) const APPLICATION: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    r#"<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">"#,
    "<Application>Countinghouse</Application></Properties>",
);

/// `docProps/core.xml`: title, description, when it was made.
pub(super) fn properties(document: &Document) -> String {
    let created = document.created.to_rfc3339_opts(SecondsFormat::Secs, true);
    let (title, about) = (xml(&document.title), xml(&document.about));
    let dublin = "http://purl.org/dc";
    format!(
        "{DECLARATION}<cp:coreProperties \
         xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"{dublin}/elements/1.1/\" xmlns:dcterms=\"{dublin}/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         <dc:title>{title}</dc:title><dc:creator>Countinghouse</dc:creator><dc:description>{about}</dc:description>\
         <dcterms:created xsi:type=\"dcterms:W3CDTF\">{created}</dcterms:created>\
         <dcterms:modified xsi:type=\"dcterms:W3CDTF\">{created}</dcterms:modified></cp:coreProperties>"
    )
}

/// Where a sheet is, counted from 1.
pub(super) fn sheet_path(number: usize) -> String {
    format!("xl/worksheets/sheet{number}.xml")
}

/// What stands before a sheet's rows: a frozen first row, and the columns' widths.
pub(super) fn sheet_start(widths: &[usize], is_first: bool) -> String {
    let selected = if is_first { " tabSelected=\"1\"" } else { "" };
    let columns = one_by_one(widths, |number, width| {
        // Five pixels of margin beside digits that are seven wide.
        format!(r#"<col min="{number}" max="{number}" width="{width}.7109375" customWidth="1"/>"#)
    });
    format!(
        "{DECLARATION}<worksheet xmlns=\"{MAIN}\"><sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr>\
         <sheetViews><sheetView{selected} workbookViewId=\"0\">\
         <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>\
         <selection pane=\"bottomLeft\" activeCell=\"A2\" sqref=\"A2\"/></sheetView></sheetViews>\
         <sheetFormatPr defaultRowHeight=\"15\"/><cols>{columns}</cols><sheetData>"
    )
}

/// What stands behind them: a filter, and how it is printed. Numbers among texts are meant: no green corners for them.
pub(super) fn sheet_end(sheet: &Written, title: &str) -> String {
    let cells = format!("A1:{}{}", letters(sheet.columns - 1), sheet.rows);
    let title = xml(&cut(title, LONGEST_TITLE).replace('&', "&&"));
    format!(
        "</sheetData><autoFilter ref=\"{cells}\"/>\
         <pageMargins left=\"0.7\" right=\"0.7\" top=\"0.75\" bottom=\"0.75\" header=\"0.3\" footer=\"0.3\"/>\
         <pageSetup orientation=\"landscape\" fitToHeight=\"0\"/>\
         <headerFooter><oddHeader>&amp;L{title}&amp;R&amp;A</oddHeader><oddFooter>&amp;R&amp;P / &amp;N</oddFooter>\
         </headerFooter><ignoredErrors><ignoredError sqref=\"{cells}\" numberStoredAsText=\"1\"/></ignoredErrors>\
         </worksheet>"
    )
}

/// `xl/workbook.xml`: the sheets, what their filters cover, and the row that is printed on every page.
pub(super) fn workbook(sheets: &[Written]) -> String {
    let list = one_by_one(sheets, |number, sheet| {
        format!(r#"<sheet name="{}" sheetId="{number}" r:id="rId{number}"/>"#, xml(&sheet.name))
    });
    let filters = one_by_one(sheets, |number, sheet| filter_name(number - 1, sheet));
    let titles = one_by_one(sheets, |number, sheet| title_name(number - 1, sheet));
    format!(
        "{DECLARATION}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><workbookPr/>\
         <bookViews><workbookView xWindow=\"0\" yWindow=\"0\" windowWidth=\"24000\" windowHeight=\"12000\"/></bookViews>\
         <sheets>{list}</sheets><definedNames>{filters}{titles}</definedNames></workbook>"
    )
}

/// `xl/_rels/workbook.xml.rels`: where the sheets and the styles are.
pub(super) fn workbook_relationships(sheets: &[Written]) -> String {
    let list = one_by_one(sheets, |number, _| {
        let path = format!("worksheets/sheet{number}.xml");
        format!(r#"<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" Target="{path}"/>"#)
    });
    let styles = sheets.len() + 1;
    format!(
        "{DECLARATION}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{list}\
         <Relationship Id=\"rId{styles}\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/></Relationships>"
    )
}

/// `[Content_Types].xml`: what each part is.
pub(super) fn content_types(sheets: &[Written]) -> String {
    let part = |path: &str, kind: &str| format!(r#"<Override PartName="/{path}" ContentType="{kind}"/>"#);
    let package = "application/vnd.openxmlformats-package";
    let list = one_by_one(sheets, |number, _| part(&sheet_path(number), &format!("{TYPES}.worksheet+xml")));
    let application = "application/vnd.openxmlformats-officedocument.extended-properties+xml";
    let others = [
        part("xl/workbook.xml", &format!("{TYPES}.sheet.main+xml")),
        part("xl/styles.xml", &format!("{TYPES}.styles+xml")),
        part("docProps/core.xml", &format!("{package}.core-properties+xml")),
        part("docProps/app.xml", application),
    ]
    .concat();
    format!(
        "{DECLARATION}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"{package}.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>{others}{list}</Types>"
    )
}

fn filter_name(place: usize, sheet: &Written) -> String {
    let (column, rows) = (letters(sheet.columns - 1), sheet.rows);
    let name = quoted(&sheet.name);
    format!(
        "<definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"{place}\" hidden=\"1\">\
         {name}!$A$1:${column}${rows}</definedName>"
    )
}

fn title_name(place: usize, sheet: &Written) -> String {
    let name = quoted(&sheet.name);
    format!(r#"<definedName name="_xlnm.Print_Titles" localSheetId="{place}">{name}!$1:$1</definedName>"#)
}

/// An element for each item, which is counted from 1.
fn one_by_one<T>(items: &[T], element: impl Fn(usize, &T) -> String) -> String {
    (1..).zip(items).map(|(number, item)| element(number, item)).collect::<Vec<_>>().concat()
}

/// A sheet's name within a formula.
fn quoted(name: &str) -> String {
    format!("'{}'", xml(&name.replace('\'', "''")))
}

fn xml(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    push_xml(&mut result, text);
    result
}
