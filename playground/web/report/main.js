// What a shared report starts with: next to nothing, so that its figures are painted at once. The charts, whose room is kept,
// are read and drawn when that is done.
requestAnimationFrame(() => setTimeout(async () => (await import('./charts.js')).start()));
