// The charts of a shared report. A chart shows a table of the page, whichever of them is looked at, and nothing else: what
// stands in its tooltips is the text of the cells.
import { Panel } from './panel.js';
import { readTable } from './table.js';

function draw(section) {
  const room = section.querySelector('.chart');
  if (!room) return [];
  const look = () => readTable(looked(section), Number(room.dataset.of));
  const panels = [];
  for (const element of room.querySelectorAll('.panel')) {
    const before = panels.reduce((sum, panel) => sum + panel.series.length, 0);
    panels.push(new Panel(element, room.dataset, before, look));
  }
  section.addEventListener('change', () => panels.forEach((panel) => panel.show(look())));
  return panels;
}

// The table of the view whose button is pressed.
function looked(section) {
  const buttons = [...section.querySelectorAll('.switch input')];
  const at = Math.max(0, buttons.findIndex((button) => button.checked));
  return section.querySelectorAll('.view')[at]?.querySelector('table');
}

export function start() {
  const panels = [...document.querySelectorAll('.section')].flatMap(draw);
  // Paper is light whatever the screen is, and of one width.
  const repaint = () => panels.forEach((panel) => panel.paint());
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
  matchMedia('print').addEventListener('change', repaint);
  const put = (onPaper) => {
    // The colours of paper hold before its style does.
    document.documentElement.toggleAttribute('data-paper', onPaper);
    panels.forEach((panel) => panel.fit(onPaper ? 680 : undefined));
  };
  addEventListener('beforeprint', () => put(true));
  addEventListener('afterprint', () => put(false));
}
