// The names that somebody probably meant who typed another.

const most = 3;

/** Those that are a few letters off, the nearest first; then those that hold what was typed. */
export function nearest(typed, names) {
  const wanted = fold(typed);
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  const near = names.map(name => ({ name, far: distance(wanted, fold(name), limit) })).filter(one => one.far <= limit).sort((a, b) => a.far - b.far);
  const holding = names.filter(name => wanted && fold(name).includes(wanted));
  return [...new Set([...near.map(one => one.name), ...holding])].slice(0, most);
}

// Case and the choice of dash or underscore are the commonest slips and count as none.
const fold = name => name.toLowerCase().replaceAll('-', '_');

// Letters to put in, take out or change; more than the limit is not counted further.
function distance(a, b, limit) {
  if (Math.abs(a.length - b.length) > limit) return Infinity;
  let before = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) row.push(Math.min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    before = row;
  }
  return before[b.length];
}
