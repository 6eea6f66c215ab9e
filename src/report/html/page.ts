import { Markup, markup } from '../markup.ts';
import { PAGE_HASHES } from './page-hashes.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

/**
 * A page that is one file: nothing is fetched, and the browser is told that nothing may be. Only the style sheet and the
 * script whose hashes stand in the policy are used; whatever else found its way into the page would not be.
 */
export const page = (title: string, eyebrow: string, content: Markup): string =>
  markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${PAGE_HASHES.style}'; script-src 'sha256-${PAGE_HASHES.script}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="tagscope">
<title>${title}</title>
<style>${new Markup(PAGE_STYLE)}</style>
</head>
<body>
<main>
<p class="eyebrow">${eyebrow}</p>
${content}</main>
<script>${new Markup(PAGE_SCRIPT)}</script>
</body>
</html>
`.text;
