//! Who works there, and who was there on each working day: summers are empty, and winters ill.

use chrono::{Datelike, Weekday};

use super::calendar::Calendar;
use super::chance::{Chance, Topic};
use super::files::{Entity, Files};
use super::{DemoError, Shop, instant_text};

const DEPARTMENTS: [(&str, u64, &[&str]); 7] = [
    ("Warehouse", 34, &["Picker", "Packer", "Shift lead"]),
    ("Support", 20, &["Agent", "Agent", "Team lead"]),
    ("Sales", 14, &["Account manager", "Sales assistant"]),
    ("Marketing", 11, &["Editor", "Campaign manager"]),
    ("IT", 11, &["Engineer", "Administrator"]),
    ("Finance", 6, &["Accountant", "Controller"]),
    ("People", 4, &["Recruiter", "Payroll clerk"]),
];

const LOCATIONS: [(&str, u64); 3] = [("Berlin", 55), ("Leipzig", 30), ("Vienna", 15)];

const REASONS: [&str; 4] = ["resigned", "end of contract", "dismissed", "retired"];

/// Writes employees and their days.
pub fn write(shop: &Shop, calendar: &Calendar, files: &mut Files) -> Result<(), DemoError> {
    let last = calendar.last_number();
    let count = (shop.orders / 400).clamp(14, 90);
    for number in 0..count {
        let mut chance = Chance::of(shop.seed, Topic::Staff, number);
        let place = chance.weighted(DEPARTMENTS.iter().map(|(_, weight, _)| *weight));
        let (department, _, titles) = DEPARTMENTS[place];
        // Six in ten were there before the first day.
        let hired =
            if number * 10 < count * 6 { -chance.between(20, 1800) } else { chance.between(0, last - 30) };
        let stays = chance.between(120, 3600);
        let left = Some(hired.max(0) + stays).filter(|left| *left <= last);
        let at = |day: i64| instant_text(calendar.days_later(day));
        let id = format!("E-{:03}", number + 1);
        files.write(
            Entity::Employees,
            [
                &id,
                department,
                chance.pick(titles),
                chance.choose(&LOCATIONS),
                &at(hired),
                &left.map(at).unwrap_or_default(),
                if left.is_some() { chance.pick(&REASONS) } else { "" },
            ],
        )?;
        let works_here = department == "Warehouse";
        for (number, day) in (0..).zip(calendar.days()) {
            let is_free = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
            if is_free || number < hired || left.is_some_and(|left| number >= left) {
                continue;
            }
            let (status, hours) = whereabouts(&mut chance, day.month(), works_here);
            files.write(Entity::Attendance, [&id, &day.to_string(), status, hours])?;
        }
    }
    Ok(())
}

fn whereabouts(chance: &mut Chance, month: u32, works_here: bool) -> (&'static str, &'static str) {
    let leave = match month {
        7 | 8 => 210,
        12 => 140,
        _ => 60,
    };
    let sick = if matches!(month, 1 | 2 | 11) { 65 } else { 25 };
    let hours = ["7.5", "8", "8", "8", "8.25", "9"];
    let draw = chance.below(1000);
    if draw < leave {
        ("LEAVE", "0")
    } else if draw < leave + sick {
        ("SICK", "0")
    } else if draw < leave + sick + 5 {
        ("ABSENT", "0")
    } else if draw < leave + sick + 30 {
        ("LATE", chance.pick(&["6.5", "7", "7.25"]))
    } else if !works_here && chance.permille(400) {
        ("REMOTE", chance.pick(&hours))
    } else {
        ("PRESENT", chance.pick(&hours))
    }
}
