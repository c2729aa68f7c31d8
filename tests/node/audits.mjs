// Every audit of npm's graphql-http on a running server: `node audits.mjs http://HOST:PORT/graphql`. Prints those that
// are not met to the letter, and how many are.
import { serverAudits } from 'graphql-http'

const audits = serverAudits({ url: process.argv[2], fetchFn: fetch })
let met = 0
for (const audit of audits) {
  const result = await audit.fn()
  if (result.status === 'ok') met++
  else console.log(`${result.status} ${audit.id} ${audit.name}: ${result.reason}`)
  if (result.response?.body && !result.response.bodyUsed) await result.response.text().catch(() => {})
}
console.log(`${met} of ${audits.length}`)
