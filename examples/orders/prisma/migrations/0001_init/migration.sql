-- CreateTable
CREATE TABLE "order_summary" (
    "order_id" TEXT NOT NULL,
    "customer_id" TEXT,
    "items" INTEGER NOT NULL,
    "total_cents" INTEGER NOT NULL,
    "paid_cents" INTEGER NOT NULL,
    "tracking_code" TEXT,
    "placed_at" TIMESTAMPTZ(3),
    "paid_at" TIMESTAMPTZ(3),
    "shipped_at" TIMESTAMPTZ(3),

    CONSTRAINT "order_summary_pkey" PRIMARY KEY ("order_id")
);

-- CreateTable
CREATE TABLE "customer_totals" (
    "customer_id" TEXT NOT NULL,
    "orders" INTEGER NOT NULL,
    "ordered_cents" INTEGER NOT NULL,
    "paid_cents" INTEGER NOT NULL,

    CONSTRAINT "customer_totals_pkey" PRIMARY KEY ("customer_id")
);

-- CreateIndex
CREATE INDEX "order_summary_customer_id_idx" ON "order_summary"("customer_id");
