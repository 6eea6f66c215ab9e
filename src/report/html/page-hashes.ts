/**
 * SHA-256 of the style sheet and of the script of a page, in base64, as its Content-Security-Policy names them. A test
 * says what they must be when either was changed.
 */
export const PAGE_HASHES = {
  style: '7N1rGf8HnyewZLIbrmeyMDMuOYdo+G1j5T8zkcBccS8=',
  script: 'q27qswKJfhkp8dRWmRtyZC39izMrvAMsd939GXDY9Dw=',
} as const;
