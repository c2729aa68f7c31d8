// What a shop's pages embed: <script src="…/v1/track.js" data-site="ts_…" defer></script>. Comments and indentation are taken
// away as it is served; what is left has at most 2,048 bytes. No cookies: nothing is stored in the browser.
(() => {
  let w = window, d = document, n = navigator, me = d.currentScript
  // Who asks not to be followed is not: nothing is sent, and what the page calls does nothing.
  let off = n.doNotTrack == '1' || w.doNotTrack == '1' || n.globalPrivacyControl
  let url = new URL('track?site=' + me.dataset.site, me.src).href
  let queue = [], timer, before = d.referrer || undefined
  // An id for each event, so that what is sent twice counts once.
  let id = () => [...crypto.getRandomValues(new Uint8Array(14))].map(b => b.toString(36)).join('')
  let send = leaving => {
    clearTimeout(timer)
    timer = 0
    if (!queue[0]) return
    let all = queue.splice(0, 100), body = JSON.stringify(all)
    // A text needs no question before it, wherever it goes.
    if (leaving === 1 && n.sendBeacon && n.sendBeacon(url, body)) return
    fetch(url, { method: 'POST', body, keepalive: true }).then(async r => {
      if (/429|503/.test(r.status)) again(all)
      else api.session = (await r.json()).session
    }).catch(() => again(all))
  }
  // What finds no room, or no network, is kept a while.
  let again = all => {
    if (queue.length < 200) queue.unshift(...all)
    timer = timer || setTimeout(send, 5000)
  }
  let api = w.countinghouse = (type, more) => {
    if (off) return
    queue.push({ type, event_id: id(), page_url: location.href, referrer_url: before, ...more })
    timer = timer || setTimeout(send, 300)
  }
  let page = () => {
    let tracking_code = new URLSearchParams(location.search).get('tc')
    if (tracking_code) api('CLICK', { tracking_code })
    api('PAGEVIEW')
    d.querySelectorAll('[data-track=PRODUCT_VIEW],[data-track=THANK_YOU_VIEW]').forEach(told)
    before = location.href
  }
  let told = e => api(e.dataset.track, { product_id: e.dataset.product })
  d.addEventListener('click', e => {
    e = e.target.closest && e.target.closest('[data-track=ADD_TO_CART],[data-track=REMOVE_FROM_CART]')
    if (e) told(e)
  }, true)
  // Pages that change without being loaded.
  let push = history.pushState
  history.pushState = function () {
    push.apply(this, arguments)
    setTimeout(page)
  }
  w.addEventListener('popstate', page)
  d.addEventListener('visibilitychange', () => d.visibilityState == 'hidden' && send(1))
  w.addEventListener('pagehide', () => send(1))
  page()
})()
