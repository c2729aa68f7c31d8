// What a table of the page holds: the names of its rows, and a series for each column of numbers. Numbers are read from the
// exact digits beside their text, and only to be drawn.
export function readTable(table, of) {
  const rows = table ? [...table.tBodies[0].rows].map((row) => [...row.cells]) : [];
  const headings = table ? [...table.tHead.rows[0].cells] : [];
  const name = (cells) => cells[of];
  return {
    names: rows.map((cells) => words(name(cells))),
    ticks: rows.map((cells) => name(cells).querySelector('time')?.dataset.tick ?? words(name(cells))),
    // Buckets that are not whole.
    parts: rows.map((cells) => name(cells).querySelector('.part') !== null),
    column: (at) => ({
      name: words(headings[at]),
      ...headings[at].dataset,
      values: rows.map((cells) => number(cells[at])),
      texts: rows.map((cells) => words(cells[at])),
    }),
  };
}

const words = (element) => element.textContent.trim();

function number(cell) {
  const exact = cell.querySelector('data');
  return exact ? Number(exact.value) : null;
}
