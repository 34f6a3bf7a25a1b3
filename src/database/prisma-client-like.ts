// The part of a generated Prisma client that does not depend on the user's schema.

export interface PrismaTransactionLike {
  $queryRawUnsafe(sql: string, ...values: readonly unknown[]): Promise<unknown>
  $executeRawUnsafe(sql: string, ...values: readonly unknown[]): Promise<number>
}

export interface PrismaClientLike extends PrismaTransactionLike {
  $transaction<Result>(
    work: (transaction: PrismaTransactionLike) => Promise<Result>,
    options?: { readonly isolationLevel?: 'RepeatableRead' },
  ): Promise<Result>
  $disconnect(): Promise<void>
}
