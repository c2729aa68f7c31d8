//! Every metric, domain by domain.

use async_graphql::Enum;

use super::affiliates::with_affiliates;
use super::commerce::with_commerce;
use super::measures::Aggregate::{Amount, Count, Distinct, Percentile, Sum};
use super::measures::Rows::{
    Again, All, AtWork, Away, Cancelled, Costed, Counting, Draft, Left, OfCustomers, OnSale, OutOfStock,
    Placed, Rated, Received, Reopened, Replied, Satisfied, Sold,
};
use super::measures::{Over, Rows, Value};
use super::shorthand::{
    CYCLE, DEAL_VALUE, FIRST_REPLY, IN_STAGE, LINE_COST, MOVED, MOVED_OUT, PLACED_AT, RESOLUTION, level,
    mean, mean_gap, mean_price, measure, of, of_day, of_order, since_last, stock_at, upto,
};
use super::sources::Source::{
    Attendance, CampaignDays, ClosedDeals, Commissions, Conversions, ConvertedProducts, Customers,
    DealStages, Deals, Employees, EndedSubscriptions, Events, Leavers, LineCosts, Lines, LostCustomers,
    Orders, Pairs, Refunds, ResolvedTickets, Stock, StockMovements, Subscriptions, Tickets,
};
use super::sources::{Table, column};
use super::{Definition, Domain, Formula, Move, Unit};

macro_rules! metrics {
    ($($domain:ident {
        $( $(#[doc = $doc:tt])+ $variant:ident $name:literal $unit:ident = $formula:expr; )+
    })+) => {
        /// A figure that can be asked for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enum)]
        pub enum Metric { $($( $(#[doc = $doc])+ $variant, )+)+ }

        /// Every metric, in the order in which people look for them.
        pub static METRICS: &[Definition] = &[ $($( Definition {
            metric: Metric::$variant,
            domain: Domain::$domain,
            name: $name,
            description: concat!($($doc),+).trim_ascii(),
            unit: Unit::$unit,
            formula: $formula,
        }, )+)+ ];
    };
}

with_commerce! {
    Sales {
        /// Deals created.
        DealsCreated "dealsCreated" Count = measure(Deals, Count, All);
        /// Value of the deals created.
        ValueCreated "valueCreated" Money = measure(Deals, DEAL_VALUE, All);
        /// Stages that deals entered: told apart by STAGE, the funnel.
        StageEntries "stageEntries" Count = measure(DealStages, Count, All);
        /// Value of the deals that entered a stage, at each stage anew.
        StageValue "stageValue" Money = measure(DealStages, DEAL_VALUE, All);
        /// Median days from entering a stage to leaving it, of stages entered in the period and left since.
        MedianDaysInStage "medianDaysInStage" Days = measure(DealStages, Percentile(IN_STAGE, 50), Left);
        /// Deals that became leads.
        Leads "leads" Count = measure(DealStages, Count, Rows::Leads);
        /// Deals won.
        DealsWon "dealsWon" Count = measure(DealStages, Count, Rows::Won);
        /// Deals lost.
        DealsLost "dealsLost" Count = measure(DealStages, Count, Rows::Lost);
        /// Deals won or lost.
        DealsDecided "dealsDecided" Count = Formula::Total(Metric::DealsWon, Metric::DealsLost);
        /// Value of the deals won.
        WonValue "wonValue" Money = measure(DealStages, DEAL_VALUE, Rows::Won);
        /// Value of the deals lost.
        LostValue "lostValue" Money = measure(DealStages, DEAL_VALUE, Rows::Lost);
        /// Deals won in the period divided by the leads of the period.
        WinRate "winRate" Ratio = Formula::Ratio(Metric::DealsWon, Metric::Leads);
        /// Deals won divided by deals won or lost.
        CloseRate "closeRate" Ratio = Formula::Ratio(Metric::DealsWon, Metric::DealsDecided);
        /// Value of the deals won divided by their number.
        AverageDealSize "averageDealSize" Money = Formula::Ratio(Metric::WonValue, Metric::DealsWon);
        /// Mean days from a deal's creation to its winning, of deals won in the period.
        AverageCycleDays "averageCycleDays" Days = mean(DealStages, CYCLE, Rows::Won);
        /// Median days from a deal's creation to its winning, of deals won in the period.
        MedianCycleDays "medianCycleDays" Days = measure(DealStages, Percentile(CYCLE, 50), Rows::Won);
        /// Leads times close rate: the deals that they are good for.
        ExpectedWins "expectedWins" Average = Formula::Product(Metric::Leads, Metric::CloseRate);
        /// Expected wins times the average deal size.
        ExpectedValue "expectedValue" Money = Formula::Product(Metric::ExpectedWins, Metric::AverageDealSize);
        /// Sales velocity: leads × close rate × average deal size ÷ average cycle days, money a day.
        SalesVelocity "salesVelocity" Money = Formula::Ratio(Metric::ExpectedValue, Metric::AverageCycleDays);
        /// Deals created and neither won nor lost, at the end.
        OpenDeals "openDeals" Count = level(Over::End, Deals, ClosedDeals, Count);
        /// Value of the deals created and neither won nor lost, at the end.
        OpenPipeline "openPipeline" Money = level(Over::End, Deals, ClosedDeals, DEAL_VALUE);
    }
    Subscriptions {
        /// Annual recurring revenue: what the subscriptions paid for at the end come to in a year; without trials.
        Arr "arr" Money = level(Over::End, Subscriptions, EndedSubscriptions, Amount(Value::Yearly));
        /// Monthly recurring revenue at the end: a twelfth of the annual.
        Mrr "mrr" Money = Formula::Part(Metric::Arr, 12);
        /// Annual recurring revenue at the start.
        StartingArr "startingArr" Money = level(Over::Start, Subscriptions, EndedSubscriptions, Amount(Value::Yearly));
        /// Monthly recurring revenue at the start.
        StartingMrr "startingMrr" Money = Formula::Part(Metric::StartingArr, 12);
        /// Monthly recurring revenue of customers who had none at the start.
        NewMrr "newMrr" Money = Formula::Moves(Move::New);
        /// What the monthly recurring revenue of customers who had some grew by.
        ExpansionMrr "expansionMrr" Money = Formula::Moves(Move::Expansion);
        /// What the monthly recurring revenue of customers who kept some shrank by.
        ContractionMrr "contractionMrr" Money = Formula::Moves(Move::Contraction);
        /// Monthly recurring revenue at the start of customers who have none at the end.
        ChurnedMrr "churnedMrr" Money = Formula::Moves(Move::Churn);
        /// Monthly recurring revenue at the end less that at the start.
        NetNewMrr "netNewMrr" Money = Formula::Difference(Metric::Mrr, Metric::StartingMrr);
        /// Customers with recurring revenue at the end.
        Subscribers "subscribers" Count = Formula::Moves(Move::AtEnd);
        /// Customers with recurring revenue at the start.
        StartingSubscribers "startingSubscribers" Count = Formula::Moves(Move::AtStart);
        /// Customers who had no recurring revenue at the start and have some at the end.
        NewSubscribers "newSubscribers" Count = Formula::Moves(Move::Won);
        /// Customers who had recurring revenue at the start and have none at the end.
        ChurnedSubscribers "churnedSubscribers" Count = Formula::Moves(Move::Lost);
        /// Subscriptions paid for at the end; without trials.
        ActiveSubscriptions "activeSubscriptions" Count = level(Over::End, Subscriptions, EndedSubscriptions, Count);
        /// Subscriptions that began to be paid for.
        StartedSubscriptions "startedSubscriptions" Count = measure(Subscriptions, Count, All);
        /// Subscriptions that ended; without trials.
        EndedSubscriptions "endedSubscriptions" Count = measure(EndedSubscriptions, Count, All);
        /// Churned subscribers divided by those of the start.
        LogoChurnRate "logoChurnRate" Ratio = Formula::Ratio(Metric::ChurnedSubscribers, Metric::StartingSubscribers);
        /// Churned monthly recurring revenue divided by that of the start.
        RevenueChurnRate "revenueChurnRate" Ratio = Formula::Ratio(Metric::ChurnedMrr, Metric::StartingMrr);
        /// Monthly recurring revenue of the start less contraction and churn.
        KeptMrr "keptMrr" Money = Formula::Difference(Metric::Mrr, Metric::GainedMrr);
        /// New and expansion revenue together.
        GainedMrr "gainedMrr" Money = Formula::Total(Metric::NewMrr, Metric::ExpansionMrr);
        /// Monthly recurring revenue kept divided by that of the start, without expansion.
        GrossRevenueRetention "grossRevenueRetention" Ratio = Formula::Ratio(Metric::KeptMrr, Metric::StartingMrr);
        /// Monthly recurring revenue at the end of the customers of the start.
        ReturningMrr "returningMrr" Money = Formula::Difference(Metric::Mrr, Metric::NewMrr);
        /// Monthly recurring revenue at the end of the customers of the start divided by what it was then.
        NetRevenueRetention "netRevenueRetention" Ratio = Formula::Ratio(Metric::ReturningMrr, Metric::StartingMrr);
        /// Average revenue per account: monthly recurring revenue divided by subscribers, at the end.
        Arpa "arpa" Money = Formula::Ratio(Metric::Mrr, Metric::Subscribers);
    }
    Customers {
        /// Customers lost: by the source's date, else the end of their last subscription, else a churn window after their last order.
        ChurnedCustomers "churnedCustomers" Count = measure(LostCustomers, Count, All);
        /// Customers won less customers lost.
        NetGrowth "netGrowth" Count = Formula::Difference(Metric::NewCustomers, Metric::ChurnedCustomers);
        /// Customers won and not lost, at the start.
        StartingCustomers "startingCustomers" Count = level(Over::Start, Customers, LostCustomers, Count);
        /// Customers won and not lost, at the end.
        Customers "customers" Count = level(Over::End, Customers, LostCustomers, Count);
        /// Customers at the start less customers lost.
        RetainedCustomers "retainedCustomers" Count = Formula::Difference(Metric::StartingCustomers, Metric::ChurnedCustomers);
        /// 1 − customers lost ÷ customers at the start.
        RetentionRate "retentionRate" Ratio = Formula::Ratio(Metric::RetainedCustomers, Metric::StartingCustomers);
        /// Customers lost divided by customers at the start.
        ChurnRate "churnRate" Ratio = Formula::Ratio(Metric::ChurnedCustomers, Metric::StartingCustomers);
        /// Different customers with an order who had ordered before.
        ReturningCustomers "returningCustomers" Count = measure(Orders, Distinct(column(Table::Orders, "customer_key")), Again);
        /// Returning customers divided by active customers.
        RepeatRate "repeatRate" Ratio = Formula::Ratio(Metric::ReturningCustomers, Metric::ActiveCustomers);
        /// Customers ever won, up to the end.
        CustomersWon "customersWon" Count = upto(Over::End, Customers, Count, All);
        /// Revenue of customers' orders, up to the end.
        LifetimeRevenue "lifetimeRevenue" Money = upto(Over::End, Orders, of_order("total"), OfCustomers);
        /// Orders of customers, up to the end.
        LifetimeOrders "lifetimeOrders" Count = upto(Over::End, Orders, Count, OfCustomers);
        /// Lifetime value, as it was: lifetime revenue divided by the customers ever won.
        LifetimeValue "lifetimeValue" Money = Formula::Ratio(Metric::LifetimeRevenue, Metric::CustomersWon);
        /// Revenue per customer times gross margin.
        ProfitPerCustomer "profitPerCustomer" Money = Formula::Product(Metric::RevenuePerCustomer, Metric::GrossMargin);
        /// Lifetime value to be expected: revenue per customer × gross margin ÷ churn rate, of the same period.
        ExpectedLifetimeValue "expectedLifetimeValue" Money = Formula::Ratio(Metric::ProfitPerCustomer, Metric::ChurnRate);
        /// Customer acquisition cost: what campaigns cost divided by the customers won.
        AcquisitionCost "acquisitionCost" Money = Formula::Ratio(Metric::Spend, Metric::NewCustomers);
        /// Lifetime value, as it was, divided by the acquisition cost.
        LifetimeValueToCost "lifetimeValueToCost" Average = Formula::Ratio(Metric::LifetimeValue, Metric::AcquisitionCost);
    }
    Inventory {
        /// Units in stock at the end, as their movements tell.
        StockUnits "stockUnits" Count = upto(Over::End, StockMovements, MOVED, All);
        /// Units in stock at the start, as their movements tell.
        StartingStockUnits "startingStockUnits" Count = upto(Over::Start, StockMovements, MOVED, All);
        /// What the stock at the end cost: units that moved at their movement's own cost, else their product's.
        StockAtCost "stockAtCost" Money = upto(Over::End, StockMovements, Amount(Value::AtCost), All);
        /// What the stock at the start cost.
        StartingStockAtCost "startingStockAtCost" Money = upto(Over::Start, StockMovements, Amount(Value::AtCost), All);
        /// Half of what the stock at the start and at the end cost together.
        AverageStockAtCost "averageStockAtCost" Money = Formula::Middle(Metric::StartingStockAtCost, Metric::StockAtCost);
        /// Units that came in.
        UnitsReceived "unitsReceived" Count = measure(StockMovements, MOVED, Received);
        /// Units that went out by sales, less those that came back.
        UnitsShipped "unitsShipped" Count = measure(StockMovements, MOVED_OUT, Sold);
        /// What the units shipped cost.
        CostOfUnitsShipped "costOfUnitsShipped" Money = measure(StockMovements, Amount(Value::OutAtCost), Sold);
        /// Cost of the units shipped divided by the average stock at cost: how often the stock was sold in the period.
        InventoryTurnover "inventoryTurnover" Average = Formula::Ratio(Metric::CostOfUnitsShipped, Metric::AverageStockAtCost);
        /// Days of the period, of 24 hours; by weekday and hour of the day, those of such a weekday or hour.
        DaysInPeriod "daysInPeriod" Average = Formula::Days;
        /// Days that the average stock lasts at the period's rate: days of the period divided by turnover.
        DaysOfInventory "daysOfInventory" Average = Formula::Ratio(Metric::DaysInPeriod, Metric::InventoryTurnover);
        /// Units in stock at the start and those that came in.
        UnitsAvailable "unitsAvailable" Count = Formula::Total(Metric::StartingStockUnits, Metric::UnitsReceived);
        /// Units shipped divided by units available.
        SellThrough "sellThrough" Ratio = Formula::Ratio(Metric::UnitsShipped, Metric::UnitsAvailable);
        /// Products on sale, now.
        ProductsOnSale "productsOnSale" Count = measure(Stock, Count, OnSale);
        /// Products whose stock of now is known.
        ProductsCounted "productsCounted" Count = measure(Stock, Count, Rows::Counted);
        /// Products on sale without stock, now; those whose stock nobody tells are left out.
        ProductsOutOfStock "productsOutOfStock" Count = measure(Stock, Count, OutOfStock);
        /// Units in stock now: as the source says, else as their movements tell.
        StockOnHand "stockOnHand" Count = measure(Stock, Sum(Value::Stock), All);
        /// Stock of now at the products' prices; of products whose price is known.
        StockOnHandAtPrice "stockOnHandAtPrice" Money = measure(Stock, stock_at("unit_price_micros"), All);
        /// Units in stock now of products on sale.
        StockOnSale "stockOnSale" Count = measure(Stock, Sum(Value::Stock), OnSale);
        /// Stock of now of products on sale at their prices; of those whose price is known.
        StockOnSaleAtPrice "stockOnSaleAtPrice" Money = measure(Stock, stock_at("unit_price_micros"), OnSale);
        /// Mean price of the products on sale, now; of those whose price is known.
        AverageListPrice "averageListPrice" Money = mean_price(Stock, "unit_price_micros", Rows::Priced);
        /// Stock of now at the products' costs; of products whose cost is known.
        StockOnHandAtCost "stockOnHandAtCost" Money = measure(Stock, stock_at("unit_cost_micros"), All);
    }
    Hr {
        /// Employees at the end.
        Headcount "headcount" Count = level(Over::End, Employees, Leavers, Count);
        /// Employees at the start.
        StartingHeadcount "startingHeadcount" Count = level(Over::Start, Employees, Leavers, Count);
        /// Half of the employees at the start and at the end together.
        AverageHeadcount "averageHeadcount" Average = Formula::Middle(Metric::StartingHeadcount, Metric::Headcount);
        /// Employees hired.
        Hires "hires" Count = measure(Employees, Count, All);
        /// Employees who left.
        Leavers "leavers" Count = measure(Leavers, Count, All);
        /// Employees who left divided by the average headcount.
        TurnoverRate "turnoverRate" Ratio = Formula::Ratio(Metric::Leavers, Metric::AverageHeadcount);
        /// Mean days since the employees of the end were hired.
        AverageTenureDays "averageTenureDays" Days =
            Formula::MeanAge { came: Employees, went: Leavers, since: column(Table::Employees, "hired_at") };
        /// Days that employees were to work: all that are told of.
        ScheduledDays "scheduledDays" Count = measure(Attendance, Count, All);
        /// Days on leave, sick or absent.
        AbsentDays "absentDays" Count = measure(Attendance, Count, Away);
        /// Days at work.
        AttendedDays "attendedDays" Count = measure(Attendance, Count, AtWork);
        /// 1 − absent ÷ scheduled days.
        AttendanceRate "attendanceRate" Ratio = Formula::Ratio(Metric::AttendedDays, Metric::ScheduledDays);
        /// Absent divided by scheduled days.
        AbsenceRate "absenceRate" Ratio = Formula::Ratio(Metric::AbsentDays, Metric::ScheduledDays);
        /// Hours worked, where days say how many.
        HoursWorked "hoursWorked" Hours =
            measure(Attendance, Sum(Value::Scaled(column(Table::Attendance, "hours_micros"), 3600)), All);
    }
    Support {
        /// Tickets opened.
        TicketsOpened "ticketsOpened" Count = measure(Tickets, Count, All);
        /// Tickets resolved.
        TicketsResolved "ticketsResolved" Count = measure(ResolvedTickets, Count, All);
        /// Tickets opened and not resolved, at the end.
        OpenTickets "openTickets" Count = level(Over::End, Tickets, ResolvedTickets, Count);
        /// Tickets opened and not resolved, at the start.
        StartingOpenTickets "startingOpenTickets" Count = level(Over::Start, Tickets, ResolvedTickets, Count);
        /// Median hours to the first reply, of tickets opened in the period and replied to since.
        MedianFirstReply "medianFirstReplyHours" Hours = measure(Tickets, Percentile(FIRST_REPLY, 50), Replied);
        /// Hours within which nine of ten first replies came, of tickets opened in the period and replied to since.
        P90FirstReply "p90FirstReplyHours" Hours = measure(Tickets, Percentile(FIRST_REPLY, 90), Replied);
        /// Mean hours to the first reply, of tickets opened in the period and replied to since.
        AverageFirstReply "averageFirstReplyHours" Hours = mean(Tickets, FIRST_REPLY, Replied);
        /// Median hours from opening to resolution, of tickets resolved in the period.
        MedianResolution "medianResolutionHours" Hours = measure(ResolvedTickets, Percentile(RESOLUTION, 50), All);
        /// Hours within which nine of ten were resolved, of tickets resolved in the period.
        P90Resolution "p90ResolutionHours" Hours = measure(ResolvedTickets, Percentile(RESOLUTION, 90), All);
        /// Mean hours from opening to resolution, of tickets resolved in the period.
        AverageResolution "averageResolutionHours" Hours = mean(ResolvedTickets, RESOLUTION, All);
        /// Tickets resolved in the period that had been opened again.
        ReopenedTickets "reopenedTickets" Count = measure(ResolvedTickets, Count, Reopened);
        /// Tickets that had been opened again divided by tickets resolved.
        ReopenRate "reopenRate" Ratio = Formula::Ratio(Metric::ReopenedTickets, Metric::TicketsResolved);
        /// Tickets opened in the period that have a rating.
        RatedTickets "ratedTickets" Count = measure(Tickets, Count, Rated);
        /// Tickets opened in the period that are rated 4 or 5.
        SatisfiedTickets "satisfiedTickets" Count = measure(Tickets, Count, Satisfied);
        /// Customer satisfaction: tickets rated 4 or 5 divided by rated tickets.
        Csat "csat" Ratio = Formula::Ratio(Metric::SatisfiedTickets, Metric::RatedTickets);
        /// Mean rating, 1 to 5, of rated tickets.
        AverageRating "averageRating" Average = mean(Tickets, of(Table::Tickets, "csat"), Rated);
        /// Rated tickets divided by tickets opened.
        RatingResponseRate "ratingResponseRate" Ratio = Formula::Ratio(Metric::RatedTickets, Metric::TicketsOpened);
    }
    Marketing {
        /// What campaigns cost.
        Spend "spend" Money = measure(CampaignDays, Amount(of(Table::CampaignDays, "spend")), All);
        /// How often campaigns were shown.
        Impressions "impressions" Count = of_day("impressions");
        /// How often campaigns were clicked.
        Clicks "clicks" Count = of_day("clicks");
        /// Clicks divided by impressions.
        ClickThroughRate "clickThroughRate" Ratio = Formula::Ratio(Metric::Clicks, Metric::Impressions);
        /// Spend divided by clicks.
        CostPerClick "costPerClick" Money = Formula::Ratio(Metric::Spend, Metric::Clicks);
        /// Conversions that campaigns claim.
        CampaignConversions "campaignConversions" Count = of_day("conversions");
        /// Conversions divided by clicks.
        ConversionRate "conversionRate" Ratio = Formula::Ratio(Metric::CampaignConversions, Metric::Clicks);
        /// Spend divided by conversions.
        CostPerAcquisition "costPerAcquisition" Money = Formula::Ratio(Metric::Spend, Metric::CampaignConversions);
        /// Revenue that campaigns claim.
        CampaignRevenue "campaignRevenue" Money = measure(CampaignDays, Amount(of(Table::CampaignDays, "revenue")), All);
        /// Return on ad spend: the campaigns' revenue divided by their spend.
        ReturnOnAdSpend "returnOnAdSpend" Average = Formula::Ratio(Metric::CampaignRevenue, Metric::Spend);
        /// Mails sent.
        EmailsSent "emailsSent" Count = of_day("sent");
        /// Mails delivered.
        EmailsDelivered "emailsDelivered" Count = of_day("delivered");
        /// Mails that came back.
        EmailsBounced "emailsBounced" Count = of_day("bounced");
        /// Mails opened, each once.
        EmailsOpened "emailsOpened" Count = of_day("opened");
        /// Mails clicked in, each once.
        EmailsClicked "emailsClicked" Count = of_day("clicked");
        /// Readers who do not want more.
        Unsubscribes "unsubscribes" Count = of_day("unsubscribed");
        /// Mails delivered divided by mails sent.
        DeliveryRate "deliveryRate" Ratio = Formula::Ratio(Metric::EmailsDelivered, Metric::EmailsSent);
        /// Mails that came back divided by mails sent.
        BounceRate "bounceRate" Ratio = Formula::Ratio(Metric::EmailsBounced, Metric::EmailsSent);
        /// Mails opened divided by mails delivered.
        OpenRate "openRate" Ratio = Formula::Ratio(Metric::EmailsOpened, Metric::EmailsDelivered);
        /// Mails clicked in divided by mails delivered.
        EmailClickRate "emailClickRate" Ratio = Formula::Ratio(Metric::EmailsClicked, Metric::EmailsDelivered);
        /// Readers who do not want more divided by mails delivered.
        UnsubscribeRate "unsubscribeRate" Ratio = Formula::Ratio(Metric::Unsubscribes, Metric::EmailsDelivered);
    }
}
