import { h } from './dom.js';
import { dateAndClock } from './format.js';
import { rights, rightsKnown, toast } from './actions.js';
import * as api from './api.js';
import * as store from './store.js';

// The alerts that are open, to be acknowledged; who is told of them; what is silent, and for how long.

const showEvery = 300;
const longestNote = 500;
const periods = [[3600, 'for an hour'], [4 * 3600, 'for four hours'], [24 * 3600, 'for a day'], [7 * 24 * 3600, 'for a week']];

export function render(main) {
  const list = h('div', { class: 'scroll-x', tabIndex: 0 });
  const channels = h('div', { class: 'scroll-x', tabIndex: 0 });
  const silences = h('div', { class: 'scroll-x', tabIndex: 0 });
  const target = h('input', { type: 'text', required: true, maxLength: 200, autocomplete: 'off', placeholder: 'Service, pattern or channel', 'aria-label': 'What to silence' });
  const period = h('select', { 'aria-label': 'For how long' }, periods.map(([seconds, title]) => h('option', { value: seconds }, title)));
  const note = h('input', { type: 'text', maxLength: longestNote, autocomplete: 'off', placeholder: 'Why', 'aria-label': 'Why' });
  const submit = h('button', { type: 'submit', disabled: true }, 'Silence');
  const form = h('form', { class: 'bar', onsubmit: event => { event.preventDefault(); quieten(); } }, target, period, note, submit);
  main.append(h('div', { class: 'bar' }, h('h1', {}, 'Alerts')),
    h('div', { class: 'cards' },
      h('section', { class: 'card wide', 'aria-label': 'Open alerts' }, list),
      h('section', { class: 'card wide', 'aria-label': 'Who is told' }, h('h2', {}, 'Who is told'), channels),
      h('section', { class: 'card wide', 'aria-label': 'Silences' }, h('h2', {}, 'Silences'), form, silences)));

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

  // Nobody is told of it meanwhile; it stays in the list.
  async function quieten() {
    submit.disabled = true;
    try {
      await api.silence(target.value.trim(), period.value, note.value.trim());
      toast(`Nobody is told of ${target.value.trim()} ${period.selectedOptions[0].textContent}.`);
      target.value = note.value = '';
    } catch (error) {
      toast(error.message);
    }
    await show();
  }

  async function hearAgain(silence) {
    try {
      await api.unsilence(silence.target);
      toast(`People are told of ${silence.target} again.`);
    } catch (error) {
      toast(error.message);
    }
    await show();
    // The button that was pressed is gone.
    target.focus();
  }

  function silenceRow(silence) {
    const end = h('button', { type: 'button', disabled: !rights.may_change, 'aria-label': `End the silence of ${silence.target}`, onclick: () => { end.disabled = true; hearAgain(silence); } }, 'End');
    return h('tr', {}, [silence.target, silence.until ? dateAndClock(silence.until) : '–', silence.by ?? '–', silence.note ?? ''].map(text => h('td', {}, text)), h('td', {}, end));
  }

  function row(alert) {
    const done = Boolean(alert.acknowledged_at);
    const button = h('button', { type: 'button', 'data-alert': alert.id, disabled: !rights.may_change, title: done ? `${alert.acknowledged_by} takes care` : '', onclick: () => change(alert, button) }, done ? 'Take back' : 'Acknowledge');
    const quiet = h('button', { type: 'button', disabled: !rights.may_change, 'aria-label': `Silence ${alert.service}`, onclick: () => { target.value = alert.service; period.focus(); } }, 'Silence…');
    return h('tr', {},
      h('td', {}, alert.service ? h('a', { href: `#/services/${encodeURIComponent(alert.service)}` }, alert.service) : 'Lifeline'),
      h('td', {}, h('span', { class: 'badge', 'data-tone': done ? 'warn' : 'bad' }, alert.rule)), h('td', {}, alert.text), h('td', {}, alert.since ? dateAndClock(alert.since) : '–'), h('td', {}, done ? `${alert.state}${alert.acknowledged_by ? ` by ${alert.acknowledged_by}` : ''}${alert.note ? `: ${alert.note}` : ''}` : alert.state), h('td', {}, alert.id ? button : '', ' ', alert.service ? quiet : ''));
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
      list.replaceChildren(found.alerts.length === 0 ? nothing('Nothing is wrong.') : table(['Service', 'What', 'Text', 'Since', 'State', 'Orders'], found.alerts.map(row), 'stacks'));
      if (at) list.querySelector(`[data-alert="${at}"]`)?.focus();
      channels.replaceChildren(found.channels.length === 0 ? nothing('Nobody: there is no [alerts] in the configuration.') : table(['Name', 'Kind', 'State'], found.channels.map(channel => h('tr', {}, h('td', {}, channel.name), h('td', {}, channel.kind),
        h('td', {}, channel.undelivered || channel.last_error ? h('span', { class: 'badge', 'data-tone': 'bad' }, spoken(channel)) : spoken(channel)))), 'stacks'));
      silences.replaceChildren(found.silences.length === 0 ? nothing('Nothing is silenced.') : table(['Of', 'Until', 'By', 'Note', 'Orders'], found.silences.map(silenceRow), 'stacks'));
      submit.disabled = !rights.may_change;
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
