-- CreateTable
CREATE TABLE "notes_by_author" (
    "author" TEXT NOT NULL,
    "notes" INTEGER NOT NULL,
    "last_text" TEXT NOT NULL,
    "last_written_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "notes_by_author_pkey" PRIMARY KEY ("author")
);
