import { h } from './dom.js';
import { dateAndClock } from './format.js';
import { rights, rightsKnown, toast } from './actions.js';
import * as api from './api.js';
import * as store from './store.js';

// The alerts that are open, to be acknowledged; who is told of them; what is silent.

const showEvery = 300;

export function render(main) {
  const list = h('div', { class: 'scroll-x', tabIndex: 0 });
  const channels = h('div', { class: 'scroll-x', tabIndex: 0 });
  const silences = h('div', { class: 'scroll-x', tabIndex: 0 });
  main.append(h('div', { class: 'bar' }, h('h1', {}, 'Alerts')),
    h('div', { class: 'cards' },
      h('section', { class: 'card wide', 'aria-label': 'Open alerts' }, list),
      h('section', { class: 'card wide', 'aria-label': 'Who is told' }, h('h2', {}, 'Who is told'), channels),
      h('section', { class: 'card wide', 'aria-label': 'Silences' }, h('h2', {}, 'Silences'), silences)));

  const nothing = text => h('p', { class: 'empty' }, text);
  const table = (titles, rows, style = '') => h('table', { class: style }, h('thead', {}, h('tr', {}, titles.map(title => h('th', { scope: 'col' }, title)))), h('tbody', {}, rows));

  // Whose button was pressed: the page is made anew, and who uses the keyboard goes on there.
  let pressed = '';

  async function change(alert, button) {
    button.disabled = true;
    pressed = button.dataset.alert;
    try {
      await (alert.acknowledged_at ? api.unacknowledge : api.acknowledge)(alert.id);
      toast(`${alert.rule} of ${alert.service || 'Lifeline'} is ${alert.acknowledged_at ? 'no longer ' : ''}acknowledged.`);
    } catch (error) {
      toast(error.message);
    }
    await show();
  }

  function row(alert) {
    const done = Boolean(alert.acknowledged_at);
    const button = h('button', { type: 'button', 'data-alert': alert.id, disabled: !rights.may_change, title: done ? `${alert.acknowledged_by} takes care` : '', onclick: () => change(alert, button) }, done ? 'Take back' : 'Acknowledge');
    return h('tr', {},
      h('td', {}, alert.service ? h('a', { href: `#/services/${encodeURIComponent(alert.service)}` }, alert.service) : 'Lifeline'),
      h('td', {}, h('span', { class: 'badge', 'data-tone': done ? 'warn' : 'bad' }, alert.rule)), h('td', {}, alert.text), h('td', {}, alert.since ? dateAndClock(alert.since) : '–'), h('td', {}, done ? `${alert.state}${alert.acknowledged_by ? ` by ${alert.acknowledged_by}` : ''}${alert.note ? `: ${alert.note}` : ''}` : alert.state), h('td', {}, alert.id ? button : ''));
  }

  const spoken = channel => [
    channel.pending ? `${channel.pending} on the way` : '', channel.undelivered ? `${channel.undelivered} not delivered` : '', channel.last_error ?? ''].filter(Boolean).join('; ') || 'all delivered';

  let asked = 0;
  let left = false;
  let due = 0;

  async function show() {
    const mine = ++asked;
    try {
      const found = await api.alerts();
      // Another question was asked since, and its answer is newer.
      if (mine !== asked || left) return;
      const at = document.activeElement?.dataset.alert ?? (document.activeElement === document.body ? pressed : '');
      list.replaceChildren(found.alerts.length === 0 ? nothing('Nothing is wrong.') : table(['Service', 'What', 'Text', 'Since', 'State', 'Acknowledge'], found.alerts.map(row), 'stacks'));
      if (at) list.querySelector(`[data-alert="${at}"]`)?.focus();
      channels.replaceChildren(found.channels.length === 0 ? nothing('Nobody: there is no [alerts] in the configuration.') : table(['Name', 'Kind', 'State'], found.channels.map(channel => h('tr', {}, h('td', {}, channel.name), h('td', {}, channel.kind),
        h('td', {}, channel.undelivered || channel.last_error ? h('span', { class: 'badge', 'data-tone': 'bad' }, spoken(channel)) : spoken(channel)))), 'stacks'));
      silences.replaceChildren(found.silences.length === 0 ? nothing('Nothing is silenced.') : table(['Of', 'Until', 'By', 'Note'], found.silences.map(silence => h('tr', {}, [silence.target, silence.until ? dateAndClock(silence.until) : '–', silence.by ?? '–', silence.note ?? ''].map(text => h('td', {}, text))))));
    } catch (error) {
      if (mine === asked) list.replaceChildren(nothing(error.message));
    }
  }

  // A crowd of alerts is one change of the page.
  const showSoon = () => { due ||= setTimeout(() => { due = 0; show(); }, showEvery); };
  const offs = [store.on('events', batch => { if (batch.some(event => event.kind.startsWith('alert.'))) showSoon(); }), store.on('begin', showSoon)];
  show();
  rightsKnown.then(showSoon);
  return { leave() { left = true; for (const off of offs) off(); clearTimeout(due); }, key(event) { if (event.key !== 'Escape') return false; location.hash = '#/'; return true; } };
}
