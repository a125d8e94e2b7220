/**
 * Slack's limits, by name. Characters are UTF-16 units.
 * Sources: docs.slack.dev, "Block Kit reference" (each block's and element's page), "chat.postMessage", "Modals",
 * "Message metadata", "Rate limits".
 */
export const LIMITS = {
  /** Blocks in a message; a view may have `viewBlocks`. */
  messageBlocks: 50,
  viewBlocks: 100,
  /** `text` of chat.postMessage: cut by Slack past it; 4,000 is what it recommends. */
  messageText: 40_000,
  /** `text` of chat.update: refused past it (`msg_too_long`). */
  updateText: 4000,
  /**
   * All blocks of a message together, as JSON. On no page of the reference: chat.postMessage has been seen to answer
   * `msg_blocks_too_long` from 13,172 on.
   */
  messageBlocksJson: 13_000,
  headerText: 150,
  sectionText: 3000,
  sectionFields: 10,
  fieldText: 2000,
  contextElements: 10,
  contextText: 3000,
  actionsElements: 25,
  buttonText: 75,
  buttonValue: 2000,
  buttonUrl: 3000,
  accessibilityLabel: 75,
  actionId: 255,
  blockId: 255,
  checkboxOptions: 10,
  selectOptions: 100,
  overflowOptions: 5,
  optionText: 75,
  optionValue: 150,
  optionDescription: 75,
  placeholder: 150,
  inputLabel: 2000,
  inputHint: 2000,
  inputMaxLength: 3000,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  imageUrl: 3000,
  imageAltText: 2000,
  imageTitle: 2000,
  modalTitle: 24,
  modalButton: 24,
  privateMetadata: 3000,
  callbackId: 255,
  /** Bytes of a whole view. */
  viewBytes: 250_000,
  /** Bytes of a message's metadata payload. */
  metadataBytes: 8 * 1024,
} as const;
