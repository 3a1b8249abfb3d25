/** A model as a widget manager hands it out, with the kernel's end in the test's hands. */
export class FakeModel {
  constructor(traits = {}) {
    this.traits = {
      run: "lenet",
      tab: "curves",
      smoothing: 0.6,
      log: false,
      picture: "",
      ...traits,
    };
    this.sent = [];
    this.listeners = [];
    this.widget_manager = { kernel: undefined };
  }

  get(name) {
    return this.traits[name];
  }

  set(name, value) {
    this.traits[name] = value;
    for (const [event, callback] of this.listeners) if (event === `change:${name}`) callback();
  }

  save_changes() {}

  send(content) {
    this.sent.push(content);
  }

  on(name, callback) {
    this.listeners.push([name, callback]);
  }

  off(name) {
    this.listeners = this.listeners.filter(([event]) => event !== name);
  }

  /** A message of the kernel. */
  deliver(content, buffers = []) {
    for (const [event, callback] of this.listeners) {
      if (event === "msg:custom") callback(content, buffers);
    }
  }
}

const f8 = (values) => new DataView(Float64Array.from(values).buffer);

/** A data message of rows `from` … with the losses given. */
export function data(seq, from, losses, more = {}) {
  const n = losses.length;
  const steps = losses.map((_, i) => from + i + 1);
  return [
    {
      t: "data",
      seq,
      live: true,
      reset: false,
      from,
      next: from + n,
      n,
      columns: [
        ["step", "f8"],
        ["epoch", "f8"],
        ["time", "f8"],
        ["loss", "f8"],
      ],
      validation: { from: 0, next: 0, n: 0, columns: [] },
      state: state(),
      ...more,
    },
    [f8(steps), f8(steps.map(() => 1)), f8(steps.map((s) => s / 10)), f8(losses)],
  ];
}

/** A state as the session reports it. */
export function state(more = {}) {
  return {
    name: "lenet",
    run: 3,
    state: "running",
    reason: "",
    live: true,
    click: 0,
    notice: "",
    epoch: 4,
    epochs: 10,
    step: 512,
    step_in_epoch: 512,
    steps_per_epoch: 938,
    progress: 0.35,
    epoch_progress: 0.54,
    elapsed: 40.2,
    eta: 72,
    epoch_eta: 9.1,
    samples_per_second: 214,
    step_ms: 298.5,
    batch_size: 64,
    lr: 0.05,
    lr_locked: "",
    loss: 0.0812,
    metrics: { accuracy: 0.981 },
    validation: {},
    nonfinite: 0,
    error: null,
    cost: 0.004,
    saved: "",
    graph: false,
    events: 0,
    ...more,
  };
}
