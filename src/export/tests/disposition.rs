use super::*;

#[test]
fn names_of_files_are_one_safe_header() {
    let csv = |name: &str| content_disposition(name, Format::Csv);
    assert_eq!(csv("revenue-2026-01"), "attachment; filename=\"revenue-2026-01.csv\"");
    assert_eq!(
        content_disposition("Umsätze 2026", Format::Xlsx),
        "attachment; filename=\"Ums_tze 2026.xlsx\"; filename*=UTF-8''Ums%C3%A4tze%202026.xlsx"
    );
    assert_eq!(csv("100%"), "attachment; filename=\"100_.csv\"; filename*=UTF-8''100%25.csv");
    assert_eq!(
        csv("a\"; filename=\"b.exe"),
        "attachment; filename=\"a__ filename__b.exe.csv\"; filename*=UTF-8''a_%3B%20filename%3D_b.exe.csv"
    );
    assert_eq!(csv("a\r\nSet-Cookie: b"), "attachment; filename=\"a__Set-Cookie_ b.csv\"");
    assert_eq!(csv("../../etc/passwd"), "attachment; filename=\"_.._etc_passwd.csv\"");
    assert_eq!(csv("C:\\temp\\x"), "attachment; filename=\"C__temp_x.csv\"");
    assert_eq!(csv("x\u{202E}vsc.exe"), "attachment; filename=\"xvsc.exe.csv\"");
    for nothing in ["", " ", "...", "\u{200B}"] {
        assert_eq!(csv(nothing), "attachment; filename=\"export.csv\"");
    }
    for device in ["con", "NUL", "Com1", "lpt9.backup"] {
        assert_eq!(csv(device), format!("attachment; filename=\"_{device}.csv\""));
    }
    assert_eq!(csv("console"), "attachment; filename=\"console.csv\"");
    assert_eq!(csv(&"x".repeat(5000)).len(), "attachment; filename=\".csv\"".len() + 100);
}

proptest::proptest! {
    #[test]
    fn any_name_is_visible_ascii_in_at_most_two_parameters(name in ".{0,40}") {
        let value = content_disposition(&name, Format::Xlsx);
        assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{value:?}");
        assert!(matches!(value.matches('"').count(), 2));
        assert!(!value.contains(['/', '\\']) && value.contains(".xlsx\""));
    }
}
