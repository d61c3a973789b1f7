/** A user's session at a Dragoman server, and the way into meetings. */
export class Client {
  constructor(options: ClientOptions);
  readonly state: SessionState;
  /** Whom the token names; empty before the session is open. */
  readonly user: string;
  readonly role: string;
  /** The answer to the last session.open. */
  readonly info: Partial<protocol.SessionOpenResult>;
  /** Open, or resume what this tab had open; rejects only when the server refuses for good. */
  open(): Promise<protocol.SessionOpenResult>;
  /**
   * Ask and return the result. While the session is coming back it waits for that, within the same
   * deadline. Rejects with RemoteError, ConnectionLost or Late.
   */
  call<M extends keyof protocol.Methods>(
    method: M,
    ...given: {} extends protocol.Methods[M]['params']
      ? [params?: protocol.Methods[M]['params'], withinMs?: number]
      : [params: protocol.Methods[M]['params'], withinMs?: number]
  ): Promise<protocol.Methods[M]['result']>;
  /** Go on with a newer token, on this socket and on those after it. */
  refresh(token: string): Promise<protocol.SessionRefreshResult>;
  /** Enter a meeting; `stream` is one's own microphone and camera, null to listen only. */
  join(meeting: string, options?: JoinOptions): Promise<Meeting>;
  /** Check microphone, camera and network against the server. */
  checkDevice(stream: MediaStream, seconds?: number): Promise<protocol.DeviceCheckResult>;
  /** End the session for good. */
  close(): Promise<void>;
  on<E extends keyof protocol.Events>(
    name: `event:${E}`, fn: (params: protocol.Events[E]) => void): () => void;
  on(name: 'state', fn: (told: StateTold) => void): () => void;
  on(name: 'opened', fn: (told: Opened) => void): () => void;
}

export interface ClientOptions {
  /** The server, if it is not the one this page is from. */
  url?: string;
  /** A JWT, or what gets a newer one: it is asked at each connection and before the end of one. */
  token: string | (() => string | Promise<string>);
  /** Id of this device: opening it again elsewhere ends this session. */
  device?: string;
  /** Where what resumes the session after a reload is kept; null: nowhere. */
  storage?: Storage | null;
}

export type SessionState = 'new' | 'connecting' | 'open' | 'reconnecting' | 'closed';

export interface StateTold {
  state: SessionState;
  reason?: string;
  /** Close code, when it is over. */
  code?: number;
  retryInMs?: number;
}

export interface Opened {
  /** Whether it is the session of before. */
  isSame: boolean;
  /** Whether every missed event follows; else `snapshot` has what is current. */
  recovered: boolean;
  snapshot?: protocol.Snapshot;
}

export interface JoinOptions {
  name?: string;
  stream?: MediaStream | null;
  /** Whether to begin with the microphone on. */
  audio?: boolean;
  video?: boolean;
}

/** A meeting that one takes part in, until `leave()` or its end. */
export class Meeting {
  private constructor();
  readonly id: string;
  /** One's own participant. */
  readonly me: string;
  readonly state: 'new' | 'waiting' | 'joined' | 'ended' | 'left';
  /** Everybody, oneself included, by id. */
  readonly participants: ReadonlyMap<string, Participant>;
  /** What one sends, for a mirror. */
  readonly stream: MediaStream;
  readonly topology: 'mesh' | 'relay' | 'janus';
  readonly locked: boolean;
  readonly recording: {
    state: 'off' | 'asked' | 'on' | 'paused';
    consents: readonly string[];
    failure?: string | null;
  };
  mute(muted: boolean): void;
  camera(on: boolean): Promise<void>;
  useStream(stream: MediaStream | null): void;
  useDevice(kind: 'audioinput' | 'videoinput', deviceId?: string): Promise<void>;
  say(text: string, to?: string): Promise<protocol.MeetingMessageResult>;
  admit(participant: string): Promise<protocol.MeetingUpdateResult>;
  remove(participant: string): Promise<protocol.MeetingRemoveResult>;
  lock(locked: boolean): Promise<protocol.MeetingUpdateResult>;
  invite(options?: Omit<protocol.MeetingInviteParams, 'meeting'>): Promise<protocol.MeetingInviteResult>;
  record(action: 'start' | 'stop'): Promise<protocol.MeetingRecordResult>;
  consent(given: boolean): Promise<unknown>;
  leave(): Promise<void>;
  end(): Promise<protocol.MeetingEndResult>;
  stats(): Stats;
  on<E extends keyof MeetingEvents>(name: E, fn: (...told: MeetingEvents[E]) => void): () => void;
}

export interface MeetingEvents {
  /** Anything of the meeting. */
  change: [];
  joined: [Participant];
  left: [Participant];
  /** Somebody waits to be let in. */
  waiting: [Participant];
  reconnecting: [Participant];
  quality: [Participant];
  speaking: [Participant];
  track: [participant: Participant, kind: 'audio' | 'video', track: MediaStreamTrack];
  message: [protocol.MeetingMessageEvent];
  topology: [topology: 'mesh' | 'relay' | 'janus'];
  /** One has been let in. */
  admitted: [];
  recording: [Meeting['recording']];
  /** Video rests, for the network is too weak for it, or goes on. */
  fallback: [{ video: boolean }];
  ended: [{ reason: string }];
  /** In words for people. */
  error: [Error];
}

export interface Participant {
  readonly id: string;
  readonly user: string;
  readonly name: string;
  readonly role: string;
  readonly state: 'waiting' | 'joined' | 'reconnecting' | 'left' | 'removed';
  /** What they say they send. */
  readonly media: { audio: boolean; video: boolean };
  /** What arrives: the same object for as long as they are here. */
  readonly stream: MediaStream;
  readonly quality: 'good' | 'fair' | 'poor' | null;
  readonly speaking: boolean;
  readonly leg: 'connecting' | 'connected' | 'failed';
  readonly self: boolean;
}

/** Means since joining; absent is what was not measured. */
export interface Stats {
  level?: 'good' | 'fair' | 'poor';
  /** Share of packets, 0 to 1. */
  loss?: number;
  jitter_ms?: number;
  rtt_ms?: number;
  bitrate_kbps?: number;
  connect_ms?: number;
  path?: 'udp' | 'tcp' | 'turn_udp' | 'turn_tcp';
  freezes: number;
  reconnects: number;
}

export namespace devices {
  interface Device {
    kind: 'audioinput' | 'videoinput' | 'audiooutput';
    id: string;
    label: string;
  }
  interface Meter {
    /** 0 is silence, 1 as loud as it gets. */
    readonly value: number;
    stop(): void;
  }
  function list(): Promise<Device[]>;
  /** Rejects with an Error in plain words; `cause` is the browser's. */
  function open(wanted?: {
    audio?: boolean;
    video?: boolean;
    audioId?: string;
    videoId?: string;
  }): Promise<MediaStream>;
  function changed(fn: (found: Device[]) => void): () => void;
  function level(stream: MediaStream): Meter;
}

/** What went wrong with microphone or camera, in plain words that say what to do. */
export function explain(error: unknown, asked?: { audio?: boolean; video?: boolean }): string;

export class ClientError extends Error {}

/** The server refused; `code` and `kind` as in the protocol's table of errors. */
export class RemoteError extends ClientError {
  readonly code: number;
  readonly kind: string;
  readonly data: Record<string, unknown>;
  readonly retryable: boolean;
}

/** The socket is down; the outcome of what was under way is unknown. */
export class ConnectionLost extends ClientError {
  readonly code: number;
  readonly reason: string;
  readonly mayReturn: boolean;
}

/** No answer in time; the outcome is unknown. */
export class Late extends ClientError {}
