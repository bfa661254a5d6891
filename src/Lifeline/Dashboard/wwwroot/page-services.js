import { h, setText, setData } from './dom.js';
import { bytes, healthTone, span, stateText, stateTone, statusText } from './format.js';
import { act, rights } from './actions.js';
import { color, line } from './draw.js';
import * as store from './store.js';

// The table of all services. Only the rows that are seen exist, so that a thousand cost what thirty do.

const columns = [
  ['name', 'Name'], ['state', 'State'], ['health', 'Health'], ['text', 'Status'], ['uptime', 'Uptime'], ['restarts', 'Restarts'], ['memory', 'Memory'], ['cpu', 'CPU'],
];
const overscan = 6;
const kept = { filter: '', state: '', sort: '', descending: false, grouped: false, chosen: null };

export function render(main) {
  main.classList.add('fills');
  const search = h('input', { type: 'search', placeholder: 'Filter by name, state or text   /', 'aria-label': 'Filter services', value: kept.filter, id: 'filter' });
  const tally = h('div', { class: 'tally', role: 'group', 'aria-label': 'Show only a state' });
  const grouping = h('button', { type: 'button', 'aria-pressed': String(kept.grouped), hidden: true }, 'Groups');
  const heads = columns.map(([key, title]) => h('div', { role: 'columnheader', class: `${key} ${['uptime', 'restarts', 'memory', 'cpu'].includes(key) ? 'number' : ''}` },
    h('button', { type: 'button', onclick: () => sortBy(key) }, title)));
  const space = h('div', { class: 'grid-space', role: 'presentation' });
  const body = h('div', { class: 'grid-body', role: 'rowgroup', tabIndex: 0, 'aria-label': 'Services; arrows choose, Enter opens' }, space);
  const empty = h('p', { class: 'empty', hidden: true });
  const chosen = h('p', { class: 'unseen', role: 'status' });
  const grid = h('div', { class: 'grid', role: 'grid', 'aria-label': 'Services' },
    h('div', { role: 'rowgroup' }, h('div', { class: 'row head', role: 'row' }, heads, h('div', { role: 'columnheader' }, 'Orders'))), body);
  main.append(h('div', { class: 'bar' }, h('h1', {}, 'Services'), search, grouping, h('div', { class: 'grow' }), tally), empty, grid, chosen);

  const pool = [];
  const headings = [];
  let lines = [];
  let rowHeight = 40;

  // Rows lie at multiples of their height, which the style sheet names.
  function measure() {
    const style = getComputedStyle(document.documentElement);
    rowHeight = parseFloat(style.getPropertyValue('--row')) * parseFloat(style.fontSize);
  }

  function sortBy(key) {
    if (kept.sort !== key) [kept.sort, kept.descending] = [key, ['memory', 'cpu', 'restarts'].includes(key)];
    else if (kept.descending === ['memory', 'cpu', 'restarts'].includes(key)) kept.descending = !kept.descending;
    else kept.sort = '';
    arrange();
  }

  const value = {
    name: service => service.name,
    state: service => service.state,
    health: service => service.health,
    text: service => statusText(service),
    uptime: service => service.pid ? Date.now() - Date.parse(service.started_at) : -1,
    restarts: service => service.restarts,
    memory: service => service.memory_bytes ?? -1,
    cpu: service => store.samples.get(service.name)?.at(-1)?.percent ?? -1,
  };

  function shown() {
    const needle = kept.filter.toLowerCase();
    let list = store.order.map(name => store.services.get(name)).filter(service => service
      && (!kept.state || service.state === kept.state)
      && (!needle || service.name.toLowerCase().includes(needle) || service.state.includes(needle) || statusText(service).toLowerCase().includes(needle)));
    if (kept.sort) {
      const of = value[kept.sort];
      const sign = kept.descending ? -1 : 1;
      list = list.map(service => [of(service), service]).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0) * sign).map(([, service]) => service);
    }
    return list;
  }

  function arrange() {
    const list = shown();
    lines = [];
    if (kept.grouped) {
      const byGroup = new Map();
      for (const service of list) {
        const group = service.group ?? '';
        byGroup.set(group, [...(byGroup.get(group) ?? []), service.name]);
      }
      for (const [group, names] of byGroup) lines.push({ group: group || 'no group', count: names.length }, ...names.map(name => ({ name })));
    } else {
      lines = list.map(service => ({ name: service.name }));
    }
    heads.forEach((head, i) => {
      if (columns[i][0] === kept.sort) head.setAttribute('aria-sort', kept.descending ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    });
    grid.setAttribute('aria-rowcount', String(lines.length + 1));
    empty.hidden = lines.length > 0;
    setText(empty, !store.known ? 'Asking Lifeline for its services…' : store.order.length === 0 ? 'There are no services.' : 'No service matches.');
    grouping.hidden = !store.order.some(name => store.services.get(name)?.group);
    count();
    draw();
  }

  function count() {
    const counts = new Map();
    for (const service of store.services.values()) counts.set(service.state, (counts.get(service.state) ?? 0) + 1);
    const wanted = [...counts].sort().map(([state, number]) => `${state} ${number}`).join();
    if (tally.dataset.now === wanted + kept.state) return;
    tally.dataset.now = wanted + kept.state;
    tally.replaceChildren(...[...counts].sort().map(([state, number]) => h('button', {
      type: 'button', class: 'badge', 'data-tone': stateTone[state], 'aria-pressed': String(kept.state === state),
      onclick: () => { kept.state = kept.state === state ? '' : state; arrange(); },
    }, `${number} ${state}`)));
  }

  function makeRow() {
    const cells = {};
    for (const [key] of columns) cells[key] = h('div', { role: 'gridcell', class: key });
    cells.link = h('a', { tabIndex: -1 });
    cells.name.append(cells.link);
    for (const key of ['state', 'health']) { cells[key + 'Badge'] = h('span', { class: 'badge' }); cells[key].append(cells[key + 'Badge']); }
    for (const key of ['uptime', 'restarts']) cells[key].classList.add('number');
    for (const key of ['memory', 'cpu']) {
      cells[key].classList.add('with-spark');
      cells[key + 'Spark'] = h('canvas', { width: 56, height: 18, 'aria-hidden': 'true' });
      cells[key + 'Text'] = h('span');
      cells[key].append(cells[key + 'Spark'], cells[key + 'Text']);
    }
    const buttons = ['restart', 'stop', 'start'].map(what => h('button', { type: 'button', tabIndex: -1, onclick: () => act(what, row.dataset.name) }, { restart: '↻', stop: '■', start: '▶' }[what]));
    cells.buttons = buttons;
    const row = h('div', { role: 'row', class: 'row', onclick: () => choose(row.dataset.name, false) }, columns.map(([key]) => cells[key]), h('div', { role: 'gridcell', class: 'acts' }, buttons));
    row.cells = cells;
    space.append(row);
    return row;
  }

  function fill(row, service, index) {
    const cells = row.cells;
    if (row.dataset.name !== service.name) {
      row.dataset.name = service.name;
      setText(cells.link, service.name);
      cells.link.href = `#/services/${encodeURIComponent(service.name)}`;
      cells.buttons.forEach((button, i) => button.setAttribute('aria-label', `${['Restart', 'Stop', 'Start'][i]} ${service.name}`));
    }
    row.setAttribute('aria-rowindex', String(index + 2));
    row.setAttribute('aria-selected', String(service.name === kept.chosen));
    setText(cells.stateBadge, stateText(service)); setData(cells.stateBadge, 'tone', stateTone[service.state]);
    setText(cells.healthBadge, service.health); setData(cells.healthBadge, 'tone', healthTone[service.health]);
    setText(cells.text, statusText(service)); cells.text.title = statusText(service);
    setText(cells.uptime, service.pid && service.started_at ? span(Date.now() - Date.parse(service.started_at)) : '–');
    setText(cells.restarts, String(service.restarts));
    setText(cells.memoryText, bytes(service.memory_bytes));
    const own = store.samples.get(service.name) ?? [];
    const percent = own.at(-1)?.percent;
    setText(cells.cpuText, percent === null || percent === undefined ? '–' : `${percent.toFixed(1)} %`);
    if (row.sample !== own.at(-1)?.at || row.sampleOf !== service.name) {
      [row.sample, row.sampleOf] = [own.at(-1)?.at, service.name];
      line(cells.memorySpark, own.map(sample => sample.memory), color('--spark-memory'));
      line(cells.cpuSpark, own.map(sample => sample.percent), color('--spark-cpu'), { low: 0 });
    }
    for (const button of cells.buttons) button.disabled = !rights.may_change;
  }

  function draw() {
    space.style.height = `${lines.length * rowHeight}px`;
    const first = Math.max(0, Math.floor(body.scrollTop / rowHeight) - overscan);
    const last = Math.min(lines.length, Math.ceil((body.scrollTop + body.clientHeight) / rowHeight) + overscan);
    let usedRows = 0;
    let usedHeadings = 0;
    for (let i = first; i < last; i++) {
      const at = `translateY(${i * rowHeight}px)`;
      if (lines[i].group) {
        const heading = headings[usedHeadings] ?? (headings[usedHeadings] = space.appendChild(h('div', { class: 'group-row', role: 'row' }, h('div', { role: 'gridcell' }))));
        usedHeadings++;
        heading.hidden = false;
        heading.style.transform = at;
        setText(heading.firstChild, `${lines[i].group} · ${lines[i].count}`);
        continue;
      }
      const service = store.services.get(lines[i].name);
      if (!service) continue;
      const row = pool[usedRows] ?? (pool[usedRows] = makeRow());
      usedRows++;
      row.style.display = '';
      row.style.transform = at;
      fill(row, service, i);
    }
    for (let i = usedRows; i < pool.length; i++) pool[i].style.display = 'none';
    for (let i = usedHeadings; i < headings.length; i++) headings[i].hidden = true;
  }

  function choose(name, scroll = true) {
    kept.chosen = name;
    const index = lines.findIndex(entry => entry.name === name);
    if (scroll && index >= 0) {
      const top = index * rowHeight;
      if (top < body.scrollTop) body.scrollTop = top;
      else if (top + rowHeight > body.scrollTop + body.clientHeight) body.scrollTop = top + rowHeight - body.clientHeight;
    }
    draw();
  }

  function step(by) {
    const names = lines.filter(entry => entry.name).map(entry => entry.name);
    if (names.length === 0) return;
    const index = names.indexOf(kept.chosen);
    choose(names[index < 0 ? 0 : Math.max(0, Math.min(names.length - 1, index + by))]);
    // Who does not see the mark at the row hears which it is.
    const service = store.services.get(kept.chosen);
    setText(chosen, [service.name, stateText(service), service.health, statusText(service)].filter(Boolean).join(', '));
  }

  search.addEventListener('input', () => { kept.filter = search.value; arrange(); });
  search.addEventListener('keydown', event => {
    if (event.key === 'Escape') { search.value = kept.filter = ''; arrange(); body.focus(); event.stopPropagation(); }
    if (event.key === 'Enter' || event.key === 'ArrowDown') { step(0); body.focus(); event.preventDefault(); }
  });
  grouping.addEventListener('click', () => {
    kept.grouped = !kept.grouped;
    grouping.setAttribute('aria-pressed', String(kept.grouped));
    arrange();
  });
  body.addEventListener('scroll', () => requestAnimationFrame(draw), { passive: true });
  const resized = new ResizeObserver(() => requestAnimationFrame(() => { measure(); draw(); }));
  resized.observe(body);
  const off = store.on('services', names => {
    // Rows keep their places unless something that orders or hides them changed.
    if (names === null || kept.filter || kept.state || kept.sort) arrange();
    else { count(); draw(); }
  });
  const clockTick = setInterval(draw, 1000);
  measure();
  arrange();

  return {
    leave() { off(); clearInterval(clockTick); resized.disconnect(); main.classList.remove('fills'); },
    key(event) {
      const acts = { r: 'restart', s: 'stop', u: 'start' };
      if (event.key === '/') search.focus();
      else if (event.key === 'ArrowDown' || event.key === 'j') step(1);
      else if (event.key === 'ArrowUp' || event.key === 'k') step(-1);
      else if (event.key === 'Enter' && kept.chosen && event.target.tagName !== 'BUTTON' && event.target.tagName !== 'A') location.hash = `#/services/${encodeURIComponent(kept.chosen)}`;
      else if (acts[event.key] && kept.chosen) act(acts[event.key], kept.chosen);
      else return false;
      return true;
    },
  };
}
