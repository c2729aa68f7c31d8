// What `new Date()` reads in each text of a JSON list, in UTC: an instant, or null.

process.env.TZ = 'UTC'

const told = JSON.parse(process.argv[2]).map((text) => {
  const date = new Date(text)
  return Number.isNaN(date.valueOf()) ? null : date.toISOString()
})
console.log(JSON.stringify(told))
