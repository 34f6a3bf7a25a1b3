/** Where root puts what the account of Postgres must reach and the checkout hides. Survives a reboot, unlike /tmp. */
export const SHARED_FOLDER = '/var/lib/millrace'
