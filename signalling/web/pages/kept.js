/** What resumes a session after a reload of the page, kept in the tab's storage. */
export class Kept {
  #storage;
  #key;
  #value;

  /** @param {Storage | null} storage null: a reload begins a new session */
  constructor(storage, url, device = '') {
    this.#storage = storage;
    this.#key = `dragoman ${url} ${device}`;
    try {
      this.#value = JSON.parse(storage?.getItem(this.#key) ?? 'null');
    } catch {
      this.#value = null;
    }
  }

  /** `resume` of session.open, if there is something. */
  get resume() {
    return this.#value ?? undefined;
  }

  keep(session, resume_token) {
    this.#value = { session, resume_token };
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(this.#value));
    } catch {
      // a full or forbidden storage only costs the resume after a reload
    }
  }

  forget() {
    this.#value = null;
    this.#storage?.removeItem(this.#key);
  }
}
