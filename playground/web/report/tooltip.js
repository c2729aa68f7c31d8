// What a chart tells of the place that is pointed at: an element of the page, so that names are written the right way round
// and readers of screens hear it.
export class Tooltip {
  constructor(beside) {
    this.box = document.createElement('div');
    this.box.className = 'tooltip';
    this.box.setAttribute('role', 'status');
    this.box.hidden = true;
    beside.append(this.box);
  }

  // `lines` are class, name and text of what is told; `x` and `y` where, within the element that it stands in.
  show(title, lines, x, y) {
    const head = document.createElement('p');
    head.append(isolated(title));
    this.box.replaceChildren(head, ...lines.map(line));
    this.box.hidden = false;
    const { clientWidth, clientHeight } = this.box.parentElement;
    const { offsetWidth, offsetHeight } = this.box;
    const right = x + 14 + offsetWidth <= clientWidth;
    const left = right ? x + 14 : Math.max(0, x - 14 - offsetWidth);
    const top = Math.min(Math.max(0, y - offsetHeight / 2), Math.max(0, clientHeight - offsetHeight));
    this.box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  hide() {
    this.box.hidden = true;
  }
}

function line([series, name, text]) {
  const element = document.createElement('p');
  const swatch = document.createElement('span');
  swatch.className = `swatch series-${series}`;
  const value = document.createElement('strong');
  value.textContent = text;
  element.append(swatch, isolated(name), ' ', value);
  return element;
}

export function isolated(text) {
  const element = document.createElement('bdi');
  element.textContent = text;
  return element;
}
