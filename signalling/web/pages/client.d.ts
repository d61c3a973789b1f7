// Made by signalling/protocol/typescript.py from browser.d.ts and the messages.

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

export namespace protocol {
  /** An assignment as the caller may see it. */
  interface Assignment {
    /** An id. */
    id: string;
    /** Derived from the slots. */
    state: 'cancelled' | 'completed' | 'confirmed' | 'connecting' | 'gathering' | 'held' | 'in_progress' | 'no_show' | 'offering' | 'searching' | 'unfilled' | 'wrap_up';
    mode: 'audio' | 'onsite' | 'video';
    languages: LanguagePair;
    /** Minutes. */
    duration_min: number;
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    created_at: string;
    slots: Slot[];
    /** For updates that must not overtake another. */
    version?: number | null;
    /** When offering ends. */
    deadline_at?: string | null;
    starts_at?: string | null;
    timezone?: string | null;
    /** Hidden from interpreters before they accept. */
    customer?: string | null;
    requirements?: Requirements | null;
    /** Hidden from interpreters. */
    preferences?: Preferences | null;
    location?: Point | null;
    public_body?: boolean;
    emergency?: boolean;
    priority?: number | null;
    strategy?: string | null;
    note?: string | null;
    /** Where to meet, once an interpreter is held. */
    meeting?: string | null;
    started_at?: string | null;
    ended_at?: string | null;
    outcome?: Outcome | null;
    /** For operators. */
    offers?: AssignmentOffer[] | null;
    /** Until when interpreters may say they could. */
    interest_until?: string | null;
    /** Who could; hidden from interpreters. */
    interested?: Interested[] | null;
    /** The customer is to choose, by interest_until; else the best is taken. */
    choosing?: boolean;
    confirm?: string | null;
    series?: SeriesPlace | null;
    /** When its meeting opens. */
    opens_at?: string | null;
    cancellation?: Cancellation | null;
    pay?: Price | null;
  }

  interface AssignmentCancelParams {
    /** An id. */
    assignment: string;
    reason?: string | null;
    /** And all later ones of its series. */
    following?: boolean;
  }

  interface AssignmentCancelResult {
    assignment: Assignment;
  }

  interface AssignmentChangedEvent {
    assignment: Assignment;
    /** Inbox id of a stored event; resume after it. */
    event_id?: string | null;
  }

  interface AssignmentCheckInParams {
    /** An id. */
    assignment: string;
    /** Where they are, with their consent; kept to a square kilometre. */
    position?: Point | null;
  }

  interface AssignmentCheckInResult {
    assignment: Assignment;
  }

  interface AssignmentCompleteParams {
    /** An id. */
    assignment: string;
    /** When the work began, if not as measured. */
    started_at?: string | null;
    /** When the work ended, if not as measured. */
    ended_at?: string | null;
  }

  interface AssignmentCompleteResult {
    assignment: Assignment;
  }

  interface AssignmentConfirmParams {
    /** An id. */
    assignment: string;
    /** One of those who said that they could. */
    interpreter: string;
  }

  interface AssignmentConfirmResult {
    assignment: Assignment;
  }

  interface AssignmentCreateParams {
    languages: LanguagePair;
    mode: 'audio' | 'onsite' | 'video';
    /** Minutes. */
    duration_min: number;
    /** For whom, when an app or operator asks. */
    customer?: string | null;
    /** When it starts; absent: now. */
    starts_at?: string | null;
    timezone?: string | null;
    requirements?: Requirements;
    preferences?: Preferences;
    /** Where; onsite needs it. */
    location?: Point | null;
    /** A public body asks: the lowest category is E. */
    public_body?: boolean;
    /** Life or health is at stake; recorded as such. */
    emergency?: boolean;
    /** 0 to 9, higher first; 5 is routine. */
    priority?: number;
    /** How interpreters are asked; absent: the app's, else in waves. */
    strategy?: 'broadcast' | 'one_at_a_time' | 'waves' | null;
    /** How many. */
    interpreters_needed?: number;
    /** For the interpreter who accepts; no names, please. */
    note?: string | null;
    /** Make a series of it. */
    repeats?: Repeats | null;
    /** Scheduled; absent: the app's. */
    interest_s?: number | null;
    /** Who chooses among those who said they could. rank: the best, when the time is over; customer: they have half of the time that is left then, and get the best after it. */
    confirm?: 'customer' | 'rank';
    offering?: Offering | null;
    /** What the interpreter gets; offers show it. */
    pay?: Price | null;
    idempotency_key?: string | null;
  }

  interface AssignmentCreateResult {
    assignment: Assignment;
  }

  interface AssignmentGetParams {
    /** An id. */
    assignment: string;
    /** Tell everything that happened, too. */
    history?: boolean;
  }

  interface AssignmentGetResult {
    assignment: Assignment;
    /** Oldest first; of very many the newest 3,000. */
    history?: HistoryEntry[] | null;
  }

  interface AssignmentInterestParams {
    /** An id. */
    assignment: string;
    /** False takes it back. */
    interested?: boolean;
  }

  interface AssignmentInterestResult {
    /** An id. */
    assignment: string;
    interested: boolean;
    /** When it is decided. */
    until: string;
  }

  interface AssignmentListParams {
    states?: ('cancelled' | 'completed' | 'confirmed' | 'connecting' | 'gathering' | 'held' | 'in_progress' | 'no_show' | 'offering' | 'searching' | 'unfilled' | 'wrap_up')[] | null;
    /** Only this customer's (apps, operators). */
    customer?: string | null;
    /** Created from then on. */
    since?: string | null;
    /** Created before then. */
    until?: string | null;
    /** Scheduled ones that start from then on, soonest first. */
    starts_from?: string | null;
    /** Scheduled ones that start before then. */
    starts_before?: string | null;
    /** Entries a page at most. */
    limit?: number;
    cursor?: string | null;
  }

  interface AssignmentListResult {
    /** Newest first. */
    assignments: Assignment[];
    /** Cursor of the next page; absent: the last. */
    next?: string | null;
  }

  /** One offer of an assignment, for operators. */
  interface AssignmentOffer {
    /** An id. */
    offer: string;
    /** An id. */
    interpreter: string;
    state: 'accepted' | 'declined' | 'delivered' | 'expired' | 'lost' | 'made' | 'seen' | 'undelivered' | 'withdrawn';
    /** Wave, counted from 1. */
    wave: number;
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    made_at: string;
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    expires_at: string;
    answered_at?: string | null;
    score?: number | null;
    reason?: string | null;
  }

  interface AssignmentRecommendParams {
    /** For whom (operators); absent: oneself. */
    interpreter?: string | null;
    mode?: 'audio' | 'onsite' | 'video' | null;
    /** Assignments at most. */
    limit?: number;
  }

  interface AssignmentRecommendResult {
    /** Best first. */
    recommendations: Recommendation[];
  }

  interface AssignmentRecommendedEvent {
    recommendation: Recommendation;
    /** Inbox id of a stored event; resume after it. */
    event_id?: string | null;
  }

  interface AssignmentReminderEvent {
    assignment: Assignment;
    /** Minutes until it starts. */
    in_min: number;
    /** Inbox id of a stored event; resume after it. */
    event_id?: string | null;
  }

  /** An assignment as an interpreter sees it before accepting: nothing names the customer. */
  interface AssignmentSummary {
    /** An id. */
    id: string;
    languages: LanguagePair;
    mode: 'audio' | 'onsite' | 'video';
    /** Minutes. */
    duration_min: number;
    requirements: Requirements;
    public_body?: boolean;
    emergency?: boolean;
    /** Absent: now. */
    starts_at?: string | null;
    timezone?: string | null;
    /** How far, in bands, e.g. 5-10 km. */
    distance_band?: string | null;
    /** Travel, minutes. */
    travel_min?: number | null;
    /** The language that is taken as a substitute. */
    substitute?: string | null;
    /** What they get, if the app says. */
    pay?: Price | null;
    /** How many work together. */
    interpreters_needed?: number;
    /** Accepting takes these later dates, too, where free and still wanted. */
    series?: string[] | null;
    /** They had accepted, and its terms have changed. */
    again?: boolean;
  }

  interface AssignmentUpdateParams {
    /** An id. */
    assignment: string;
    /** Refuse unless the record has this version. */
    version?: number | null;
    starts_at?: string | null;
    timezone?: string | null;
    duration_min?: number | null;
    /** The whole new requirements. */
    requirements?: Requirements | null;
    /** The whole new preferences. */
    preferences?: Preferences | null;
    location?: Point | null;
    priority?: number | null;
    note?: string | null;
  }

  interface AssignmentUpdateResult {
    assignment: Assignment;
  }

  /** When one participant was there, and connected: what may be billed. */
  interface Attendance {
    /** An id. */
    participant: string;
    /** An id. */
    user: string;
    role: 'app' | 'customer' | 'guest' | 'interpreter' | 'operator';
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    joined_at: string;
    /** Seconds with media, until they left or now. */
    connected_s: number;
    /** When media first flowed. */
    connected_at?: string | null;
    left_at?: string | null;
    /** Why they left. */
    reason?: string | null;
    quality?: Quality;
  }

  /** What an estimate is made from: the less, the wider. */
  interface Basis {
    /** How many can be asked now (a booking: are free then). */
    online: number;
    /** How many earlier requests of the pair and mode, 200 at most. */
    recent: number;
  }

  /** When an interpreter takes scheduled work, in their own time zone. */
  interface Calendar {
    weekly?: WeeklyHours[] | null;
    /** Exceptions, by date. */
    dated?: DatedHours[];
    /** Times off. */
    off?: TimeOff[];
  }

  /** Who called it off, and how early: what the app's rules are about. */
  interface Cancellation {
    /** As what; absent: nobody did. */
    by?: 'app' | 'customer' | 'guest' | 'interpreter' | 'operator' | null;
    reason?: string | null;
    /** Minutes before the start; below 0: after it. */
    notice_min?: number | null;
    /** Later than the app's rules let go free of charge. */
    late?: boolean;
  }

  /** What carries the media when participants do not send it to each other themselves. */
  interface Carrier {
    /** Named in meeting.negotiate; another carrier has another id. */
    id: string;
    kind: 'janus' | 'relay';
  }

  /** The terms to replace: the one member that is there. */
  interface Change {
    mode?: 'audio' | 'onsite' | 'video' | null;
    starts_at?: string | null;
    duration_min?: number | null;
    /** The whole new requirements. */
    requirements?: Requirements | null;
  }

  interface CheckAnswer {
    sdp: string;
  }

  /** An offer that sends and receives audio, and video if it is to be checked. */
  interface CheckOffer {
    /** SDP. */
    sdp: string;
  }

  /** One consent that stands. */
  interface Consent {
    purpose: string;
    /** An id. */
    meeting: string;
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    given_at: string;
  }

  interface ConsentGrantParams {
    /** What is agreed to. */
    purpose: 'recording';
    /** In which meeting. */
    meeting: string;
  }

  interface ConsentGrantResult {
    consent?: Consent | null;
  }

  interface ConsentListParams {
    /** In this meeting; absent: in all that are not over. */
    meeting?: string | null;
  }

  interface ConsentListResult {
    consents: Consent[];
  }

  interface ConsentWithdrawParams {
    /** What is agreed to no more. */
    purpose: 'recording';
    /** In which meeting. */
    meeting: string;
  }

  interface ConsentWithdrawResult {
  }

  /** A wish that a human looks at what was decided. */
  interface Contest {
    /** An id. */
    id: string;
    state: 'answered' | 'open';
    /** An id. */
    assignment: string;
    /** What was wrong with it, as the asker says. */
    text: string;
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    asked_at: string;
    /** About whom. */
    interpreter?: string | null;
    /** Who asked; for staff. */
    asked_by?: string | null;
    /** As what they asked; for staff. */
    role?: 'app' | 'customer' | 'guest' | 'interpreter' | 'operator' | null;
    /** The recorded decisions that ranked or excluded; for staff. */
    decisions?: string[] | null;
    /** What a human answered. */
    answer?: string | null;
    /** Whether the decision stands. */
    outcome?: 'changed' | 'upheld' | null;
    answered_at?: string | null;
    /** Who answered; for staff. */
    answered_by?: string | null;
  }

  /** One exact additive part of a score. */
  interface Contribution {
    /** Name of the feature. */
    feature: string;
    /** What it adds to the score; parts sum to the score. */
    contribution: number;
    /** The same for people. */
    text: string;
  }

  /** What might have been otherwise, and what would have followed. */
  interface Counterfactual {
    /** What is changed, e.g. category B instead of C. */
    change: string;
    /** All of it, for people. */
    text: string;
    /** Place it would have led to, from 1; absent: not known. */
    rank?: number | null;
    /** Whether they would have been asked; absent: not known. */
    asked?: boolean | null;
  }

  /** Hours of one date: open beside the week, or closed in spite of it. */
  interface DatedHours {
    /** E.g. 2026-12-24. */
    date: string;
    /** Whether they take work then. */
    open: boolean;
    /** Wall-clock time in the interpreter's zone, e.g. 08:30. */
    start?: string;
    /** The same; 24:00 is midnight, and an end before the start is on the next day. */
    end?: string;
  }

  /** One event on its way to a webhook; its id is the header `webhook-id`. */
  interface Delivery {
    /** An id. */
    id: string;
    state: 'dead' | 'delivered' | 'pending';
    type: string;
    /** What it happened to; order is kept for each. */
    about: string;
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    happened_at: string;
    attempts: number;
    /** When it is tried next, unless another is before it. */
    next_at?: string | null;
    /** When it was tried last. */
    tried_at?: string | null;
    /** What the last attempt was answered with. */
    status?: number | null;
    /** Why the last attempt failed. */
    why?: string | null;
  }

  /** An offer or answer. */
  interface Description {
    /** SDP. */
    sdp: string;
  }

  /** First the offer; some seconds later the check that was answered. */
  interface DeviceCheckParams {
    /** Begin: your own media is sent back to you. */
    offer?: CheckOffer | null;
    /** End it, and hear. */
    check?: string | null;
    seen?: Seen | null;
  }

  interface DeviceCheckResult {
    check: string;
    answer?: CheckAnswer | null;
    ice_servers?: IceServer[];
    verdict?: 'bad' | 'fair' | 'good' | null;
    /** What to do, for people. */
    words?: string[];
    /** 0 is the loudest; silence is -127. */
    microphone_dbov?: number | null;
    /** Share of packets, 0 to 1. */
    loss?: number | null;
    jitter_ms?: number | null;
    rtt_ms?: number | null;
    path?: 'tcp' | 'turn_tcp' | 'turn_udp' | 'udp' | null;
  }

  interface DeviceIceParams {
    /** For which meeting; absent: for a device check. */
    meeting?: string | null;
  }

  interface DeviceIceResult {
    ice_servers: IceServer[];
    /** When the credentials end: ask again before. */
    expires_at: string;
  }

  /** One hard rule that was not met. */
  interface Exclusion {
    /** Name of the rule. */
    rule: string;
    /** The same for people. */
    text: string;
  }

  interface FeedbackAnswerParams {
    /** An id. */
    report: string;
    /** The reasons, for whoever reported. */
    text: string;
    /** Upheld: it stays as it is; changed: it was put right; excused: a no-show is forgiven. */
    outcome: 'changed' | 'excused' | 'upheld';
    /** How long the work took, as it is put right. */
    minutes?: number | null;
  }

  interface FeedbackAnswerResult {
    report: Report;
  }

  interface FeedbackAnsweredEvent {
    report: Report;
    /** Inbox id of a stored event; resume after it. */
    event_id?: string | null;
  }

  interface FeedbackRateParams {
    /** An id. */
    assignment: string;
    /** 1 (poor) to 5 (excellent). */
    stars: number;
    /** For the staff of the marketplace; no names, please. */
    text?: string | null;
    /** Whom, if several worked; not for interpreters. */
    interpreter?: string | null;
    idempotency_key?: string | null;
  }

  interface FeedbackRateResult {
    /** An id. */
    assignment: string;
    /** The rating that counts, 1 to 5. */
    stars: number;
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    rated_at: string;
    /** Who was rated; absent: the customer's side. */
    interpreter?: string | null;
  }

  interface FeedbackReportParams {
    /** An id. */
    assignment: string;
    /** no_show: the other side never came; times: they are wrong; appeal: against a no-show. */
    kind: 'appeal' | 'conduct' | 'no_show' | 'other' | 'quality' | 'technical' | 'times';
    /** What happened; no names, please. */
    text: string;
    /** About whom, if several worked. */
    interpreter?: string | null;
    /** How long the work took, as they say. */
    minutes?: number | null;
    idempotency_key?: string | null;
  }

  interface FeedbackReportResult {
    report: Report;
  }

  interface FeedbackReportedEvent {
    report: Report;
    /** Inbox id of a stored event; resume after it. */
    event_id?: string | null;
  }

  interface FeedbackReportsParams {
    /** Entries a page at most. */
    limit?: number;
    cursor?: string | null;
  }

  interface FeedbackReportsResult {
    /** One's own, newest first; for staff those waiting, oldest first. */
    reports: Report[];
    /** Cursor of the next page. */
    next?: string | null;
  }

  interface FeedbackStandingParams {
    /** Whose (operators); absent: one's own. */
    interpreter?: string | null;
  }

  interface FeedbackStandingResult {
    /** Newest first. */
    no_shows: NoShow[];
    /** Those that count now. */
    counted: number;
    /** Method by which a human looks at it again. */
    appeal: string;
    /** So many that count lead to a pause; absent: none do. */
    most?: number | null;
    /** No new offers before. */
    suspended_until?: string | null;
  }

  interface FeedbackSuspendedEvent {
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    suspended_until: string;
    /** Those that led to it, newest first. */
    no_shows: NoShow[];
    /** Method by which a human looks at it again. */
    appeal: string;
    /** Inbox id of a stored event; resume after it. */
    event_id?: string | null;
  }

  /** One measure over all reports. */
  interface Figures {
    mean: number;
    worst: number;
    last: number;
  }

  /** One thing that happened in a meeting. */
  interface Happening {
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    at: string;
    /** waiting, joined, admitted, connected, path_failed, reconnecting, returned, left, removed, locked, unlocked, topology, recording_…, live or ended. */
    what: string;
    participant?: string | null;
    user?: string | null;
    role?: 'app' | 'customer' | 'guest' | 'interpreter' | 'operator' | null;
    /** Why, or which. */
    detail?: string | null;
  }

  /** What everybody must meet who is asked. */
  interface HardRule {
    /** Name of the rule, as in `excluded`. */
    rule: string;
    /** What has to be there. */
    needs: string;
    why: string;
  }

  /** One thing that happened to an assignment; never changed. */
  interface HistoryEntry {
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    at: string;
    /** What happened, e.g. offer.made or confirmed. */
    what: string;
    /** Who did it; absent: the server. */
    by?: string | null;
    role?: 'app' | 'customer' | 'guest' | 'interpreter' | 'operator' | null;
    /** Which interpreter's place. */
    slot?: string | null;
    /** What the place became. */
    state?: 'cancelled' | 'completed' | 'confirmed' | 'connecting' | 'gathering' | 'held' | 'in_progress' | 'no_show' | 'offering' | 'searching' | 'unfilled' | 'wrap_up' | null;
    interpreter?: string | null;
    offer?: string | null;
    reason?: string | null;
    /** The recorded decision behind it. */
    decision?: string | null;
    /** The policy that decided, with its version. */
    policy?: string | null;
    /** Which terms changed. */
    changed?: string[] | null;
    /** How long the work took, from then on. */
    minutes?: number | null;
  }

  /** One STUN or TURN server, as RTCPeerConnection takes it. */
  interface IceServer {
    urls: string[];
    /** Names its own end in time. */
    username?: string | null;
    /** Of TURN; expires. */
    credential?: string | null;
  }

  /** One profile that was refused. */
  interface ImportFailure {
    /** Which profile, counted from 1. */
    line: number;
    /** Why. */
    detail: string;
    /** The field. */
    path?: string | null;
    /** The interpreter, if it could be read. */
    id?: string | null;
  }

  /** An interpreter who said that they could. */
  interface Interested {
    interpreter: InterpreterCard;
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    since: string;
  }

  /** An interpreter as the caller may see them; customers never see the place. */
  interface Interpreter {
    /** An id. */
    id: string;
    name: string;
    languages: LanguageSkill[];
    specialisms?: string[];
    modes?: ('audio' | 'onsite' | 'video')[];
    gender?: 'female' | 'male' | 'other' | null;
    location?: Point | null;
    max_travel_km?: number | null;
    timezone?: string | null;
    price?: Price | null;
    clearances?: string[];
    adult?: boolean;
    blocked_customers?: string[];
    conflicts?: string[];
    calendar?: Calendar | null;
    quiet?: QuietHours | null;
    travels_by?: 'car' | 'transit' | null;
    exact_location?: boolean;
    version?: number | null;
  }

  interface InterpreterCalendarParams {
    /** Whose; absent: one's own. */
    interpreter?: string | null;
    /** renew makes a new address and ends the one before; only interpreters do, for theirs. */
    action?: 'renew' | 'revoke' | 'show';
  }

  interface InterpreterCalendarResult {
    /** Since when there is a feed; absent: none. */
    created_at?: string | null;
    /** Where on this server it is, for calendar programs; told once: a secret. */
    path?: string | null;
  }

  /** An interpreter as the other party sees them. */
  interface InterpreterCard {
    /** An id. */
    id: string;
    name: string;
    languages?: LanguageSkill[];
    specialisms?: string[];
  }

  interface InterpreterGetParams {
    /** Whom; absent: oneself. */
    interpreter?: string | null;
  }

  interface InterpreterGetResult {
    interpreter: Interpreter;
  }

  interface InterpreterImportParams {
    /** Over HTTP also NDJSON, one a line. */
    interpreters: InterpreterProfile[];
  }

  interface InterpreterImportResult {
    /** Profiles kept. */
    imported: number;
    /** Profiles refused. */
    failed: number;
    /** The first hundred of them. */
    failures: ImportFailure[];
  }

  /** What describes an interpreter. */
  interface InterpreterProfile {
    /** Id within the marketplace; the `sub` of their tokens. */
    id: string;
    name: string;
    languages: LanguageSkill[];
    /** Modes they work in. */
    modes: ('audio' | 'onsite' | 'video')[];
    /** IANA time zone. */
    timezone: string;
    /** Fields of work, e.g. medical, legal. */
    specialisms?: string[];
    gender?: 'female' | 'male' | 'other' | null;
    /** Where they start from. */
    location?: Point | null;
    max_travel_km?: number | null;
    price?: Price | null;
    /** Security clearances. */
    clearances?: string[];
    /** Whether they are of age. */
    adult?: boolean;
    /** Customers they do not work for. */
    blocked_customers?: string[];
    /** Customers with whom a conflict is declared. */
    conflicts?: string[];
    /** When they take scheduled work; absent: at any time. */
    calendar?: Calendar | null;
    /** Hours without offers of bookings, and without push; emergencies excepted. */
    quiet?: QuietHours | null;
    /** How they get to work on site. */
    travels_by?: 'car' | 'transit';
    /** They consent that matching uses their exact place, not its square kilometre. */
    exact_location?: boolean;
  }

  interface InterpreterPutParams {
    /** The whole profile; interpreters cannot change their qualifications or clearances. */
    interpreter: InterpreterProfile;
    /** Refuse unless the record has this version. */
    version?: number | null;
  }

  interface InterpreterPutResult {
    interpreter: Interpreter;
    /** Whether they are new. */
    created: boolean;
  }

  interface InterpreterRemoveParams {
    /** Whom to remove. */
    interpreter: string;
  }

  interface InterpreterRemoveResult {
    /** False: there was no such interpreter. */
    removed: boolean;
  }

  /** Somebody who may join. */
  interface Invitee {
    /** An id. */
    user: string;
    role: 'app' | 'customer' | 'guest' | 'interpreter' | 'operator';
    name?: string | null;
  }

  /** The two languages of an assignment; both directions are interpreted. */
  interface LanguagePair {
    /** Language of the customer's side. */
    from: string;
    /** Language of the other side. */
    to: string;
  }

  /** One language of an interpreter, with the credential held for it. */
  interface LanguageSkill {
    /** BCP 47 tag, or a language's name; answers have tags. */
    tag: string;
    /** How well they speak it, CEFR; never a credential. */
    level: 'A1' | 'A2' | 'B1' | 'B2' | 'C1' | 'C2' | 'native';
    dialect?: string | null;
    /** Credential; a bare category is on Norway's scale. */
    qualification?: string | Qualification | null;
  }

  /** One interpreter who fits. */
  interface Match {
    interpreter: InterpreterCard;
    /** Sum of the contributions. */
    score: number;
    /** Exact parts of the score. */
    reasons: Contribution[];
    /** How far, in bands, e.g. 5-10 km. */
    distance_band?: string | null;
    /** Travel, minutes. */
    travel_min?: number | null;
    /** The language that is taken as a substitute. */
    substitute?: string | null;
  }

  interface MatchAnswerParams {
    /** An id. */
    contest: string;
    /** The reasons, for whoever asked. */
    text: string;
    /** Whether the decision stands. */
    outcome: 'changed' | 'upheld';
  }

  interface MatchAnswerResult {
    contest: Contest;
  }

  interface MatchContestAnsweredEvent {
    contest: Contest;
    /** Inbox id of a stored event; resume after it. */
    event_id?: string | null;
  }

  interface MatchContestParams {
    /** An id. */
    assignment: string;
    /** What was wrong with it. */
    text: string;
    /** About whom (customers); absent: oneself, or all who were ranked. */
    interpreter?: string | null;
    idempotency_key?: string | null;
  }

  interface MatchContestResult {
    contest: Contest;
  }

  interface MatchContestedEvent {
    contest: Contest;
    /** Inbox id of a stored event; resume after it. */
    event_id?: string | null;
  }

  interface MatchContestsParams {
    /** Entries a page at most. */
    limit?: number;
    cursor?: string | null;
  }

  interface MatchContestsResult {
    /** One's own, newest first; for staff those waiting, oldest first. */
    contests: Contest[];
    /** Cursor of the next page. */
    next?: string | null;
  }

  interface MatchEstimateParams {
    languages: LanguagePair;
    mode: 'audio' | 'onsite' | 'video';
    /** Minutes. */
    duration_min: number;
    /** For whom, when an app or operator asks. */
    customer?: string | null;
    /** When it starts; absent: now. */
    starts_at?: string | null;
    timezone?: string | null;
    requirements?: Requirements;
    preferences?: Preferences;
    /** Where; onsite needs it. */
    location?: Point | null;
    /** A public body asks: the lowest category is E. */
    public_body?: boolean;
    /** Life or health is at stake; recorded as such. */
    emergency?: boolean;
    /** 0 to 9, higher first; 5 is routine. */
    priority?: number;
    /** How interpreters are asked; absent: the app's, else in waves. */
    strategy?: 'broadcast' | 'one_at_a_time' | 'waves' | null;
    /** How many. */
    interpreters_needed?: number;
    /** For the interpreter who accepts; no names, please. */
    note?: string | null;
  }

  interface MatchEstimateResult {
    /** That it is filled, 0 to 1, in steps of 0.05. */
    probability: number;
    /** How many can be asked now; of a booking, how many are free then, up to 40. */
    available: number;
    /** All of it for people, times in the request's zone. */
    text: string;
    basis: Basis;
    /** What would work better, best first; up to 5. */
    proposals: Proposal[];
    /** Median seconds until somebody accepts, if anybody does; absent: not for now. */
    wait_s?: number | null;
    /** One in ten waits less, seconds. */
    low_s?: number | null;
    /** One in ten waits longer, seconds. */
    high_s?: number | null;
    /** When somebody can be booked next, where nobody is to be had. */
    next_at?: string | null;
  }

  interface MatchExplainParams {
    /** An id. */
    assignment: string;
    /** Whom; absent: oneself. */
    interpreter?: string | null;
  }

  interface MatchExplainResult {
    /** An id. */
    assignment: string;
    /** An id. */
    interpreter: string;
    /** Whether every hard rule was met. */
    eligible: boolean;
    /** Whether an offer was made. */
    offered: boolean;
    /** Every hard rule that was not met. */
    excluded: Exclusion[];
    /** Exact parts of the score. */
    reasons: Contribution[];
    /** Policy that decided, with its version. */
    policy: string;
    /** Model that scored, with its version. */
    model: string;
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    decided_at: string;
    /** What would have had them asked: the smallest single changes first, else the best two together; for whoever was excluded, the rules to be met. */
    counterfactual: Counterfactual[];
    /** Path of the page of what counts, and how much. */
    parameters: string;
    score?: number | null;
    /** Place in the ranking, counted from 1. */
    rank?: number | null;
    /** Wave they were asked in, counted from 1. */
    wave?: number | null;
    /** Expected acceptance, 0 to 1; for operators, and for interpreters their own. */
    p_accept?: number | null;
    /** Probability of having been asked, 0 to 1; for operators. */
    propensity?: number | null;
    /** Method by which the caller has a human look at it again. */
    contest?: string | null;
    /** The recorded decision that this is from; for apps and operators. */
    decision?: string | null;
  }

  interface MatchParametersParams {
  }

  interface MatchParametersResult {
    /** What counts among those eligible. */
    parameters: Parameter[];
    /** What everybody must meet. */
    rules: HardRule[];
    /** What never counts. */
    never: Unused[];
    /** The sizes of waves. */
    strategies: Strategy[];
    /** Share of decisions, 0 to 1, whose last place is drawn by lot in a category. */
    explored: number;
    /** How to have a human look at a decision again. */
    contest: string;
    /** Policy in force, with its version. */
    policy: string;
    /** Model in force, with its version. */
    model: string;
    /** Path of the same for people. */
    page: string;
  }

  interface MatchSearchParams {
    languages: LanguagePair;
    mode: 'audio' | 'onsite' | 'video';
    /** Minutes. */
    duration_min: number;
    /** For whom, when an app or operator asks. */
    customer?: string | null;
    /** When it starts; absent: now. */
    starts_at?: string | null;
    timezone?: string | null;
    requirements?: Requirements;
    preferences?: Preferences;
    /** Where; onsite needs it. */
    location?: Point | null;
    /** A public body asks: the lowest category is E. */
    public_body?: boolean;
    /** Life or health is at stake; recorded as such. */
    emergency?: boolean;
    /** 0 to 9, higher first; 5 is routine. */
    priority?: number;
    /** How interpreters are asked; absent: the app's, else in waves. */
    strategy?: 'broadcast' | 'one_at_a_time' | 'waves' | null;
    /** How many. */
    interpreters_needed?: number;
    /** For the interpreter who accepts; no names, please. */
    note?: string | null;
    /** Matches at most. */
    limit?: number;
  }

  interface MatchSearchResult {
    /** Best first. */
    matches: Match[];
    /** How many each rule excluded. */
    excluded: Record<string, number>;
    /** Single changes that would help. */
    relaxations: Relaxation[];
  }

  /** What a participant sends. */
  interface MediaState {
    /** The microphone is on. */
    audio?: boolean;
    /** The camera is on. */
    video?: boolean;
  }

  /** A meeting as a party sees it. */
  interface Meeting {
    /** An id. */
    id: string;
    state: 'ended' | 'live' | 'open';
    participants: Participant[];
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    created_at: string;
    topology: 'janus' | 'mesh' | 'relay';
    /** Nobody else may join. */
    locked?: boolean;
    /** The assignment that it serves. */
    assignment?: string | null;
    ended_at?: string | null;
    /** Why it ended. */
    reason?: string | null;
    carrier?: Carrier | null;
    recording?: Recording | null;
  }

  interface MeetingChangedEvent {
    meeting: Meeting;
    /** waiting, admitted, joined, reconnecting, returned, left, removed, media, locked, unlocked, topology, published, transfer, recording_asked, recording_consent, recording_started, recording_paused, recording_stopped, recording_failed or ended. */
    change?: string | null;
    /** Whom the change is about. */
    participant?: string | null;
    /** Your participant, if several devices of yours are in it. */
    for?: string | null;
    /** Signals were lost: negotiate anew with `peers`. */
    renegotiate?: boolean;
    /** How to connect to whom, when new. */
    peers?: Peer[] | null;
    /** Inbox id of a stored event; resume after it. */
    event_id?: string | null;
  }

  interface MeetingCreateParams {
    /** Who may join. */
    participants?: Invitee[];
    /** An assignment that it serves. */
    assignment?: string | null;
    idempotency_key?: string | null;
  }

  interface MeetingCreateResult {
    meeting: Meeting;
  }

  interface MeetingEndParams {
    /** An id. */
    meeting: string;
    reason?: string | null;
  }

  interface MeetingEndResult {
    meeting: Meeting;
  }

  interface MeetingGetParams {
    /** An id. */
    meeting: string;
    /** Add what happened, and who was connected for how long. */
    history?: boolean;
  }

  interface MeetingGetResult {
    meeting: Meeting;
    /** Oldest first. */
    history?: Happening[] | null;
    attendance?: Attendance[] | null;
  }

  interface MeetingInviteParams {
    /** An id. */
    meeting: string;
    /** Whom it is for, shown to the others. */
    name?: string | null;
    /** Until when the link may be opened, seconds. */
    expires_s?: number;
    idempotency_key?: string | null;
  }

  interface MeetingInviteResult {
    /** The guest's user id: meeting.remove takes the link back. */
    guest: string;
    /** Opens a session once; secret. */
    token: string;
    /** Page that opens the meeting with it, on this server. */
    path: string;
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    expires_at: string;
  }

  interface MeetingJoinParams {
    /** An id. */
    meeting: string;
    /** Shown to others; absent: as in the token. */
    name?: string | null;
    media?: MediaState | null;
  }

  interface MeetingJoinResult {
    /** An id. */
    meeting: string;
    /** Your id in this meeting. */
    participant: string;
    /** Counts your connections to it; older signals are refused. */
    epoch: number;
    /** waiting: in the lobby. Join again once meeting.changed says admitted. */
    state: 'joined' | 'waiting';
    /** Everybody, you included. */
    participants: Participant[];
    /** Whom to connect to, and how; none with a carrier. */
    peers: Peer[];
    ice_servers: IceServer[];
    topology: 'janus' | 'mesh' | 'relay';
    /** Connect to it alone, by meeting.negotiate. */
    carrier?: Carrier | null;
    /** relay: use TURN servers only, so that addresses stay hidden. */
    ice_policy?: 'all' | 'relay';
    /** When the credentials end: ask device.ice before. */
    ice_expires_at?: string | null;
    recording?: Recording | null;
    locked?: boolean;
  }

  interface MeetingLeaveParams {
    /** An id. */
    meeting: string;
  }

  interface MeetingLeaveResult {
  }

  interface MeetingMessageEvent {
    /** An id. */
    meeting: string;
    /** Id of the message. */
    message: string;
    /** The participant who sent it. */
    from: string;
    text: string;
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    sent_at: string;
    /** You alone; absent: everybody. */
    to?: string | null;
    /** Inbox id of a stored event; resume after it. */
    event_id?: string | null;
  }

  interface MeetingMessageParams {
    /** An id. */
    meeting: string;
    text: string;
    /** One participant; absent: everybody. */
    to?: string | null;
    idempotency_key?: string | null;
  }

  interface MeetingMessageResult {
    /** Id of the message. */
    message: string;
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    sent_at: string;
  }

  /** Exactly one of offer, want alone, subscribe, answer and state. */
  interface MeetingNegotiateParams {
    /** An id. */
    meeting: string;
    /** The carrier's id; for all but state. */
    carrier?: string | null;
    /** Connect: needs no candidates. */
    offer?: Description | null;
    /** Whose media (relay); with the offer, or alone later. */
    want?: Want[] | null;
    /** Whose media, all of them (janus): it makes an offer. */
    subscribe?: string[] | null;
    /** To what subscribe offered (janus). */
    answer?: Description | null;
    /** With state: a participant, or the carrier. */
    peer?: string | null;
    /** How the media with peer fares. failed asks for another way; flowing: somebody announced as reconnecting is still heard or seen. */
    state?: 'connected' | 'failed' | 'flowing' | null;
    /** From the first offer to media. */
    took_ms?: number | null;
    reason?: string | null;
  }

  interface MeetingNegotiateResult {
    answer?: Description | null;
    offer?: Description | null;
    streams?: Stream[];
    topology?: 'janus' | 'mesh' | 'relay' | null;
    carrier?: Carrier | null;
  }

  interface MeetingRecordParams {
    /** An id. */
    meeting: string;
    action: 'start' | 'stop';
  }

  interface MeetingRecordResult {
    meeting: Meeting;
  }

  interface MeetingRemoveParams {
    /** An id. */
    meeting: string;
    /** A participant's id; or a guest's, whose link is then void. */
    participant: string;
    reason?: string | null;
  }

  interface MeetingRemoveResult {
    meeting: Meeting;
  }

  interface MeetingSignalEvent {
    /** An id. */
    meeting: string;
    /** The participant who sent it. */
    from: string;
    /** Which connection of theirs sent it: higher after they resumed. */
    epoch: number;
    /** Number of this signal from them to you, counted from 1 in each epoch. */
    seq: number;
    /** As sent. */
    signal: Record<string, unknown>;
    /** Inbox id of a stored event; resume after it. */
    event_id?: string | null;
  }

  interface MeetingSignalParams {
    /** An id. */
    meeting: string;
    /** A participant's id; a user's id while they have one participant. */
    to: string;
    /** An object of yours: an offer, an answer, a candidate or its end. */
    signal: Record<string, unknown>;
  }

  interface MeetingSignalResult {
    /** Number of this signal from you to them, counted from 1 over this connection. */
    seq: number;
  }

  interface MeetingTransferParams {
    /** An id. */
    meeting: string;
    /** An interpreter; absent: whom the matching finds. */
    to?: string | null;
    reason?: string | null;
    idempotency_key?: string | null;
  }

  interface MeetingTransferResult {
    meeting: Meeting;
  }

  interface MeetingUpdateParams {
    /** An id. */
    meeting: string;
    /** What you send now. */
    media?: MediaState | null;
    /** Your name as shown to others. */
    name?: string | null;
    /** Let nobody else join (not guests). */
    locked?: boolean | null;
    /** Let this participant in from the lobby (not guests). */
    admit?: string | null;
    /** How your media fares. */
    quality?: QualityReport | null;
  }

  interface MeetingUpdateResult {
    meeting: Meeting;
  }

  /** Work that an interpreter had taken, and did not come to. */
  interface NoShow {
    /** An id. */
    assignment: string;
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    at: string;
    /** It counts no more. */
    excused: boolean;
  }

  /** An offer as its interpreter sees it. */
  interface Offer {
    /** An id. */
    offer: string;
    assignment: AssignmentSummary;
    state: 'accepted' | 'declined' | 'delivered' | 'expired' | 'lost' | 'made' | 'seen' | 'undelivered' | 'withdrawn';
    /** Sum of the contributions. */
    score: number;
    /** Exact parts of the score. */
    reasons: Contribution[];
    /** Answer before, on the server's clock. */
    expires_at: string;
    /** The server's clock. */
    server_time: string;
  }

  interface OfferAcceptParams {
    /** An id. */
    offer: string;
  }

  interface OfferAcceptResult {
    assignment: Assignment;
    /** Join this meeting. */
    meeting?: string | null;
    /** Join before, or offering goes on. */
    hold_until?: string | null;
  }

  interface OfferAckParams {
    /** An id. */
    offer: string;
    /** True: a person saw it; false: it arrived. */
    seen?: boolean;
  }

  interface OfferAckResult {
    /** An id. */
    offer: string;
    state: 'accepted' | 'declined' | 'delivered' | 'expired' | 'lost' | 'made' | 'seen' | 'undelivered' | 'withdrawn';
  }

  interface OfferDeclineParams {
    /** An id. */
    offer: string;
    /** Optional; declining is free. */
    reason?: string | null;
  }

  interface OfferDeclineResult {
    /** An id. */
    offer: string;
    state: 'accepted' | 'declined' | 'delivered' | 'expired' | 'lost' | 'made' | 'seen' | 'undelivered' | 'withdrawn';
  }

  interface OfferListParams {
    /** Whose (operators); absent: one's own. */
    interpreter?: string | null;
  }

  interface OfferListResult {
    /** Offers awaiting an answer, oldest first. */
    offers: Offer[];
  }

  interface OfferMadeEvent {
    /** An id. */
    offer: string;
    assignment: AssignmentSummary;
    /** Sum of the contributions. */
    score: number;
    /** Exact parts of the score. */
    reasons: Contribution[];
    /** Answer before, on the server's clock. */
    expires_at: string;
    /** The server's clock. */
    server_time: string;
    /** Inbox id of a stored event; resume after it. */
    event_id?: string | null;
  }

  interface OfferWithdrawnEvent {
    /** An id. */
    offer: string;
    /** An id. */
    assignment: string;
    /** taken, cancelled, changed, emergency, expired, undelivered, or declined by you; after an interest also another_chosen, not_eligible or unfilled. */
    reason: string;
    /** The same for people. */
    text?: string | null;
    /** Inbox id of a stored event; resume after it. */
    event_id?: string | null;
  }

  /** How interpreters are asked: parameters of the one wave policy. */
  interface Offering {
    offer_s?: number | null;
    target?: number | null;
    largest?: number | null;
    /** Ask those in preferences.preferred before anybody else. */
    preferred_first?: boolean;
  }

  /** Why it ended. */
  interface Outcome {
    /** completed, cancelled, unfilled, no_show or what caused it. */
    reason: string;
    /** The same for people. */
    text?: string | null;
    /** Interpreters by what excluded them. */
    excluded?: Record<string, number> | null;
    /** What would have helped. */
    relaxations?: Relaxation[] | null;
  }

  /** How many interpreters are available for one language pair. */
  interface PairCount {
    languages: LanguagePair;
    /** Interpreters available in any mode. */
    available: number;
    /** Interpreters available by mode. */
    modes: Record<string, number>;
  }

  /** One thing that counts in the ranking, and how much. */
  interface Parameter {
    /** Name of the feature, as in `reasons`. */
    name: string;
    /** Its name for people. */
    title: string;
    /** What it is, in a sentence. */
    what: string;
    /** Range of its value. */
    value: Span;
    /** Where the value comes from. */
    source: string;
    /** Who reads it among the reasons. */
    told: ('app' | 'customer' | 'guest' | 'interpreter' | 'operator')[];
    /** What it can add to a score, log-odds; chances included. */
    score: Span;
    /** What it can add to the log-odds of accepting an offer. */
    accept: Span;
    /** What it can add to the log-odds of completing the work. */
    complete: Span;
    /** Name of its code in recorded decisions. */
    code?: string | null;
    /** Log-odds at full value, set by hand; absent: by the chances alone. */
    weight?: number | null;
    /** Minutes at which the value is full (idle: half); absent: not of time. */
    minutes?: number | null;
  }

  /** One person, on one device, in a meeting. */
  interface Participant {
    /** Id minted at join; `to` of signals. */
    participant: string;
    /** An id. */
    user: string;
    role: 'app' | 'customer' | 'guest' | 'interpreter' | 'operator';
    state: 'joined' | 'left' | 'reconnecting' | 'removed' | 'waiting';
    name?: string | null;
    media?: MediaState | null;
    joined_at?: string | null;
    /** Why they left. */
    reason?: string | null;
  }

  /** How to negotiate with one other participant. */
  interface Peer {
    /** An id. */
    participant: string;
    /** You are the polite side of W3C perfect negotiation. */
    polite: boolean;
    /** You make the first offer. */
    offers: boolean;
    /** single: only the named side ever offers, for the other cannot roll back. */
    negotiation: 'perfect' | 'single';
  }

  /** A place on earth, WGS 84. */
  interface Point {
    /** Latitude, degrees. */
    lat: number;
    /** Longitude, degrees. */
    lon: number;
  }

  /** The customer's own wishes about people. */
  interface Preferences {
    /** Interpreters to favour. */
    preferred?: string[];
    /** Interpreters never to ask. */
    blocked?: string[];
  }

  /** One interpreter's availability. */
  interface Presence {
    /** Whose availability. */
    interpreter: string;
    status: 'available' | 'away' | 'busy' | 'held' | 'in_meeting' | 'offline' | 'ringing' | 'wrap_up';
    /** When this status began. */
    since: string;
    /** Modes they take now. */
    modes?: ('audio' | 'onsite' | 'video')[] | null;
    /** When this status ends by itself. */
    until?: string | null;
    /** Whether offers reach them while their app is closed. */
    push?: boolean;
  }

  interface PresenceChangedEvent {
    presence: Presence;
    /** Inbox id of a stored event; resume after it. */
    event_id?: string | null;
  }

  /** One change of availability. */
  interface PresenceLogEntry {
    /** When. */
    at: string;
    status: 'available' | 'away' | 'busy' | 'held' | 'in_meeting' | 'offline' | 'ringing' | 'wrap_up';
    /** What changed it. */
    cause?: string | null;
  }

  interface PresenceLogParams {
    /** Whose log (operators); absent: one's own. */
    interpreter?: string | null;
    /** Entries from then on. */
    since?: string | null;
    /** Entries before then. */
    until?: string | null;
    /** Entries a page at most. */
    limit?: number;
    cursor?: string | null;
  }

  interface PresenceLogResult {
    /** Newest first. */
    entries: PresenceLogEntry[];
    /** Cursor of the next page; absent: the last. */
    next?: string | null;
  }

  interface PresenceSetParams {
    /** Ringing, held, in_meeting and wrap_up are the server's. */
    status: 'available' | 'away' | 'busy' | 'offline';
    /** Take only these; absent: as in the profile. */
    modes?: ('audio' | 'onsite' | 'video')[] | null;
    /** Where the interpreter is now. */
    position?: Point | null;
    /** Consent to keep the exact position; else its square kilometre is kept. */
    exact_location?: boolean;
    /** Be away from then on. */
    until?: string | null;
    /** Stay available until then though the app is closed: offers come by push (webhook). */
    push?: boolean;
    /** Whom to set away or offline (apps, operators); absent: oneself. */
    interpreter?: string | null;
  }

  interface PresenceSetResult {
    presence: Presence;
  }

  interface PresenceSummaryEvent {
    /** The pairs that changed. */
    pairs: PairCount[];
    /** Interpreters available at all. */
    available: number;
    /** Inbox id of a stored event; resume after it. */
    event_id?: string | null;
  }

  interface PresenceSummaryParams {
    /** Only pairs with this language. */
    language?: string | null;
    /** Only this mode. */
    mode?: 'audio' | 'onsite' | 'video' | null;
  }

  interface PresenceSummaryResult {
    pairs: PairCount[];
    /** Interpreters available at all. */
    available: number;
    /** The server's clock. */
    server_time: string;
  }

  interface PresenceUnwatchParams {
    /** Stop these; absent: all. */
    interpreters?: string[] | null;
    /** Stop presence.summary too. */
    summary?: boolean;
  }

  interface PresenceUnwatchResult {
    /** How many interpreters are still watched. */
    watching: number;
  }

  interface PresenceWatchParams {
    /** Send presence.changed for these. */
    interpreters?: string[];
    /** Send presence.summary, at most once a second. */
    summary?: boolean;
  }

  interface PresenceWatchResult {
    /** As it is now. */
    presence: Presence[];
    /** As it is now, when asked for. */
    summary?: PairCount[] | null;
  }

  /** What an interpreter costs. */
  interface Price {
    /** In units of the currency. */
    amount: number;
    /** ISO 4217. */
    currency: string;
    /** What the amount pays. */
    per?: 'hour' | 'minute' | 'session';
  }

  /** One change of the request that would work better. */
  interface Proposal {
    change: Change;
    /** The same for people. */
    text: string;
    /** That it is filled, 0 to 1, in steps of 0.05. */
    probability: number;
    /** Median seconds until somebody accepts, if anybody does; absent: not for now. */
    wait_s?: number | null;
  }

  /** What the server speaks. */
  interface Protocol {
    /** Version of the protocol. */
    version: string;
    /** Optional features that the server has. */
    features: string[];
  }

  /** A credential on a named scale (config/), held for one language. */
  interface Qualification {
    /** E.g. NO, NAATI, CCHI. */
    scale: string;
    /** Category on that scale, e.g. B. */
    category: string;
    /** Where it can be checked: a register id or a URL. */
    evidence?: string | null;
  }

  /** How somebody's media fared, as their client reported it. */
  interface Quality {
    reports?: number;
    rtt_ms?: Figures | null;
    /** Share of packets, 0 to 1. */
    loss?: Figures | null;
    jitter_ms?: Figures | null;
    /** The worst is the least. */
    bitrate_kbps?: Figures | null;
    /** From joining to media. */
    connect_ms?: Figures | null;
    freezes?: number;
    reconnects?: number;
    path?: 'tcp' | 'turn_tcp' | 'turn_udp' | 'udp' | null;
    worst_path?: 'tcp' | 'turn_tcp' | 'turn_udp' | 'udp' | null;
  }

  /** A summary of getStats over the last seconds: every ten, and at leaving. */
  interface QualityReport {
    rtt_ms?: number | null;
    loss?: number | null;
    jitter_ms?: number | null;
    bitrate_kbps?: number | null;
    /** From joining to media, of the newest leg. */
    connect_ms?: number | null;
    /** Since you joined. */
    freezes?: number | null;
    /** Since you joined. */
    reconnects?: number | null;
    path?: 'tcp' | 'turn_tcp' | 'turn_udp' | 'udp' | null;
  }

  /** When no offer may wake an interpreter, every day in their own time zone. */
  interface QuietHours {
    /** When they begin, e.g. 22:00. */
    from: string;
    /** When they are over, e.g. 07:00 of the next day. */
    to: string;
  }

  /** An open assignment that fits an interpreter. */
  interface Recommendation {
    assignment: AssignmentSummary;
    /** Sum of the contributions. */
    score: number;
    /** Exact parts of the score. */
    reasons: Contribution[];
    /** They have said that they could. */
    interested?: boolean;
    /** Until when they may say so. */
    interest_until?: string | null;
  }

  /** Whether the meeting is recorded: only while everybody in it has agreed. */
  interface Recording {
    state: 'asked' | 'off' | 'on' | 'paused';
    /** Participants who agreed. */
    consents?: string[];
    /** Why the last one ended by itself. */
    failure?: string | null;
  }

  /** One change of the request that would make more interpreters eligible. */
  interface Relaxation {
    /** What to change, e.g. min_qualification: C. */
    change: string;
    /** How many interpreters become eligible. */
    adds: number;
  }

  /** A series: every so many days, weeks or months, at the same time on the clock of its zone.

      It ends by a count or by a date: one of the two. */
  interface Repeats {
    /** What is counted. */
    every: 'day' | 'month' | 'week';
    /** Each so many of them. */
    interval?: number;
    /** Weekdays, the start's among them; weekly series only. */
    days?: ('friday' | 'monday' | 'saturday' | 'sunday' | 'thursday' | 'tuesday' | 'wednesday')[];
    count?: number | null;
    /** Last date; or `count`. */
    until?: string | null;
    /** Dates of the series on which there is none. */
    skip?: string[];
  }

  /** What a party reported of an assignment, and what staff answered. */
  interface Report {
    /** An id. */
    id: string;
    state: 'answered' | 'open';
    kind: string;
    /** An id. */
    assignment: string;
    text: string;
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    reported_at: string;
    /** About whose work. */
    interpreter?: string | null;
    minutes?: number | null;
    /** Who reported; for staff. */
    reported_by?: string | null;
    /** As what; for staff. */
    role?: 'app' | 'customer' | 'guest' | 'interpreter' | 'operator' | null;
    /** What a human answered. */
    answer?: string | null;
    outcome?: string | null;
    /** How long the work took, as it was put right. */
    minutes_now?: number | null;
    answered_at?: string | null;
    /** Who answered; for staff. */
    answered_by?: string | null;
  }

  /** Hard rules: who does not meet them is never asked. */
  interface Requirements {
    /** Lowest credential in both languages. */
    min_qualification?: string | Qualification | null;
    /** Fields of work, all of them. */
    specialisms?: string[];
    gender?: 'female' | 'male' | 'other' | null;
    dialect?: string | null;
    /** Security clearance. */
    clearance?: string | null;
    /** Take a curated spoken substitute of the language; offers name it. */
    accept_substitutes?: boolean;
  }

  /** What proves and places a resumed session. */
  interface Resume {
    /** The session to continue. */
    session: string;
    /** Secret of the last open. */
    resume_token: string;
    /** Last `event_id` that was handled; absent: none. */
    last_event?: string | null;
  }

  interface RpcDiscoverParams {
  }

  /** When the work was, as one side says who completed it. */
  interface SaidHours {
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    started_at: string;
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    ended_at: string;
    by: 'app' | 'customer' | 'guest' | 'interpreter' | 'operator';
  }

  /** What the client's own getStats say of the check. */
  interface Seen {
    rtt_ms?: number | null;
    loss?: number | null;
    jitter_ms?: number | null;
    path?: 'tcp' | 'turn_tcp' | 'turn_udp' | 'udp' | null;
    microphone_dbov?: number | null;
  }

  /** Where an assignment stands in a series. */
  interface SeriesPlace {
    /** An id. */
    id: string;
    /** Counted from 1. */
    index: number;
    /** How many the series has. */
    count: number;
  }

  interface SessionCloseParams {
  }

  interface SessionCloseResult {
  }

  interface SessionDrainingEvent {
    /** Close code that follows. */
    code: number;
    /** Why the server closes. */
    reason: string;
    /** Whether to come back. */
    reconnect: boolean;
    /** Wait this long before reconnecting, milliseconds. */
    retry_after_ms: number;
    /** Add a random part of this, milliseconds. */
    jitter_ms: number;
    /** Inbox id of a stored event; resume after it. */
    event_id?: string | null;
  }

  interface SessionExpiringEvent {
    /** When the server closes unless the token is refreshed. */
    expires_at: string;
    /** The server's clock. */
    server_time: string;
    /** Inbox id of a stored event; resume after it. */
    event_id?: string | null;
  }

  /** What a client must keep to. */
  interface SessionLimits {
    /** Largest frame, bytes. */
    frame_bytes: number;
    /** Deepest nesting, levels. */
    depth: number;
    /** Most requests in a batch. */
    batch_max: number;
    /** Requests a second, sustained. */
    requests_per_s: number;
    /** Requests at once. */
    requests_burst: number;
  }

  interface SessionOpenParams {
    /** JWT, HS256. */
    token: string;
    /** Continue an earlier session. */
    resume?: Resume | null;
    /** Id of this device; opening it again replaces the older socket. */
    device?: string | null;
    /** What the client can do. */
    capabilities?: string[];
  }

  interface SessionOpenResult {
    /** Id of the session, kept over reconnects. */
    session: string;
    /** Whom the token names. */
    user: string;
    /** The role that the token names. */
    role: 'app' | 'customer' | 'guest' | 'interpreter' | 'operator';
    /** Key of the app that signed the token. */
    app: string;
    /** Seconds between pings; any frame counts as life. */
    heartbeat_s: number;
    /** Secret that resumes; a new one at each open. */
    resume_token: string;
    /** Seconds after a drop in which events are replayed. */
    resume_window_s: number;
    /** True: every missed event follows; false: see `snapshot`. */
    recovered: boolean;
    /** End of the token: refresh before. */
    expires_at: string;
    /** The server's clock. */
    server_time: string;
    limits: SessionLimits;
    protocol: Protocol;
    /** Present unless recovered. */
    snapshot?: Snapshot | null;
  }

  interface SessionPingParams {
  }

  interface SessionPingResult {
    /** The server's clock. */
    server_time: string;
  }

  interface SessionRefreshParams {
    /** JWT, HS256. */
    token: string;
  }

  interface SessionRefreshResult {
    /** End of the new token. */
    expires_at: string;
  }

  /** The place of one interpreter. */
  interface Slot {
    state: 'cancelled' | 'completed' | 'confirmed' | 'connecting' | 'gathering' | 'held' | 'in_progress' | 'no_show' | 'offering' | 'searching' | 'unfilled' | 'wrap_up';
    /** How many waves were asked. */
    wave: number;
    /** How many interpreters were asked. */
    asked: number;
    /** Who won it; also if it was cancelled after that. */
    interpreter?: InterpreterCard | null;
    /** When a hold ends. */
    hold_until?: string | null;
    /** The customer's rating, 1 to 5; not for interpreters. */
    stars?: number | null;
    /** What they wrote with it; not for interpreters. */
    comment?: string | null;
    /** When they said that they are on site. */
    checked_in_at?: string | null;
    /** Where they said so, to a square kilometre; for staff. */
    checked_in_position?: Point | null;
    /** It has begun, and they are not there. */
    late?: boolean;
    /** When their work began, as measured. */
    started_at?: string | null;
    /** When their work ended, as measured. */
    ended_at?: string | null;
    /** The same as somebody says; this counts. */
    said?: SaidHours | null;
    /** How long the work took: put right by staff, said, or measured; bill this. */
    minutes?: number | null;
    /** The interpreter's rating of the customer's side; for them and staff. */
    their_stars?: number | null;
    /** What they wrote with it; the same. */
    their_comment?: string | null;
  }

  /** Everything current, when events cannot be replayed. */
  interface Snapshot {
    /** Offers awaiting an answer. */
    offers: Offer[];
    /** Assignments that are not over: bookings first, the soonest foremost. */
    assignments: Assignment[];
    /** Meetings that are not over. */
    meetings: Meeting[];
    /** An interpreter's own availability. */
    presence?: Presence | null;
    /** Newest event that the snapshot includes. */
    last_event?: string | null;
  }

  /** A range. */
  interface Span {
    lowest: number;
    highest: number;
  }

  /** How many are rung at once: few enough that the chance of an acceptance reaches a target. */
  interface Strategy {
    name: string;
    /** Chance that somebody accepts, 0 to 1. */
    target: number;
    smallest: number;
    largest: number;
  }

  /** Whose media a section of the carrier's offer carries. */
  interface Stream {
    mid: string;
    /** An id. */
    participant: string;
    kind: 'audio' | 'video';
  }

  /** A stretch of time off; it wins over all hours that are open. */
  interface TimeOff {
    /** When it begins, RFC 3339 with an offset. */
    from: string;
    /** When it is over, RFC 3339 with an offset. */
    to: string;
  }

  /** What never counts. */
  interface Unused {
    what: string;
    note?: string | null;
  }

  /** What a receiving section of your offer is to carry. */
  interface Want {
    mid: string;
    /** null: nothing. */
    participant?: string | null;
  }

  /** Where an app has events posted. */
  interface Webhook {
    /** An id. */
    id: string;
    state: 'disabled' | 'enabled';
    url: string;
    /** What is posted; none: everything. */
    types: string[];
    /** RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z. */
    created_at: string;
    description?: string;
    /** Why it is disabled. */
    why?: string | null;
  }

  interface WebhookDeliveriesParams {
    /** An id. */
    webhook: string;
    /** Only those in this state. */
    state?: 'dead' | 'delivered' | 'pending' | null;
    /** Entries a page at most. */
    limit?: number;
    cursor?: string | null;
  }

  interface WebhookDeliveriesResult {
    /** Newest first. */
    deliveries: Delivery[];
    /** Cursor of the next page. */
    next?: string | null;
  }

  interface WebhookListParams {
  }

  interface WebhookListResult {
    /** All of the app, newest first. */
    webhooks: Webhook[];
  }

  interface WebhookPutParams {
    /** An https URL, in ASCII. */
    url: string;
    /** Which one to change; absent: a new one. */
    webhook?: string | null;
    /** What to post; none: everything. */
    types?: string[];
    /** For people. */
    description?: string;
    /** Post nothing for now; what happens then is not kept. */
    disabled?: boolean;
    /** Sign by a new secret; the old one signs too for a day. */
    new_secret?: boolean;
    idempotency_key?: string | null;
  }

  interface WebhookPutResult {
    webhook: Webhook;
    /** What deliveries are signed with, if it is new; never shown again. */
    secret?: string | null;
  }

  /** Either one delivery, or all that were given up since a time. */
  interface WebhookRedeliverParams {
    /** An id. */
    webhook: string;
    /** Which one, in whatever state. */
    delivery?: string | null;
    /** All that are dead and happened from then on, oldest first. */
    dead_since?: string | null;
  }

  interface WebhookRedeliverResult {
    /** How many will be posted once more. */
    redelivered: number;
    /** Whether dead ones are left: call again. */
    more: boolean;
  }

  interface WebhookRemoveParams {
    /** An id. */
    webhook: string;
  }

  interface WebhookRemoveResult {
    removed: boolean;
  }

  interface WebhookTestParams {
    /** An id. */
    webhook: string;
  }

  interface WebhookTestResult {
  }

  /** Hours of every week in which they take scheduled work. */
  interface WeeklyHours {
    /** The day on which they start. */
    day: 'friday' | 'monday' | 'saturday' | 'sunday' | 'thursday' | 'tuesday' | 'wednesday';
    /** Wall-clock time in the interpreter's zone, e.g. 08:30. */
    start: string;
    /** The same; 24:00 is midnight, and an end before the start is on the next day. */
    end: string;
  }

  interface Methods {
    /** Open or resume a session: the first message on a socket. */
    'session.open': { params: SessionOpenParams; result: SessionOpenResult };
    /** Go on with a newer token of the same user. */
    'session.refresh': { params: SessionRefreshParams; result: SessionRefreshResult };
    /** Show life, for clients that cannot see WebSocket pings. */
    'session.ping': { params: SessionPingParams; result: SessionPingResult };
    /** End the session now, without a resume window. */
    'session.close': { params: SessionCloseParams; result: SessionCloseResult };
    /** Say whether you take work now; apps and operators set others away or offline. */
    'presence.set': { params: PresenceSetParams; result: PresenceSetResult };
    /** Follow the availability of people you meet, or of the marketplace in sum. */
    'presence.watch': { params: PresenceWatchParams; result: PresenceWatchResult };
    /** Stop following. */
    'presence.unwatch': { params: PresenceUnwatchParams; result: PresenceUnwatchResult };
    /** Count the available interpreters by language pair and mode. */
    'presence.summary': { params: PresenceSummaryParams; result: PresenceSummaryResult };
    /** Show when an interpreter was available. */
    'presence.log': { params: PresenceLogParams; result: PresenceLogResult };
    /** Create or replace a profile. */
    'interpreter.put': { params: InterpreterPutParams; result: InterpreterPutResult };
    /** Show a profile, as far as the caller may see it. */
    'interpreter.get': { params: InterpreterGetParams; result: InterpreterGetResult };
    /** Remove an interpreter who has no work. */
    'interpreter.remove': { params: InterpreterRemoveParams; result: InterpreterRemoveResult };
    /** Show, renew or end the secret address of an interpreter's bookings as iCalendar. */
    'interpreter.calendar': { params: InterpreterCalendarParams; result: InterpreterCalendarResult };
    /** Create or replace many profiles; over HTTP also as NDJSON. */
    'interpreter.import': { params: InterpreterImportParams; result: InterpreterImportResult };
    /** Rank interpreters for a request without asking any. */
    'match.search': { params: MatchSearchParams; result: MatchSearchResult };
    /** Say how long the wait will be, how sure that is, and what would work better. */
    'match.estimate': { params: MatchEstimateParams; result: MatchEstimateResult };
    /** Say why an interpreter was or was not asked, from the recorded decision. */
    'match.explain': { params: MatchExplainParams; result: MatchExplainResult };
    /** Say what counts in the ranking and how much, which rules hold, and what never counts. */
    'match.parameters': { params: MatchParametersParams; result: MatchParametersResult };
    /** Ask a human to look again at what was decided of oneself, or for oneself. */
    'match.contest': { params: MatchContestParams; result: MatchContestResult };
    /** List one's own contests; apps and operators: those of their app that wait for an answer. */
    'match.contests': { params: MatchContestsParams; result: MatchContestsResult };
    /** Answer a contest after looking at the decision again. */
    'match.answer': { params: MatchAnswerParams; result: MatchAnswerResult };
    /** Ask for an interpreter. */
    'assignment.create': { params: AssignmentCreateParams; result: AssignmentCreateResult };
    /** Show an assignment. */
    'assignment.get': { params: AssignmentGetParams; result: AssignmentGetResult };
    /** List one's own assignments; apps and operators: all of their app's. */
    'assignment.list': { params: AssignmentListParams; result: AssignmentListResult };
    /** Change what is asked for; changed terms are offered anew. */
    'assignment.update': { params: AssignmentUpdateParams; result: AssignmentUpdateResult };
    /** Call it off; an interpreter gives back what they accepted. */
    'assignment.cancel': { params: AssignmentCancelParams; result: AssignmentCancelResult };
    /** Say that the work is done. */
    'assignment.complete': { params: AssignmentCompleteParams; result: AssignmentCompleteResult };
    /** List the open assignments that fit an interpreter, best first, with the reasons. */
    'assignment.recommend': { params: AssignmentRecommendParams; result: AssignmentRecommendResult };
    /** Say that you could take an assignment, before it is decided. */
    'assignment.interest': { params: AssignmentInterestParams; result: AssignmentInterestResult };
    /** Choose among those who said that they could. */
    'assignment.confirm': { params: AssignmentConfirmParams; result: AssignmentConfirmResult };
    /** Say that you are on site; the work begins. */
    'assignment.check_in': { params: AssignmentCheckInParams; result: AssignmentCheckInResult };
    /** List offers that await an answer. */
    'offer.list': { params: OfferListParams; result: OfferListResult };
    /** Say that an offer arrived, and whether a person saw it. */
    'offer.ack': { params: OfferAckParams; result: OfferAckResult };
    /** Take the assignment; accepting twice is accepting once. */
    'offer.accept': { params: OfferAcceptParams; result: OfferAcceptResult };
    /** Say no; it costs nothing and needs no reason. */
    'offer.decline': { params: OfferDeclineParams; result: OfferDeclineResult };
    /** Open a meeting for named people. */
    'meeting.create': { params: MeetingCreateParams; result: MeetingCreateResult };
    /** Show a meeting. */
    'meeting.get': { params: MeetingGetParams; result: MeetingGetResult };
    /** Enter a meeting and learn how to connect. */
    'meeting.join': { params: MeetingJoinParams; result: MeetingJoinResult };
    /** Leave a meeting. */
    'meeting.leave': { params: MeetingLeaveParams; result: MeetingLeaveResult };
    /** End a meeting for everybody. */
    'meeting.end': { params: MeetingEndParams; result: MeetingEndResult };
    /** Pass an offer, answer or candidate to one participant; may be a notification. */
    'meeting.signal': { params: MeetingSignalParams; result: MeetingSignalResult };
    /** Change what you send or are called; lock or unlock the meeting. */
    'meeting.update': { params: MeetingUpdateParams; result: MeetingUpdateResult };
    /** Write to the others in the meeting. */
    'meeting.message': { params: MeetingMessageParams; result: MeetingMessageResult };
    /** Connect to what carries the meeting, or say how the media with somebody fares. */
    'meeting.negotiate': { params: MeetingNegotiateParams; result: MeetingNegotiateResult };
    /** Make a link for a guest, who waits in the lobby until let in. */
    'meeting.invite': { params: MeetingInviteParams; result: MeetingInviteResult };
    /** Put somebody out who may not come back, or take a link back. */
    'meeting.remove': { params: MeetingRemoveParams; result: MeetingRemoveResult };
    /** Hand a running meeting to another interpreter, who comes before the other goes. */
    'meeting.transfer': { params: MeetingTransferParams; result: MeetingTransferResult };
    /** Ask everybody to be recorded, or stop the recording. */
    'meeting.record': { params: MeetingRecordParams; result: MeetingRecordResult };
    /** Agree to being recorded in a meeting. */
    'consent.grant': { params: ConsentGrantParams; result: ConsentGrantResult };
    /** Agree no more: it stops at once. */
    'consent.withdraw': { params: ConsentWithdrawParams; result: ConsentWithdrawResult };
    /** List what you agreed to. */
    'consent.list': { params: ConsentListParams; result: ConsentListResult };
    /** Rate the other side once the work is done; rating again replaces. */
    'feedback.rate': { params: FeedbackRateParams; result: FeedbackRateResult };
    /** Report an assignment to the staff: who never came, wrong times, or an appeal. */
    'feedback.report': { params: FeedbackReportParams; result: FeedbackReportResult };
    /** List one's own reports; apps and operators: those of their app that wait for an answer. */
    'feedback.reports': { params: FeedbackReportsParams; result: FeedbackReportsResult };
    /** Answer a report: let it stand, put it right, or excuse a no-show. */
    'feedback.answer': { params: FeedbackAnswerParams; result: FeedbackAnswerResult };
    /** Show the no-shows that count, and what follows from them. */
    'feedback.standing': { params: FeedbackStandingParams; result: FeedbackStandingResult };
    /** Have events of your app posted to a URL, or change which; shows a new secret once. */
    'webhook.put': { params: WebhookPutParams; result: WebhookPutResult };
    /** List the webhooks of your app. */
    'webhook.list': { params: WebhookListParams; result: WebhookListResult };
    /** Have nothing posted there any more. */
    'webhook.remove': { params: WebhookRemoveParams; result: WebhookRemoveResult };
    /** Have an event posted there that means nothing. */
    'webhook.test': { params: WebhookTestParams; result: WebhookTestResult };
    /** List what was posted, what waits and what was given up, newest first. */
    'webhook.deliveries': { params: WebhookDeliveriesParams; result: WebhookDeliveriesResult };
    /** Post a delivery once more, or all that were given up since a time. */
    'webhook.redeliver': { params: WebhookRedeliverParams; result: WebhookRedeliverResult };
    /** Try microphone, camera and network against the server, and hear how they are. */
    'device.check': { params: DeviceCheckParams; result: DeviceCheckResult };
    /** Get STUN and TURN servers with credentials that expire. */
    'device.ice': { params: DeviceIceParams; result: DeviceIceResult };
    /** Describe every method, as OpenRPC. */
    'rpc.discover': { params: RpcDiscoverParams; result: Record<string, unknown> };
  }

  interface Events {
    /** The token ends soon: refresh it. */
    'session.expiring': SessionExpiringEvent;
    /** The server closes this socket; when and whether to come back. */
    'session.draining': SessionDrainingEvent;
    /** A watched interpreter's availability changed. */
    'presence.changed': PresenceChangedEvent;
    /** How many are available changed; at most once a second. */
    'presence.summary': PresenceSummaryEvent;
    /** For apps: somebody contests what was decided of an interpreter. */
    'match.contested': MatchContestedEvent;
    /** A human has answered what you contested. */
    'match.contest_answered': MatchContestAnsweredEvent;
    /** An assignment of yours changed. */
    'assignment.changed': AssignmentChangedEvent;
    /** An open assignment fits you well: say if you could. */
    'assignment.recommended': AssignmentRecommendedEvent;
    /** An assignment of yours starts soon. */
    'assignment.reminder': AssignmentReminderEvent;
    /** You are asked to take an assignment. */
    'offer.made': OfferMadeEvent;
    /** An offer to you is over, and why. */
    'offer.withdrawn': OfferWithdrawnEvent;
    /** For apps: somebody reported what a human is to look at. */
    'feedback.reported': FeedbackReportedEvent;
    /** A human has answered what you reported. */
    'feedback.answered': FeedbackAnsweredEvent;
    /** No new offers for a while, and why; you may appeal. */
    'feedback.suspended': FeedbackSuspendedEvent;
    /** A meeting of yours changed, or must be negotiated anew. */
    'meeting.changed': MeetingChangedEvent;
    /** A signal from another participant. */
    'meeting.signal': MeetingSignalEvent;
    /** Somebody wrote in the meeting. */
    'meeting.message': MeetingMessageEvent;
  }
}
