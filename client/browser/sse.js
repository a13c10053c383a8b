// Server-sent events over fetch rather than EventSource, which takes every status but 200 for the end of everything, shows no status,
// sends no header, and hides the heartbeats by which a dead connection is told from a quiet one.

// Calls back for each event: { name, data, id, retry }. Returns what takes text as it comes.
export function parser(onEvent) {
  let rest = '';
  let event = {};
  let data = [];

  function line(text) {
    if (text === '') {
      onEvent({ ...event, data: data.join('\n') });
      event = {};
      data = [];
      return;
    }

    const colon = text.indexOf(':');
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') {
      event.name = value;
    } else if (field === 'data') {
      data.push(value);
    } else if (field === 'id') {
      event.id = value;
    } else if (field === 'retry' && /^\d+$/.test(value)) {
      event.retry = Number(value);
    }
  }

  return text => {
    rest += text;
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    lines.forEach(line);
  };
}

// How long a stream that is closed waits for its last acks, in milliseconds.
const longestFlush = 5_000;

export class SseStream {
  #address;
  #token;
  #handlers;
  #abort = new AbortController();
  #acks = [];
  #sending = false;
  #isClosing = false;

  constructor(address, token, handlers) {
    this.#address = address;
    this.#token = token;
    this.#handlers = handlers;
    this.#run();
  }

  // What has been settled is sent before: of a subscription that is gone the broker takes nothing.
  close() {
    this.#isClosing = true;
    if (this.#sending) {
      setTimeout(() => this.#abort.abort(), longestFlush);
    } else {
      this.#abort.abort();
    }
  }

  // All that has gathered while a call was under way goes with the next one.
  settle(entry) {
    this.#acks.push(entry);
    if (!this.#sending) {
      this.#sending = true;
      this.#send();
    }
  }

  async #run() {
    let end = {};
    try {
      const response = await fetch(this.#address.stream, {
        headers: { Accept: 'text/event-stream', ...this.#authorization() },
        cache: 'no-store',
        signal: this.#abort.signal,
      });
      if (response.ok) {
        this.#handlers.heard();
        end = await this.#read(response);
      } else {
        end = await SseStream.#refusal(response);
      }
    } catch {
      // Cut, or not there at all.
    }

    this.#handlers.ended(end);
  }

  async #read(response) {
    const end = {};
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let isBegun = false;
    const feed = parser(event => {
      // The first is for an EventSource, which has no other pause; a later one is meant.
      if (event.retry !== undefined) {
        end.retry = isBegun ? event.retry : undefined;
        isBegun = true;
      } else if (event.name === 'error') {
        end.error = JSON.parse(event.data);
      } else if (event.data) {
        this.#handlers.frame(JSON.parse(event.data));
      }
    });
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        this.#handlers.heard();
        feed(part.value);
      }
    } catch {
      // Cut.
    }

    return end;
  }

  // Only the broker's own word counts: what a proxy says while the broker is away passes.
  static async #refusal(response) {
    const end = { status: response.status };
    const retry = Number(response.headers.get('Retry-After'));
    if (retry > 0) {
      end.retry = retry * 1000;
    }

    try {
      const body = await response.json();
      if (Number.isInteger(body.code)) {
        end.error = { error: body.message, code: body.code, reason: body.reason };
      }
    } catch {
      // A page of a proxy.
    }

    return end;
  }

  #authorization() {
    return this.#token ? { Authorization: `Bearer ${this.#token}` } : {};
  }

  async #send() {
    while (this.#acks.length > 0) {
      const entries = this.#acks.splice(0, 500);
      const body = JSON.stringify({ entries: entries.map(e => e.wire) });
      try {
        const response = await fetch(this.#address.ack, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', ...this.#authorization() },
          body,
        });
        const { results } = await response.json();
        entries.forEach((entry, i) => entry.settled(results[i] === 'ACK_RESULT_SETTLED'));
      } catch {
        // What is not settled comes again, and is settled then.
      }
    }

    this.#sending = false;
    if (this.#isClosing) {
      this.#abort.abort();
    }
  }
}
