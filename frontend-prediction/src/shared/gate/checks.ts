/** One condition of the gate. */
export interface Check {
  name: string;
  passed: boolean;
  /** In the server's words: what was seen and what was asked. */
  detail: string;
}
