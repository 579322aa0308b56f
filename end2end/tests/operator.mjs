// The operator at the status panel.

// Gives the dialog, which stays where the password is wrong.
export async function signIn(page, password) {
  await page.getByRole('button', { name: 'Operator: sign in to switch' }).click();
  const dialog = page.getByRole('dialog', { name: 'Operator’s sign-in' }).or(page.getByRole('dialog', { name: "Operator's sign-in" }));
  await dialog.getByLabel('Password').fill(password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  return dialog;
}
