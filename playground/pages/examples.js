// Queries to start from. Each works as it is on the demo organization.
export const examples = [
  {
    title: 'Who am I?',
    query: `{
  viewer {
    organization { externalId name currency timeZone }
  }
}`,
  },
];
