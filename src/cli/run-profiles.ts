import { DEFAULT_PROFILE } from '../cost/default-profile.ts';
import { builtInProfiles } from '../cost/profiles.ts';
import { cpuProfile, DEFAULT_CPU } from '../mte/cpu.ts';
import { jsonText } from '../report/writers.ts';
import { renderProfile, renderProfileList } from '../report/profiles-text.ts';
import { profilesResult } from '../result/profiles.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { PROFILES, type ProfilesOptions } from '../options/commands/profiles.ts';
import { preparedWith } from './node-commands.ts';
import { openOutput } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { textOptions } from './text-options.ts';

/** `tagscope profiles [NAME|FILE]`: what turns tag work into time, and where each number is from. */
export async function runProfiles(
  nameOrFile: string | undefined,
  raw: ProfilesOptions,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const cpu = cpuProfile(raw.cpu ?? DEFAULT_CPU);
  const profiles =
    nameOrFile === undefined ? builtInProfiles() : [await preparedWith(surroundings).profile(nameOrFile, cpu)];
  const output = await openOutput(PROFILES, raw, surroundings, nameOrFile === undefined ? [] : [nameOrFile]);
  const layout = textOptions(output, { top: 0, by: 'site' }, raw, surroundings);
  await output.write(
    output.format === 'json'
      ? jsonText(profilesResult(profiles, cpu))
      : nameOrFile === undefined
        ? renderProfileList(profiles, DEFAULT_PROFILE, layout)
        : renderProfile(profiles[0], profiles[0].readings(cpu), layout),
  );
  await output.finish();
  return EXIT.ok;
}
