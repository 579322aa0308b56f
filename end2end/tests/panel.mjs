// What an operator does on the status panel, and where things stand there.
import { expect } from './cluster.mjs';

export const node = (page, name) => page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) });

// Gives the dialog, which stays where the password is wrong.
export async function signIn(page, password) {
  await page.getByRole('button', { name: 'Operator: sign in to switch' }).click();
  const dialog = page.getByRole('dialog', { name: 'Operator’s sign-in' }).or(page.getByRole('dialog', { name: "Operator's sign-in" }));
  await dialog.getByLabel('Password').fill(password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  return dialog;
}

export async function turn(page, replica, to, confirm) {
  await page.getByRole('group', { name: `Switch ${replica}` }).getByRole('button', { name: to, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: new RegExp(replica) });
  await dialog.getByRole('button', { name: confirm }).click();
  await expect(dialog).toBeHidden();
}
