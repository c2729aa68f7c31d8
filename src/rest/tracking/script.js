// What a shop's pages embed: <script src="…/v1/track.js" data-site="ts_…" defer></script>. Comments and indentation are taken
// away as it is served; what is left has at most 2,048 bytes. No cookies: nothing is stored in the browser.
(() => {
  let w = window, d = document, n = navigator, l = location, me = d.currentScript
  // Who asks not to be followed is not: nothing is sent, and what the page calls does nothing.
  let off = n.doNotTrack == 1 || w.doNotTrack == 1 || n.globalPrivacyControl
  // Good events are not to be lost for a bad one.
  let url = new URL('track?each=true&site=' + me.dataset.site, me.src)
  let queue = [], timer, tries = 0, shown, before = d.referrer
  let soon = ms => timer = timer || setTimeout(send, ms)
  let send = leaving => {
    timer = clearTimeout(timer)
    if (!queue[0]) return
    // Browsers refuse 64 KiB from pages that are left, and a character may be three bytes.
    let all = [], size = 0
    while (queue[0] && all.length < 100 && (size += queue[0].length) < 2e4 || !all[0]) all.push(queue.shift())
    let body = `[${all}]`
    // A text needs no question before it, wherever it goes.
    if (!leaving || !n.sendBeacon || !n.sendBeacon(url, body))
      fetch(url, { method: 'POST', body, keepalive: body.length < 2e4 }).then(async r => {
        if (/429|5../.test(r.status)) throw 0
        tries = 0
        if (r.ok) api.session = (await r.json()).session
      }).catch(() => {
        // What finds no room, or no network, is kept a while, and sent again ever more rarely: then with what comes next.
        queue = [...all, ...queue].slice(0, 200)
        if (tries < 6) soon(5e3 << tries++)
      })
    if (queue[0]) leaving ? send(1) : soon(300)
  }
  let api = w.countinghouse = (type, more) => {
    if (off || queue[199]) return
    // An id for each, so that what is sent twice counts once. What no JSON can be made of is the caller's error, at once, and
    // keeps nothing else from being sent.
    queue.push(JSON.stringify({ type, event_id: crypto.getRandomValues(new Uint32Array(4)).join(), page_url: l.href, referrer_url: before, ...more }))
    soon(300)
  }
  let page = () => {
    // A fragment is no page.
    let path = l.pathname + l.search, tc = new URLSearchParams(l.search).get('tc')
    if (path == shown) return
    shown = path
    // Who goes on within the shop, or loads its page again, did not come by the link once more.
    if (tc && !before.startsWith(l.origin + '/') && !(performance.navigation || 0).type) api('CLICK', { tracking_code: tc })
    api('PAGEVIEW')
    d.querySelectorAll('[data-track$=_VIEW]').forEach(told)
    before = l.href
  }
  let told = e => api(e.dataset.track, { product_id: e.dataset.product })
  d.addEventListener('click', e => {
    e = e.target.closest && e.target.closest('[data-track$=_CART]')
    e && told(e)
  }, true)
  // Pages that change without being loaded.
  let push = history.pushState
  history.pushState = function () {
    push.apply(this, arguments)
    setTimeout(page)
  }
  w.addEventListener('popstate', page)
  for (let e of ['visibilitychange', 'pagehide']) w.addEventListener(e, () => send(1))
  // What a browser loads ahead is no visit until it is looked at.
  d.prerendering ? d.addEventListener('prerenderingchange', page) : page()
})()
