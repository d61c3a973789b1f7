/**
 * What went wrong with microphone, camera or screen, in plain words that say what to do.
 *
 * Names are those of DOMException as getUserMedia gives them (W3C Media Capture and Streams).
 * @param {unknown} error
 * @param {{audio?: boolean, video?: boolean}} asked what was asked for
 * @returns {string}
 */
export function explain(error, { audio = true, video = true } = {}) {
  const device = audio && video ? 'microphone or camera' : video ? 'camera' : 'microphone';
  switch (error?.name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
      return notAllowed(error, device);
    case 'NotFoundError':
    case 'DevicesNotFoundError':
      return `No ${device} was found. Connect one, or check that it is switched on, and try again.`;
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return `The ${device} is there but does not start. Close other programs that use it, such as another call, or unplug it and plug it in again.`;
    case 'OverconstrainedError':
      return error.constraint === 'deviceId'
        ? `The ${device} chosen before is not connected any more. Choose another one.`
        : `The ${device} cannot do what was asked${error.constraint ? ` (${error.constraint})` : ''}. Choose another one.`;
    case 'InsecureContextError':
      return 'Browsers give microphone and camera to secure pages only. Open this page with https://.';
    case 'SecurityError':
      return `This browser's settings forbid the ${device} on all pages. Allow it in the browser's settings, under privacy.`;
    case 'NotSupportedError':
      return 'This browser cannot make calls. Use a current version of Chrome, Edge, Firefox or Safari.';
    default:
      return error?.message || 'Something went wrong. Try again.';
  }
}

function notAllowed(error, device) {
  if (/system/i.test(error.message)) {
    return `The computer itself does not let the browser use the ${device}. Allow it in the system's privacy settings, then reload the page.`;
  }
  if (/dismissed/i.test(error.message)) {
    return `The question about the ${device} was closed without an answer. Try again and choose “Allow”.`;
  }
  return `The browser may not use the ${device}. Click the sign beside the address, allow it there, and try again.`;
}
