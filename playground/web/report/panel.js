// One chart: columns of one unit, with a button for each series where there are several, and what it tells when it is
// pointed at or walked through by keys.
import {
  BarController, BarElement, CategoryScale, Chart, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip as Pointing,
} from 'chart.js';
import { axisFormat } from './numbers.js';
import { Tooltip, isolated } from './tooltip.js';

Chart.register(
  BarController, BarElement, CategoryScale, Filler, LinearScale, LineController, LineElement, PointElement, Pointing,
);
const colours = 6;

export class Panel {
  // `before` is how many series the panels before it have: lines of one section have colours of their own.
  constructor(element, { chart, rows }, before, look) {
    this.isLines = chart === 'lines';
    this.colour = (at) => (this.isLines ? before + at : at) % colours + 1;
    this.most = Number(rows);
    this.columns = element.dataset.columns.split(' ').map(Number);
    this.legend = document.createElement('div');
    this.legend.className = 'legend';
    this.canvas = document.createElement('canvas');
    const box = document.createElement('div');
    box.className = 'canvas';
    box.append(this.canvas);
    element.append(this.legend, box);
    this.tooltip = new Tooltip(box);
    this.canvas.setAttribute('role', 'img');
    const kind = this.isLines ? 'Line chart' : 'Bar chart';
    this.canvas.setAttribute('aria-label', `${kind}: ${element.dataset.title}. The table below has its figures.`);
    this.canvas.tabIndex = 0;
    this.draw(look());
    this.canvas.addEventListener('keydown', (event) => this.walk(event));
    this.canvas.addEventListener('blur', () => this.point(null));
  }

  draw(table) {
    this.read(table);
    this.chart = new Chart(this.canvas, {
      type: this.isLines ? 'line' : 'bar',
      data: this.data(),
      options: this.options(),
      plugins: [{ id: 'place', beforeDatasetsDraw: (chart) => this.mark(chart) }],
    });
    this.name();
    this.paint();
  }

  // Another view of the same columns.
  show(table) {
    const hidden = this.series.map((_, at) => !this.chart.isDatasetVisible(at));
    this.read(table);
    this.tooltip.hide();
    this.chart.data = this.data();
    hidden.forEach((isHidden, at) => this.chart.setDatasetVisibility(at, !isHidden));
    this.paint();
  }

  read(table) {
    this.table = table;
    this.series = this.columns.map(table.column);
    this.rows = this.isLines ? table.names.length : Math.min(this.most, table.names.length);
  }

  data() {
    const cut = (list) => list.slice(0, this.rows);
    // A single line is filled; lines of few points show them.
    const lines = { pointRadius: this.rows > 12 ? 0 : 3, pointHoverRadius: 5, borderWidth: 2 };
    const dashed = (at) => (this.table.parts[at] ? [3, 4] : undefined);
    const segment = { borderDash: ({ p0DataIndex, p1DataIndex }) => dashed(p0DataIndex) ?? dashed(p1DataIndex) };
    const bars = { borderRadius: 3, maxBarThickness: 22 };
    return {
      labels: cut(this.table.ticks),
      datasets: this.series.map(({ name, values }) => ({
        label: name,
        data: cut(values),
        ...(this.isLines ? { ...lines, segment, fill: this.series.length === 1 } : bars),
      })),
    };
  }

  options() {
    const format = axisFormat(this.series[0]);
    const numbers = {
      beginAtZero: true,
      border: { display: false },
      // Lines below each other start below each other.
      afterFit: (scale) => { if (this.isLines) scale.width = Math.max(scale.width, 52); },
      ticks: { callback: format, maxTicksLimit: 6, maxRotation: 0, precision: this.series[0].unit === 'count' ? 0 : undefined },
    };
    const names = {
      grid: { display: false },
      ticks: {
        autoSkip: this.isLines, maxRotation: 0, autoSkipPadding: 16, callback: (_, at) => short(this.chart, this.table.ticks[at] ?? '', this.isLines),
      },
    };
    return {
      // Nothing moves: what is drawn is what the table says, at any moment.
      animation: false,
      maintainAspectRatio: false,
      indexAxis: this.isLines ? 'x' : 'y',
      interaction: { mode: 'index', intersect: false, axis: this.isLines ? 'x' : 'y' },
      scales: this.isLines ? { x: names, y: numbers } : { x: numbers, y: names },
      plugins: { tooltip: { enabled: false, external: ({ tooltip }) => this.tell(tooltip) } },
    };
  }

  // A button for each series; a single one is only named.
  name() {
    this.legend.replaceChildren(...this.series.map(({ name }, at) => {
      const entry = document.createElement(this.series.length > 1 ? 'button' : 'span');
      const swatch = document.createElement('span');
      swatch.className = `swatch series-${this.colour(at)}`;
      entry.append(swatch, isolated(name));
      if (this.series.length > 1) {
        entry.type = 'button';
        entry.setAttribute('aria-pressed', 'true');
        entry.addEventListener('click', () => {
          const isShown = !this.chart.isDatasetVisible(at);
          this.chart.setDatasetVisibility(at, isShown);
          entry.setAttribute('aria-pressed', String(isShown));
          this.chart.update();
        });
      }
      return entry;
    }));
  }

  // In the page's own colours, as they are now.
  paint() {
    const styles = getComputedStyle(document.documentElement);
    const colour = (name) => styles.getPropertyValue(`--${name}`).trim();
    this.chart.data.datasets.forEach((dataset, at) => {
      dataset.borderColor = colour(`series-${this.colour(at)}`);
      dataset.backgroundColor = this.isLines ? `${dataset.borderColor}1f` : dataset.borderColor;
      dataset.pointBackgroundColor = dataset.borderColor;
    });
    this.line = colour('quiet');
    const { scales } = this.chart.options;
    for (const scale of Object.values(scales)) {
      scale.ticks.color = colour('quiet');
      scale.ticks.font = { family: getComputedStyle(document.body).fontFamily, size: 12 };
      scale.grid = { ...scale.grid, color: colour('line') };
    }
    this.chart.update('none');
  }

  // To a width, or to the room that there is.
  fit(width) {
    const room = this.canvas.parentElement;
    if (width) this.chart.resize(width, room.clientHeight);
    else this.chart.resize();
    this.paint();
  }

  tell({ opacity, dataPoints, caretX, caretY }) {
    if (opacity === 0 || !dataPoints?.length) return this.tooltip.hide();
    const at = dataPoints[0].dataIndex;
    const lines = dataPoints.map(({ datasetIndex: of }) => [this.colour(of), this.series[of].name, this.series[of].texts[at]]);
    return this.tooltip.show(this.table.names[at], lines, caretX, caretY);
  }

  // A line through the place that is told of.
  mark({ ctx, chartArea: { top, bottom }, tooltip }) {
    if (!this.isLines || !tooltip?.opacity || !tooltip.dataPoints?.length) return;
    const { x } = tooltip.dataPoints[0].element;
    ctx.save();
    ctx.strokeStyle = this.line;
    ctx.setLineDash([2, 3]);
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, bottom);
    ctx.stroke();
    ctx.restore();
  }

  walk(event) {
    const steps = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -Infinity, End: Infinity };
    if (event.key === 'Escape') return this.point(null);
    if (!(event.key in steps)) return undefined;
    event.preventDefault();
    const before = this.chart.tooltip.dataPoints?.[0]?.dataIndex ?? (steps[event.key] > 0 ? -1 : this.rows);
    return this.point(Math.min(Math.max(before + steps[event.key], 0), this.rows - 1));
  }

  // At a row, as a pointer would; or at none.
  point(index) {
    const visible = this.series.map((_, at) => at).filter((at) => this.chart.isDatasetVisible(at));
    const active = index === null ? [] : visible.map((datasetIndex) => ({ datasetIndex, index }));
    this.chart.setActiveElements(active);
    this.chart.tooltip.setActiveElements(active, { x: 0, y: 0 });
    this.chart.update('none');
  }
}

// A name where there is little room.
function short(chart, name, isLines) {
  const longest = isLines ? 24 : Math.max(8, Math.min(28, Math.round((chart?.width ?? 600) / 26)));
  const characters = [...name];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : name;
}
