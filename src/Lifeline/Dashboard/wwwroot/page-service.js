import { h, setData, setText } from './dom.js';
import { bytes, dateAndClock, death, eventText, eventTone, healthTone, micros, span, stateText, stateTone, statusText } from './format.js';
import { act, rights, rightsKnown } from './actions.js';
import { color, line } from './draw.js';
import { timeline } from './timeline.js';
import { logView } from './log-view.js';
import { nearest } from './nearest.js';
import * as api from './api.js';
import * as store from './store.js';

// The page of one service.

// What is due next.
const dueText = {
  restart: 'started again in', retry: 'tried again in', launch_timeout: 'given up unless executed within', ready_timeout: 'killed unless ready within',
  stop_timeout: 'killed unless ended within', reclaim_timeout: 'cleanup given up in', kill: 'killed again in', reclaim: 'cleaned up again in',
  hung: 'counts as hung without a sign of life within',
};

// How long a heartbeat may still be silent changes with each sign of life, of which no event tells: asked for again this often.
const heartbeatEvery = 2000;

function detailRows(details) {
  const { due, limits, listen, stored } = details ?? {};
  const named = { nofile: limits?.nofile, memory: limits?.memory_bytes == null ? null : bytes(limits.memory_bytes), processes: limits?.processes, core: limits?.core_bytes == null ? null : bytes(limits.core_bytes) };
  const told = Object.entries(named).filter(([, value]) => value != null).map(([key, value]) => `${key} ${value}`).join(', ');
  return [
    ...(dueText[due?.what] ? [['Next', `${dueText[due.what]} ${span(Date.parse(due.at) - Date.now())}`]] : []),
    ...(told ? [['Limits', told]] : []),
    ...(listen ? [['Listens', listen.map(socket => `${socket.name} at ${socket.kind} ${socket.address}${socket.is_open ? '' : ' (not open)'}`).join(', ')]] : []),
    ...(stored ? [['Keeps', stored.join(', ')]] : []),
  ];
}

const maxPoints = 240;
// Names of fields that are drawn: a service that makes up new ones all the time must not fill the page.
const maxFields = 64;
const maxEvents = 200;
const redrawEvery = 30000;

/** Of a service that is not there the API is asked nothing: a browser complains of each answer 404. */
export function render(main, name) {
  let page = null;
  let wasThere = null;
  function show() {
    // Null: nobody knows yet.
    const isThere = store.known ? store.services.has(name) : null;
    if (page && isThere === wasThere) return;
    wasThere = isThere;
    page?.leave();
    main.replaceChildren();
    page = isThere ? present(main, name) : absent(main, name, isThere === null);
  }
  const off = store.on('services', show);
  show();
  return {
    leave() { off(); page.leave(); },
    key: event => page.key(event),
  };
}

const bar = (name, ...others) => h('div', { class: 'bar' }, h('a', { href: '#/', 'aria-label': 'Back to all services' }, '←'), h('h1', {}, name), ...others);

function absent(main, name, isUnknownYet) {
  main.append(bar(name, h('span', { class: 'badge' }, isUnknownYet ? '…' : 'there is no such service')));
  if (!isUnknownYet) {
    const near = nearest(name, store.order).map((other, i) => [i ? ', ' : '', h('a', { href: `#/services/${encodeURIComponent(other)}` }, other)]);
    main.append(h('p', { class: 'empty' }, near.length ? ['Did you mean ', ...near.flat(), '?'] : [h('a', { href: '#/' }, 'These'), ' are all there are.']));
  }
  return {
    leave() { },
    key(event) {
      if (event.key !== 'Escape') return false;
      location.hash = '#/';
      return true;
    },
  };
}

function present(main, name) {
  const state = h('span', { class: 'badge' });
  const health = h('span', { class: 'badge' });
  const buttons = ['restart', 'stop', 'start'].map(what => h('button', { type: 'button', onclick: () => act(what, name) }, what[0].toUpperCase() + what.slice(1)));
  const facts = h('dl', { class: 'facts' });
  const lives = h('div', {});
  const deaths = h('div', { class: 'scroll-x', tabIndex: 0 });
  const plots = h('div', { class: 'plots' });
  const noPlots = h('p', { class: 'empty' }, 'It has reported no numbers yet.');
  const happened = h('ol', { class: 'event-list' });
  const nothingYet = h('p', { class: 'empty', hidden: true }, 'Nothing has happened to it yet.');
  const settings = h('div', { class: 'scroll-x', tabIndex: 0 });
  const log = logView(name);
  const card = (title, size, ...content) => h('section', { class: size ? `card ${size}` : 'card', 'aria-label': title }, h('h2', {}, title), ...content);

  main.append(
    bar(name, state, health, h('div', { class: 'grow' }), buttons),
    h('div', { class: 'cards' },
      card('State', '', facts), card('Generations', 'broad', lives), card('Last deaths', 'wide', deaths),
      card('Output', 'wide', log.element), card('Numbers', 'wide', plots, noPlots), card('Events', 'wide', happened, nothingYet), card('Configuration', 'wide', settings)));

  const history = new Map();
  const memory = [];
  const percent = [];
  let details = null;
  let generations = null;
  let askedAt = 0;
  let drawnAt = 0;
  let newestEvent = 0;
  // Events that come before the past was told; null: it was.
  let early = [];
  let askedPast = 0;

  function showState() {
    const service = store.services.get(name);
    if (!service) return;
    setText(state, stateText(service)); setData(state, 'tone', stateTone[service.state]);
    setText(health, service.health); setData(health, 'tone', healthTone[service.health]);
    const last = service.last_death;
    const rows = [
      ['Status', statusText(service) || '–'], ...(service.because && service.because !== statusText(service) ? [['Because', service.because]] : []), ['Process', service.pid ?? '–'], ['Generation', service.generation], ['Restarts', service.restarts],
      ['Uptime', service.pid && service.started_at ? span(Date.now() - Date.parse(service.started_at)) : '–'],
      ['Memory', bytes(service.memory_bytes)], ['Processes', service.processes ?? '–'], ...detailRows(details),
      ...(last ? [['Last death', `${death(last.reason, last.signal, last.exit_code)}, ${dateAndClock(last.at)}`], ['Seen · cleaned up · back', `${micros(last.detect_us)} · ${micros(last.reclaim_us)} · ${micros(last.restart_us)}`]] : []),
    ];
    if (facts.children.length !== rows.length * 2) facts.replaceChildren(...rows.flatMap(([key]) => [h('dt', {}, key), h('dd', {})]));
    rows.forEach(([key, value], i) => { setText(facts.children[2 * i], key); setText(facts.children[2 * i + 1], String(value)); });
    for (const button of buttons) button.disabled = !rights.may_change;
    note(service.status);
  }

  // Numbers among the fields of a status become lines.
  function note(status) {
    if (!status?.fields) return;
    for (const [key, value] of Object.entries(status.fields)) if (typeof value === 'number') addPoint(key, status.at, value);
  }

  function addPoint(key, at, value) {
    const points = history.get(key) ?? [];
    if (points.length && points.at(-1).at >= at) return;
    points.push({ at, value });
    if (points.length > maxPoints) points.shift();
    // The one that was told longest ago is the first of the map.
    history.delete(key);
    history.set(key, points);
    if (history.size > maxFields) history.delete(history.keys().next().value);
  }

  function drawPlots() {
    const wanted = [['memory', memory.map(point => ({ value: point })), bytes, '--spark-memory', 0], ['CPU', percent.map(point => ({ value: point })), value => value === null ? '–' : `${value.toFixed(1)} %`, '--spark-cpu', 0],
      ...[...history].sort().map(([key, points]) => [key, points, String, '--accent', undefined])].filter(([, points]) => points.length > 0);
    noPlots.hidden = wanted.length > 0;
    wanted.forEach(([key, points, spell, stroke, low], i) => {
      const figure = plots.children[i] ?? plots.appendChild(h('figure', { class: 'plot' }, h('figcaption', {}, h('span', {}), h('output', {})), h('canvas', { height: 60, role: 'img' })));
      const [caption, canvas] = figure.children;
      setText(caption.children[0], key);
      setText(caption.children[1], spell(points.at(-1).value));
      canvas.setAttribute('aria-label', `${key} over time, now ${spell(points.at(-1).value)}`);
      line(canvas, points.map(point => point.value), color(stroke), { low });
    });
    while (plots.children.length > wanted.length) plots.lastChild.remove();
  }

  function showEvent(event) {
    if (event.id <= newestEvent) return;
    newestEvent = event.id;
    const item = h('li', {}, h('time', { dateTime: event.at }, dateAndClock(event.at)), h('span', {}, `generation ${event.generation ?? '–'}`),
      h('span', {}, h('span', { class: 'badge', 'data-tone': eventTone(event.kind) }, event.kind)), h('span', { class: 'what' }, eventText(event)));
    happened.prepend(item);
    nothingYet.hidden = true;
    while (happened.children.length > maxEvents) happened.lastChild.remove();
  }

  async function showDetails() {
    askedAt = Date.now();
    details = await api.service(name);
    showState();
  }

  async function showLives() {
    generations = await api.generations(name);
    drawnAt = Date.now();
    lives.replaceChildren(timeline(generations, color));
    const dead = generations.filter(generation => generation.died_at).slice(0, 10);
    deaths.replaceChildren(dead.length === 0 ? h('p', { class: 'empty' }, 'It has not died.') : h('table', {},
      h('thead', {}, h('tr', {}, ['When', 'Generation', 'How', 'Seen', 'Cleaned up', 'What was left'].map(title => h('th', { scope: 'col' }, title)))),
      h('tbody', {}, dead.map(generation => h('tr', {}, [
        dateAndClock(generation.died_at), generation.generation, death(generation.reason, generation.signal, generation.exit_code), micros(generation.detect_us), micros(generation.reclaim_us),
        (generation.reclaimed ?? []).map(step => `${step.kind} ${step.what} ${step.outcome}`).join(', ') || 'nothing',
      ].map(text => h('td', {}, String(text))))))));
  }

  function spell(value) {
    if (Array.isArray(value)) return value.join(' ');
    if (value !== null && typeof value === 'object') return Object.entries(value).map(([key, inner]) => `${key}=${inner}`).join('\n');
    return value === null ? '–' : String(value);
  }

  async function showSettings() {
    try {
      const found = await api.configuration(name);
      const { environment = {}, ...others } = found;
      settings.replaceChildren(
        h('table', {}, h('tbody', {}, Object.entries(others).filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)).map(([key, value]) => h('tr', {}, h('th', { scope: 'row' }, key.replaceAll('_', ' ')), h('td', {}, spell(value)))))),
        h('h2', {}, 'Environment'),
        h('table', {}, h('tbody', {}, Object.entries(environment).map(([key, value]) => h('tr', {}, h('th', { scope: 'row' }, key), h('td', {}, spell(value)))))));
    } catch (error) {
      settings.replaceChildren(h('p', { class: 'empty' }, error.message));
    }
  }

  async function showPast() {
    const mine = ++askedPast;
    early ??= [];
    const [past, numbers, used] = await Promise.all([api.events({ service: name, limit: 50 }), api.events({ service: name, kind: 'service.status', limit: maxPoints }), api.usage(name)]);
    if (mine !== askedPast) return;
    happened.replaceChildren();
    newestEvent = 0;
    nothingYet.hidden = false;
    for (const event of [...past, ...early]) showEvent(event);
    early = null;
    memory.length = percent.length = 0;
    for (const event of numbers) note({ at: event.at, fields: event.data.fields });
    used.forEach((sample, i) => {
      memory.push(sample.memory_bytes);
      const before = used[i - 1];
      percent.push(before && sample.cpu_seconds >= before.cpu_seconds ? (sample.cpu_seconds - before.cpu_seconds) / (Date.parse(sample.at) - Date.parse(before.at)) * 1e5 : null);
    });
    drawPlots();
  }

  let lastSample = 0;
  const offs = [
    store.on('services', names => {
      if (names !== null && !names.has(name)) return;
      showState();
      if (details?.due?.what === 'hung' && Date.now() - askedAt >= heartbeatEvery) showDetails().catch(() => { /* shown with the next one */ });
      const sample = store.samples.get(name)?.at(-1);
      if (sample && sample.at !== lastSample) {
        lastSample = sample.at;
        memory.push(sample.memory); percent.push(sample.percent);
        for (const list of [memory, percent]) if (list.length > maxPoints) list.shift();
      }
      drawPlots();
    }),
    store.on('events', batch => {
      const own = batch.filter(event => event.service === name);
      if (early === null) own.forEach(showEvent);
      else early.push(...own.slice(-maxEvents));
      if (own.length) showDetails().catch(() => { /* shown with the next one */ });
      if (own.some(event => /started|ready|died|reclaimed|stopped|health/.test(event.kind))) showLives().catch(() => { /* shown again with the next one */ });
    }),
  ];
  const complain = error => setText(state, error.message);
  offs.push(store.on('begin', () => {
    early = [];
    for (const part of [showDetails, showLives, showPast]) part().catch(complain);
  }));
  showState();
  showDetails().catch(complain);
  showLives().catch(complain);
  showPast().catch(complain);
  // Asked for only by those who may see it, so that no browser complains of an answer that was expected.
  let left = false;
  rightsKnown.then(() => {
    if (left) return;
    if (rights.may_read_secrets) {
      log.open();
      showSettings();
    } else {
      const hint = 'To see it, open the link that "lifeline dashboard" prints.';
      log.say(hint);
      settings.replaceChildren(h('p', { class: 'empty' }, hint));
    }
    showState();
  });
  const clockTick = setInterval(() => {
    showState();
    if (generations && Date.now() - drawnAt < redrawEvery) return;
    drawnAt = Date.now();
    if (generations) lives.replaceChildren(timeline(generations, color));
  }, 1000);

  return {
    leave() { left = true; for (const off of offs) off(); clearInterval(clockTick); log.close(); },
    key(event) {
      const acts = { r: 'restart', s: 'stop', u: 'start' };
      if (acts[event.key]) act(acts[event.key], name);
      else if (event.key === '/') log.focus();
      else if (event.key === 'Escape') location.hash = '#/';
      else return false;
      return true;
    },
  };
}
