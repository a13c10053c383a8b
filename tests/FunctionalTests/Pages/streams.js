import { subscribe } from '/client/browser/eventbroker.js';

// By name: what each stream has got, in its order.
const streams = globalThis.streams = {};

// Whoever waits looks when the document changes.
function changed() {
  const output = document.getElementById('changes');
  output.textContent = Number(output.textContent) + 1;
}

function track(name) {
  return streams[name] = { ids: [], losses: [], states: [], outcomes: [], readyStates: [] };
}

function note(stream, list, value) {
  stream[list].push(value);
  stream.readyStates.push(stream.source?.readyState);
  changed();
}

// The module of client/browser.
globalThis.openModule = (name, broker, event, options) => {
  const stream = track(name);
  stream.source = subscribe(broker, event, {
    handle: message => note(stream, 'ids', message.id),
    onState: (state, detail) => note(stream, 'states', detail.reason ?? state),
    onLost: loss => note(stream, 'losses', loss.outcome),
    firstBackoff: 100,
    longestBackoff: 500,
    ...options,
  });
};

function openEventSource(name, source) {
  const stream = track(name);
  stream.source = source;
  source.addEventListener('open', () => note(stream, 'states', 'open'));
  source.addEventListener('error', () => note(stream, 'states', source.readyState === 2 ? 'closed' : 'reconnecting'));
  source.addEventListener('waiting', () => note(stream, 'states', 'waiting'));
  source.addEventListener('subscribed', () => note(stream, 'states', 'subscribed'));
  source.addEventListener('message', e => note(stream, 'ids', JSON.parse(e.data).id));
  source.addEventListener('resumed', e => {
    const { outcome } = JSON.parse(e.data);
    stream.outcomes.push(outcome);
    if (outcome === 'lost') {
      note(stream, 'losses', outcome);
    }
  });
}

// The browser's own.
globalThis.openNative = (name, url) => openEventSource(name, new EventSource(url));

// The library that brings its place along in the query.
globalThis.openPolyfill = (name, url) => openEventSource(name, new globalThis.EventSourcePolyfill(url));

changed();
