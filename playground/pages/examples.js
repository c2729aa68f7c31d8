// Queries to start from. Each works as it is.
export const examples = [
  {
    title: 'Last twelve months at a glance',
    query: `{
  revenue(period: { last: { count: 12, grain: MONTH } }) {
    totals {
      revenue { amount currency }
      netRevenue { amount }
      orders
      averageOrderValue { amount }
      activeCustomers
      newCustomers
    }
    change(against: { previous: YEAR }) {
      percent { revenue orders averageOrderValue }
    }
    series(grain: MONTH) { date revenue { amount } orders }
  }
}`,
  },
  {
    title: 'Best products and their categories',
    query: `{
  products(period: { last: { count: 90, grain: DAY } }) {
    top(first: 10, by: REVENUE) {
      rank
      product { sku name category { name } }
      revenue { amount }
      share
      units
      refundRate
    }
  }
  categories(period: { last: { count: 90, grain: DAY } }) {
    top(first: 5) { rank category { name } revenue { amount } share }
  }
}`,
  },
  {
    title: 'Who buys, and who sells to them',
    query: `{
  customers(period: { preset: LAST_QUARTER }) {
    top(first: 5) { rank customer { name country } revenue { amount } orders }
    breakdown(by: ACQUISITION_CHANNEL) { name revenue { amount } activeCustomers share }
  }
  salesReps(period: { preset: LAST_QUARTER }) {
    top(first: 5) { rank salesRep { name } revenue { amount } orders }
  }
}`,
  },
  {
    title: 'When people order',
    query: `{
  orders(period: { last: { count: 12, grain: WEEK } }, timeZone: "Europe/Berlin") {
    byHourOfWeek { dayOfWeek hourOfDay orders revenue { amount } }
  }
}`,
  },
  {
    title: 'Any metric by any dimension',
    query: `query Explore($metrics: [Metric!]!, $dimensions: [Dimension!]!) {
  explore(
    metrics: $metrics
    dimensions: $dimensions
    grain: QUARTER
    period: { last: { count: 4, grain: QUARTER } }
    totals: true
  ) {
    rows { bucket { date } keys { dimension name } values }
    totals
  }
}`,
    variables: { metrics: ['REVENUE', 'ORDERS', 'AVERAGE_ORDER_VALUE'], dimensions: ['COUNTRY'] },
  },
  {
    title: 'What can be asked',
    query: `{
  metrics { metric name unit description dimensions }
}`,
  },
  {
    title: 'Who am I?',
    query: `{
  viewer {
    subject
    credential
    isAdmin
    scopes
    organization { id name currency timeZone }
  }
}`,
  },
];
