// Numbers along an axis, in the manner of the page's reader. They are no figures of the report: those stand in its tables.
const locale = `${document.documentElement.dataset.locale}-u-nu-latn`;

export function axisFormat({ unit, currency, symbol }) {
  if (unit === 'percent') {
    const format = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
    return (value) => format.format(value);
  }
  const style = unit === 'amount' ? { style: 'currency', currency, trailingZeroDisplay: 'stripIfInteger' } : {};
  const format = new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits: 3, ...style });
  // The page's own symbol: browsers have others, by language.
  const part = ({ type, value }) => (type === 'currency' ? symbol : value);
  return (value) => format.formatToParts(value).map(part).join('');
}
