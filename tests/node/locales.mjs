// Compares numbers that the server wrote with what Intl makes of the same digits.
//
//   node locales.mjs FILE
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

// Signs that say which way to read, and which of several alike stands there, change with the edition of Unicode's data.
const alike = (text) => text
  .replaceAll(/[\u200e\u200f\u061c]/g, '')
  .replaceAll(/[\u00a0\u202f]/g, ' ')
  .replaceAll('\u2019', "'")
  .replaceAll('\u2212', '-')
  .replaceAll('\u066a', '%');

// Where Intl puts a currency or a percent sign. The digits are those of plain numbers: some regions part the digits of
// amounts or percentages differently, and a page that did so would write one number in two ways.
function beside(tag, value, options, digits) {
  const parts = new Intl.NumberFormat(tag, options).formatToParts(value);
  const isDigits = ({ type }) => ['integer', 'group', 'decimal', 'fraction'].includes(type);
  const from = parts.findIndex(isDigits);
  const rest = parts.filter((part) => !isDigits(part)).map(({ type, value: text }) => (type === 'minusSign' ? '' : text));
  rest.splice(from, 0, digits);
  return alike(rest.join('')).replaceAll('EUR', '€');
}

// Two regions put codes of currencies elsewhere than symbols.
const byCode = ['en-DK', 'en-SE'];

const told = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const wrong = [];
for (const { tag, numbers } of told) {
  const intl = `${tag}-u-nu-latn`;
  const two = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  for (const { value, number, percent, EUR, CHF } of numbers) {
    const expect = (what, is, should) => alike(is) === should || wrong.push(`${tag} ${what} ${value}: ${is}, not ${should}`);
    const digits = new Intl.NumberFormat(intl, two).format(value);
    expect('number', number, alike(digits));
    // Where the minus stands within is left to the beginning in all languages.
    if (value.startsWith('-')) continue;
    expect('percent', percent, beside(intl, value, { style: 'percent' }, digits));
    const amount = (currency, currencyDisplay) => beside(intl, value, { style: 'currency', currency, currencyDisplay }, digits);
    expect('EUR', EUR, amount('EUR', 'narrowSymbol'));
    if (!byCode.includes(tag)) expect('CHF', CHF, amount('CHF', 'code'));
  }
}
assert.deepEqual(wrong, []);
console.log(`${told.length} languages write alike`);
