/**
 * What a test of the EA is: a name, the row of the reference it stands for, and a story that throws when it goes wrong. Data, so
 * that the suite, the seeded mistakes and a person at the command line can each choose among them.
 */
export interface Stage {
  /** The EA's executable. */
  readonly program: string;
  /** Does not exist yet; of this story alone. */
  readonly folder: string;
}

export interface Scenario {
  readonly name: string;
  readonly run: (stage: Stage) => Promise<void>;
}

export const scenario = (name: string, run: (stage: Stage) => Promise<void>): Scenario => ({ name, run });
