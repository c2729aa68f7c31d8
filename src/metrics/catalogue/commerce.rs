//! The metrics of orders, their lines and refunds.

/// Hands the entries of this domain, and behind them those of the others, on to `metrics!`.
macro_rules! with_commerce {
    ($($others:tt)*) => {
        with_affiliates! {
            Commerce {
                /// Totals of all orders whatever their status.
                GrossRevenue "grossRevenue" Money = measure(Orders, of_order("total"), All);
                /// Totals of orders that are neither draft nor cancelled, by the instant they were placed.
                Revenue "revenue" Money = measure(Orders, of_order("total"), Counting);
                /// Revenue less the refunds given in the period.
                NetRevenue "netRevenue" Money = Formula::Difference(Metric::Revenue, Metric::Refunds);
                /// Money given back, by the instant it was given.
                Refunds "refunds" Money = measure(Refunds, Amount(of(Table::Refunds, "amount")), All);
                /// Orders that are neither draft nor cancelled.
                Orders "orders" Count = measure(Orders, Count, Counting);
                /// Orders whatever their status.
                GrossOrders "grossOrders" Count = measure(Orders, Count, All);
                /// Orders that were placed, cancelled ones among them.
                PlacedOrders "placedOrders" Count = measure(Orders, Count, Placed);
                /// Orders that were cancelled, by the instant they were placed.
                CancelledOrders "cancelledOrders" Count = measure(Orders, Count, Cancelled);
                /// Totals of cancelled orders.
                CancelledRevenue "cancelledRevenue" Money = measure(Orders, of_order("total"), Cancelled);
                /// Orders not placed yet.
                DraftOrders "draftOrders" Count = measure(Orders, Count, Draft);
                /// Cancelled orders among those placed.
                CancellationRate "cancellationRate" Ratio = Formula::Ratio(Metric::CancelledOrders, Metric::PlacedOrders);
                /// Revenue divided by orders.
                AverageOrderValue "averageOrderValue" Money = Formula::Ratio(Metric::Revenue, Metric::Orders);
                /// Gross revenue divided by gross orders.
                GrossAverageOrderValue "grossAverageOrderValue" Money = Formula::Ratio(Metric::GrossRevenue, Metric::GrossOrders);
                /// Orders a day: orders divided by the days of the period; by weekday or hour, by the days of such.
                OrdersPerDay "ordersPerDay" Average = Formula::Ratio(Metric::Orders, Metric::DaysInPeriod);
                /// Orders an hour: a day's divided by 24; by weekday or hour, of such an hour.
                OrdersPerHour "ordersPerHour" Average = Formula::Part(Metric::OrdersPerDay, 24);
                /// Revenue a day: revenue divided by the days of the period; by weekday or hour, by the days of such.
                RevenuePerDay "revenuePerDay" Money = Formula::Ratio(Metric::Revenue, Metric::DaysInPeriod);
                /// Mean minutes from one order that counts to the next, of those placed in the period: from the first to the last,
                /// divided by one less than there are.
                AverageMinutesBetweenOrders "averageMinutesBetweenOrders" Minutes = mean_gap(Orders, PLACED_AT, Counting);
                /// Median minutes from one order that counts to the next, of those placed in the period.
                MedianMinutesBetweenOrders "medianMinutesBetweenOrders" Minutes = measure(Orders, Percentile(Value::SincePrevious(PLACED_AT), 50), Counting);
                /// Different customers with a revenue-counting order; guests do not count.
                ActiveCustomers "activeCustomers" Count = measure(Orders, Distinct(column(Table::Orders, "customer_key")), Counting);
                /// Different customers with an order whatever its status; guests do not count.
                GrossCustomers "grossCustomers" Count = measure(Orders, Distinct(column(Table::Orders, "customer_key")), All);
                /// Days from the last order, whatever its status, to the end of the period.
                DaysSinceLastOrder "daysSinceLastOrder" Days = since_last(Orders, PLACED_AT, All);
                /// Customers won: by the source's own date, else by their first revenue-counting order, else by their first
                /// subscription.
                NewCustomers "newCustomers" Count = measure(Customers, Count, All);
                /// Different customers whose first revenue-counting order it was.
                FirstTimeCustomers "firstTimeCustomers" Count = measure(Orders, Distinct(column(Table::Orders, "customer_key")), Rows::First);
                /// Orders that were their customer's first; of several at the same instant all.
                FirstOrders "firstOrders" Count = measure(Orders, Count, Rows::First);
                /// Totals of orders that were their customer's first.
                FirstOrderRevenue "firstOrderRevenue" Money = measure(Orders, of_order("total"), Rows::First);
                /// Orders of customers who had ordered before.
                RepeatOrders "repeatOrders" Count = measure(Orders, Count, Again);
                /// Totals of the orders of customers who had ordered before.
                RepeatRevenue "repeatRevenue" Money = measure(Orders, of_order("total"), Again);
                /// Orders divided by active customers; the orders of guests count as orders.
                OrdersPerCustomer "ordersPerCustomer" Average = Formula::Ratio(Metric::Orders, Metric::ActiveCustomers);
                /// Revenue divided by active customers; the revenue of guests counts as revenue.
                RevenuePerCustomer "revenuePerCustomer" Money = Formula::Ratio(Metric::Revenue, Metric::ActiveCustomers);
                /// Units on the lines of revenue-counting orders.
                Units "units" Count = measure(Lines, Sum(of(Table::OrderItems, "quantity")), Counting);
                /// Units on the lines of all orders whatever their status.
                GrossUnits "grossUnits" Count = measure(Lines, Sum(of(Table::OrderItems, "quantity")), All);
                /// Units a day: units divided by the days of the period; by weekday or hour, by the days of such.
                UnitsPerDay "unitsPerDay" Average = Formula::Ratio(Metric::Units, Metric::DaysInPeriod);
                /// Units an hour: a day's divided by 24; by weekday or hour, of such an hour.
                UnitsPerHour "unitsPerHour" Average = Formula::Part(Metric::UnitsPerDay, 24);
                /// Units divided by orders.
                UnitsPerOrder "unitsPerOrder" Average = Formula::Ratio(Metric::Units, Metric::Orders);
                /// Totals of the lines of revenue-counting orders: the revenue that products and categories are told in.
                LineRevenue "lineRevenue" Money = measure(Lines, Amount(of(Table::OrderItems, "line_total")), Counting);
                /// Totals of the lines of all orders whatever their status.
                GrossLineRevenue "grossLineRevenue" Money = measure(Lines, Amount(of(Table::OrderItems, "line_total")), All);
                /// Different orders, whatever their status, that hold the product or category.
                GrossOrdersWithLines "grossOrdersWithLines" Count = measure(Lines, Distinct(column(Table::OrderItems, "order_key")), All);
                /// Different orders that hold the product or category.
                OrdersWithLines "ordersWithLines" Count = measure(Lines, Distinct(column(Table::OrderItems, "order_key")), Counting);
                /// Different orders that were placed and hold the product or category, cancelled ones among them.
                PlacedOrdersWithLines "placedOrdersWithLines" Count = measure(Lines, Distinct(column(Table::OrderItems, "order_key")), Placed);
                /// Different orders that were cancelled and hold the product or category.
                CancelledOrdersWithLines "cancelledOrdersWithLines" Count = measure(Lines, Distinct(column(Table::OrderItems, "order_key")), Cancelled);
                /// Cancelled orders among those placed that hold the product or category.
                LineCancellationRate "lineCancellationRate" Ratio = Formula::Ratio(Metric::CancelledOrdersWithLines, Metric::PlacedOrdersWithLines);
                /// Different products sold.
                ProductsSold "productsSold" Count = measure(Lines, Distinct(column(Table::OrderItems, "product_key")), Counting);
                /// Different products on orders whatever their status.
                GrossProductsSold "grossProductsSold" Count = measure(Lines, Distinct(column(Table::OrderItems, "product_key")), All);
                /// Line revenue divided by units.
                AverageUnitPrice "averageUnitPrice" Money = Formula::Ratio(Metric::LineRevenue, Metric::Units);
                /// Taken off at revenue-counting orders themselves, not at their lines.
                Discounts "discounts" Money = measure(Orders, of_order("discount"), Counting);
                /// Taken off at the lines of revenue-counting orders.
                LineDiscounts "lineDiscounts" Money = measure(Lines, Amount(of(Table::OrderItems, "discount")), Counting);
                /// Taken off at orders and at their lines together.
                TotalDiscounts "totalDiscounts" Money = Formula::Total(Metric::Discounts, Metric::LineDiscounts);
                /// Revenue-counting orders with a coupon.
                CouponOrders "couponOrders" Count = measure(Orders, Count, Rows::WithCoupon);
                /// Totals of revenue-counting orders with a coupon.
                CouponRevenue "couponRevenue" Money = measure(Orders, of_order("total"), Rows::WithCoupon);
                /// Orders with a coupon divided by all orders that count.
                CouponRate "couponRate" Ratio = Formula::Ratio(Metric::CouponOrders, Metric::Orders);
                /// Charged for delivery by revenue-counting orders.
                Shipping "shipping" Money = measure(Orders, of_order("shipping"), Counting);
                /// Tax within the totals of revenue-counting orders.
                Tax "tax" Money = measure(Orders, of_order("tax"), Counting);
                /// How many refunds were given.
                RefundCount "refundCount" Count = measure(Refunds, Count, All);
                /// Different orders that something was given back for.
                RefundedOrders "refundedOrders" Count = measure(Refunds, Distinct(column(Table::Refunds, "order_key")), All);
                /// Units that came back, where refunds say how many.
                RefundedUnits "refundedUnits" Count = measure(Refunds, Sum(of(Table::Refunds, "quantity")), All);
                /// Refunds given in the period divided by its revenue.
                RefundRate "refundRate" Ratio = Formula::Ratio(Metric::Refunds, Metric::Revenue);
                /// Refunds given in the period divided by line revenue: the refund rate that products and categories are told in.
                LineRefundRate "lineRefundRate" Ratio = Formula::Ratio(Metric::Refunds, Metric::LineRevenue);
                /// Line revenue of products whose cost is known.
                CostedRevenue "costedRevenue" Money = measure(Lines, Amount(of(Table::OrderItems, "line_total")), Costed);
                /// What the units sold cost the shop, at their products' present cost; of products whose cost is known.
                CostOfGoodsSold "costOfGoodsSold" Money = measure(LineCosts, Amount(LINE_COST), Costed);
                /// Costed revenue less the cost of goods sold.
                GrossProfit "grossProfit" Money = Formula::Difference(Metric::CostedRevenue, Metric::CostOfGoodsSold);
                /// Gross profit divided by the line revenue that it is made of.
                GrossMargin "grossMargin" Ratio = Formula::Ratio(Metric::GrossProfit, Metric::CostedRevenue);
                /// Costed revenue divided by line revenue: how much of what was sold has a known cost.
                CostCoverage "costCoverage" Ratio = Formula::Ratio(Metric::CostedRevenue, Metric::LineRevenue);
                /// Discounts taken off at orders themselves, as far as they fall on lines whose cost is known: in proportion.
                CostedDiscounts "costedDiscounts" Money = Formula::Product(Metric::Discounts, Metric::CostCoverage);
                /// Costed revenue less what was taken off at orders themselves.
                DiscountedRevenue "discountedRevenue" Money = Formula::Difference(Metric::CostedRevenue, Metric::CostedDiscounts);
                /// Gross profit less what was taken off at orders themselves.
                ProfitAfterDiscounts "profitAfterDiscounts" Money = Formula::Difference(Metric::GrossProfit, Metric::CostedDiscounts);
                /// Profit after discounts divided by the revenue that it is made of.
                MarginAfterDiscounts "marginAfterDiscounts" Ratio = Formula::Ratio(Metric::ProfitAfterDiscounts, Metric::DiscountedRevenue);
                /// Different orders that hold two products together.
                OrdersTogether "ordersTogether" Count = measure(Pairs, Distinct(column(Table::OrderItems, "order_key")), Counting);
            }
            $($others)*
        }
    };
}
pub(super) use with_commerce;
