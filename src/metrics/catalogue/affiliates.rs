//! The metrics of visits, affiliates and conversions.

/// Hands the domains of `metrics!`, and behind them this one, on.
macro_rules! with_affiliates {
    ($($others:tt)*) => {
        metrics! {
            $($others)*
            Affiliates {
                /// Clicks on links with a tracking code: `CLICK` events.
                AffiliateClicks "affiliateClicks" Count = measure(Events, Count, Rows::Clicked);
                /// Views of pages: `PAGEVIEW` events.
                Pageviews "pageviews" Count = measure(Events, Count, Rows::Viewed);
                /// Different sessions with any event; events without a session do not count.
                Visitors "visitors" Count = measure(Events, Distinct(column(Table::Events, "session_id")), All);
                /// Views of pages divided by visitors.
                PagesPerVisit "pagesPerVisit" Average = Formula::Ratio(Metric::Pageviews, Metric::Visitors);
                /// Views of products: `PRODUCT_VIEW` events.
                ProductViews "productViews" Count = measure(Events, Count, Rows::ProductViewed);
                /// Products put into carts: `ADD_TO_CART` events.
                AddToCarts "addToCarts" Count = measure(Events, Count, Rows::AddedToCart);
                /// Products taken out of carts: `REMOVE_FROM_CART` events.
                RemoveFromCarts "removeFromCarts" Count = measure(Events, Count, Rows::RemovedFromCart);
                /// Views of the page that thanks for an order: `THANK_YOU_VIEW` events.
                ThankYouViews "thankYouViews" Count = measure(Events, Count, Rows::Thanked);
                /// Everything that visitors did.
                TrackedEvents "trackedEvents" Count = measure(Events, Count, All);
                /// Conversions. Told apart by code or affiliate under `LINEAR` attribution, where one may be shared, the nearest
                /// whole number: `conversionCredits` has the shares.
                AffiliateConversions "affiliateConversions" Count = measure(Conversions, Count, All);
                /// Conversions, of which each code counts the part that it is credited with: whole numbers but under LINEAR
                /// attribution. Exact until they are shown, the credits of all codes add up to the conversions.
                ConversionCredits "conversionCredits" Fraction = measure(Conversions, Count, All);
                /// Totals of conversions.
                AffiliateRevenue "affiliateRevenue" Money = measure(Conversions, Amount(of(Table::Conversions, "order_total")), All);
                /// What conversions earn: what they say themselves, else by their code's rule, else by the organization's; a share
                /// of the total is rounded once a conversion. What no code is credited with earns nothing by a rule.
                Commission "commission" Money = measure(Commissions, Amount(of(Table::Commissions, "commission")), All);
                /// Conversions divided by clicks.
                AffiliateConversionRate "affiliateConversionRate" Ratio = Formula::Ratio(Metric::AffiliateConversions, Metric::AffiliateClicks);
                /// Conversions divided by products put into carts.
                CartToConversionRate "cartToConversionRate" Ratio = Formula::Ratio(Metric::AffiliateConversions, Metric::AddToCarts);
                /// Totals of conversions divided by their number.
                AverageConversionValue "averageConversionValue" Money = Formula::Ratio(Metric::AffiliateRevenue, Metric::AffiliateConversions);
                /// Commission divided by the totals of conversions.
                EffectiveCommissionRate "effectiveCommissionRate" Ratio = Formula::Ratio(Metric::Commission, Metric::AffiliateRevenue);
                /// Commission divided by clicks.
                EarningsPerClick "earningsPerClick" Money = Formula::Ratio(Metric::Commission, Metric::AffiliateClicks);
                /// Different conversions whose order, by its id, holds the product or category.
                ProductConversions "productConversions" Count = measure(ConvertedProducts, Distinct(column(Table::Conversions, "conversion_key")), All);
            }
        }
    };
}
pub(super) use with_affiliates;
