// More than anybody handles at once.
const most = 10_000;

// The messages that were handed over and of which the broker may still send another copy: those that are being handled, those that have
// failed, and those that are done where the broker has not said yet that it knows. So each is handled once, whatever is cut in between.
export class Held {
  #entries = new Map();
  #keepsPlace;
  #place;

  // With a place of its own the subscription goes on behind a cursor; without one the broker remembers what is settled.
  constructor(keepsPlace) {
    this.#keepsPlace = keepsPlace;
  }

  // The cursor behind which everything is still to be handled.
  get place() {
    return this.#place;
  }

  // Where a subscription began, for one that is cut off before its first message.
  begin(cursor) {
    if (this.#entries.size === 0) {
      this.#place = cursor;
    }
  }

  // Tells what to do with a message: 'handle' it, 'settle' it since it is done, or 'wait' since it is being handled.
  take(message) {
    const known = this.#entries.get(message.id);
    if (!known) {
      this.#entries.set(message.id, { state: 'handling', ackId: message.ack_id, cursor: message.cursor });
      this.#bound();
      return 'handle';
    }

    known.ackId = message.ack_id;
    known.isOrphan = false;
    if (known.state !== 'failed') {
      return known.state === 'done' ? 'settle' : 'wait';
    }

    known.state = 'handling';
    return 'handle';
  }

  // The handler has come to its end. Returns the ack id of the message's last copy.
  end(id, isDone) {
    const entry = this.#entries.get(id);
    if (!entry) {
      return undefined;
    }

    entry.state = isDone ? 'done' : 'failed';
    if (entry.isOrphan) {
      this.#entries.delete(id);
    } else if (this.#keepsPlace) {
      this.#advance();
    } else if (!isDone) {
      // The broker brings it again, wherever that is.
      this.#entries.delete(id);
    }

    return entry.ackId;
  }

  // The broker knows that it is done: no copy comes any more.
  confirm(id) {
    const entry = this.#entries.get(id);
    if (entry?.state === 'done' && (entry.isBehind || !this.#keepsPlace)) {
      this.#entries.delete(id);
    }
  }

  // Messages are lost, and the stream goes on behind another cursor: what has failed and is still there comes once more, and what is not
  // must not keep the place from moving.
  lose(cursor) {
    for (const [id, entry] of this.#entries) {
      if (entry.state === 'failed') {
        this.#entries.delete(id);
      }

      entry.isOrphan = entry.state === 'handling';
    }

    this.#place = cursor;
  }

  // Another stream begins: it brings nothing that lies behind the place.
  restart() {
    for (const [id, entry] of this.#entries) {
      if (entry.isBehind) {
        this.#entries.delete(id);
      }
    }
  }

  #advance() {
    for (const entry of this.#entries.values()) {
      if (entry.state !== 'done') {
        return;
      }

      if (!entry.isBehind) {
        entry.isBehind = true;
        this.#place = entry.cursor ?? this.#place;
      }
    }
  }

  // Only what is done goes: a copy of it would be handled once more, which is better than to grow for ever.
  #bound() {
    if (this.#entries.size > most) {
      const [oldest, entry] = this.#entries.entries().next().value;
      if (entry.state === 'done') {
        this.#entries.delete(oldest);
      }
    }
  }
}
