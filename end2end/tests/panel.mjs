// Actions of the operator on the status panel, and its elements.
import { expect } from './cluster.mjs';

export const node = (page, name) => page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) });

// Signs in and returns the dialog, which stays open if the password is wrong.
export async function signIn(page, password) {
  await page.getByRole('button', { name: 'Operator: sign in to switch' }).click();
  const dialog = page.getByRole('dialog', { name: 'Operator’s sign-in' }).or(page.getByRole('dialog', { name: "Operator's sign-in" }));
  await dialog.getByLabel('Password').fill(password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  return dialog;
}

// Switches a replica and confirms the question.
export async function switchReplica(page, replica, state, confirm) {
  await page.getByRole('group', { name: `Switch ${replica}` }).getByRole('button', { name: state, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: new RegExp(replica) });
  await dialog.getByRole('button', { name: confirm }).click();
  await expect(dialog).toBeHidden();
}
