//! What the shop has beside its orders, deals and customers, and what the routes without a documented example say of it.

/// Files of the dataset folder.
pub fn files() -> [(&'static str, &'static str); 6] {
    [
        ("categories.csv", "category_id,name\nconnectors,Connectors\n"),
        (
            "products.csv",
            "product_id,sku,name,category_id,unit_price,unit_cost,stock\n\
             shopify,ECO-1,Shopify Connector,connectors,499.00,120.00,\n\
             amazon,ECO-2,Amazon Connector,connectors,499.00,100.00,\n\
             ebay,ECO-3,eBay Connector,connectors,,,0\n",
        ),
        (
            "stock_movements.csv",
            "movement_id,product_id,moved_at,quantity,kind\n\
             m1,shopify,2025-12-01T00:00:00Z,80,RECEIPT\n\
             m2,amazon,2025-12-01T00:00:00Z,60,RECEIPT\n\
             m3,shopify,2026-01-31T00:00:00Z,-10,SALE\n\
             m4,shopify,2026-02-15T00:00:00Z,20,RECEIPT\n\
             m5,shopify,2026-02-28T00:00:00Z,-12,SALE\n\
             m6,amazon,2026-02-28T00:00:00Z,-5,SALE\n\
             m7,shopify,2026-03-30T00:00:00Z,-8,SALE\n\
             m8,amazon,2026-03-30T00:00:00Z,-15,SALE\n",
        ),
        (
            "employees.csv",
            "employee_id,department,location,hired_at,left_at\n\
             e1,Engineering,Lahore,2024-01-01,\n\
             e2,Engineering,Lahore,2024-01-01,\n\
             e3,Engineering,Lahore,2024-01-01,\n\
             e4,Engineering,Lahore,2024-01-01,\n\
             e5,Engineering,London,2024-01-01,\n\
             e6,Engineering,London,2024-01-01,\n\
             e7,Engineering,London,2026-02-01,\n\
             e8,Sales,London,2024-07-01,\n\
             e9,Sales,London,2024-07-01,\n\
             e10,Sales,,2026-03-01,\n\
             e11,Support,Lahore,2025-01-01,\n\
             e12,Support,Lahore,2025-01-01,2026-01-31\n",
        ),
        (
            "attendance.csv",
            "employee_id,day,status,hours\n\
             e1,2026-01-12,PRESENT,8\ne2,2026-01-12,PRESENT,8\ne8,2026-01-12,SICK,\ne9,2026-01-12,REMOTE,7.5\n\
             e1,2026-02-09,PRESENT,8\ne2,2026-02-09,LEAVE,\ne8,2026-02-09,PRESENT,8\ne9,2026-02-09,LATE,6\n\
             e1,2026-03-09,PRESENT,8\ne2,2026-03-09,LEAVE,\ne8,2026-03-09,ABSENT,\ne9,2026-03-09,PRESENT,8\n",
        ),
        (
            "tickets.csv",
            "ticket_id,channel,priority,category,agent,opened_at,first_replied_at,resolved_at,reopened_count,csat\n\
             t1,email,high,billing,Ayesha,2026-01-10T09:00:00Z,2026-01-10T10:00:00Z,2026-01-10T21:00:00Z,0,5\n\
             t2,email,normal,setup,Bilal,2026-01-20T09:00:00Z,2026-01-20T13:00:00Z,2026-01-22T09:00:00Z,1,4\n\
             t3,chat,normal,setup,Ayesha,2026-02-05T09:00:00Z,2026-02-05T09:30:00Z,2026-02-05T11:00:00Z,0,5\n\
             t4,chat,high,bug,Bilal,2026-02-14T09:00:00Z,2026-02-14T11:00:00Z,2026-02-15T09:00:00Z,0,2\n\
             t5,email,normal,bug,,2026-03-30T09:00:00Z,2026-03-30T12:00:00Z,,0,\n\
             t6,email,low,billing,Bilal,2025-12-20T09:00:00Z,2025-12-20T10:00:00Z,2026-01-02T09:00:00Z,0,\n",
        ),
    ]
}

pub const PRODUCTS: &str = include_str!("../../../src/rest/ecosire/examples/products.json");
pub const INVENTORY: &str = include_str!("../../../src/rest/ecosire/examples/inventory.json");
pub const HR: &str = include_str!("../../../src/rest/ecosire/examples/hr.json");
pub const SUPPORT: &str = include_str!("../../../src/rest/ecosire/examples/support.json");
pub const MARKETING: &str = include_str!("../../../src/rest/ecosire/examples/marketing.json");
