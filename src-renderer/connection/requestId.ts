/** Identity of one press: letters and digits, as the contract asks. */
const ID_CHARACTERS = 20;

export const newRequestId = (): string => crypto.randomUUID().replaceAll('-', '').slice(0, ID_CHARACTERS);
