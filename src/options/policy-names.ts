/** The names in a list of policies that is separated by commas. The comma in sample=10,order=3 does not separate. */
export const policyNames = (list: string): readonly string[] => list.split(/,(?!order=\d)/).map((name) => name.trim());
