//! What a shop has beside its sales: deals, subscriptions, stock, employees, tickets, campaigns.

use crate::support::app::Dataset;

/// Adds them to a folder; `mark` is in all of their names, `price` is what everything costs, `more` brings rows of their
/// own.
pub fn add(folder: Dataset, mark: &str, price: &str, more: bool) -> Dataset {
    let numbers = || (1..=3).map(|number| number.to_string()).chain(more.then(|| "extra".to_owned()));
    let rows = |header: &str, row: &dyn Fn(&str) -> String| -> String {
        numbers().fold(format!("{header}\n"), |text, number| format!("{text}{}\n", row(&number)))
    };
    let thing = |key: &str, number: &str| {
        if number == "extra" { number.to_owned() } else { format!("{key}{number}") }
    };
    folder
        .file(
            "stock_movements.csv",
            &rows("movement_id,product_id,moved_at,quantity,kind,unit_cost", &|number| {
                format!("m{number},{},2024-02-03,9,RECEIPT,{price}", thing("p", number))
            }),
        )
        .file(
            "deals.csv",
            &rows("deal_id,title,customer_id,sales_rep_number,value,currency,source,created_at", &|number| {
                let (customer, rep) = (thing("c", number), thing("r", number));
                format!("d{number},{mark}deal,{customer},{rep},{price},GBP,{mark}fair,2024-03-04")
            }),
        )
        .file(
            "deal_stages.csv",
            &rows("deal_id,stage,entered_at", &|number| {
                format!("d{number},LEADS,2024-03-04\nd{number},WON,2024-04-05")
            }),
        )
        .file(
            "subscriptions.csv",
            &rows("subscription_id,customer_id,plan,amount,currency,interval,started_at", &|number| {
                format!("s{number},{},{mark}plan,{price},GBP,MONTH,2024-05-06", thing("c", number))
            }),
        )
        .file(
            "employees.csv",
            &rows("employee_id,department,title,location,hired_at,left_at,leave_reason", &|number| {
                format!("e{number},{mark}team,{mark}maker,{mark}house,2023-01-01,2025-01-01,{mark}reason")
            }),
        )
        .file(
            "attendance.csv",
            &rows("employee_id,day,status,hours", &|number| format!("e{number},2024-06-07,SICK,7.5")),
        )
        .file(
            "tickets.csv",
            &rows(
                "ticket_id,customer_id,channel,priority,category,agent,opened_at,first_replied_at,resolved_at,csat",
                &|number| {
                    let customer = thing("c", number);
                    format!("t{number},{customer},{mark}post,{mark}soon,{mark}fault,{mark}agent,2024-07-08T10:00:00Z,2024-07-08T11:00:00Z,2024-07-09T10:00:00Z,4")
                },
            ),
        )
        .file(
            "campaigns.csv",
            &rows("campaign_id,name,channel", &|number| format!("k{number},{mark}campaign{number},{mark}search")),
        )
        .file(
            "campaign_days.csv",
            &rows("campaign_id,day,spend,currency,impressions,clicks,conversions,revenue", &|number| {
                format!("k{number},2024-08-09,{price},GBP,900,90,9,{price}")
            }),
        )
}
