//! The example of docs/import.md does what the page says.

use std::path::Path;
use std::process::Command;

use super::ask;
use crate::support::{TestDatabase, both_databases};

/// A block of code of a page, with what stands behind its opening fence.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((title.to_owned(), format!("{}\n", body.join("\n"))));
        }
    }
    blocks
}

async fn the_example_of_a_mapping_works(database: TestDatabase) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/import.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let (_, lesson) = page.split_once("### Writing one, step by step").expect("the lesson");
    let (lesson, _) = lesson.split_once("### Reference").expect("its end");
    let folder = tempfile::tempdir().expect("a folder is made");
    let shop = folder.path().join("shop");
    std::fs::create_dir(&shop).expect("a folder is made");
    let (mut mapping, mut told) = (String::new(), String::new());
    for (title, body) in blocks(lesson) {
        match title.strip_prefix("csv title=") {
            Some(name) => std::fs::write(shop.join(name), body).expect("written"),
            None if title == "toml" => mapping += &body,
            None if title.is_empty() => told = body,
            None => {}
        }
    }
    std::fs::write(folder.path().join("till.toml"), mapping).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_countinghouse"));
    command.env_clear().current_dir(folder.path()).args(["import", "--database-url", &database.url]);
    command.args(["--org", "corner", "--create-org", "--currency", "EUR", "--mapping", "till.toml", "shop/"]);
    let output = command.output().expect("it runs");
    let out = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let without_times: Vec<&str> = out.lines().filter(|line| !line.contains(" rows into ")).collect();
    assert_eq!(without_times.join("\n"), told.trim_end());
    let orders = "SELECT order_id, customer_id, placed_at, status, total FROM orders o \
                  LEFT JOIN customers c ON c.customer_key = o.customer_key ORDER BY 1";
    // 09:30 in Berlin is 07:30 UTC; 59.985 and 80 are 139.99.
    let wanted =
        ["R1|ada|1775028600000000|4|13999", "R2||1775030400000000|4|2000", "R3|ada|1775120400000000|5|-8000"];
    assert_eq!(ask(&database.connection, orders).await, wanted);
    let products =
        "SELECT product_id, category_id FROM products JOIN categories USING (category_key) ORDER BY 1";
    assert_eq!(ask(&database.connection, products).await, ["Chair|Furniture", "Lamp|Lighting"]);
}

both_databases!(the_example_of_a_mapping_works);
