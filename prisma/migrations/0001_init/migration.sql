-- CreateTable
CREATE TABLE "request_status" (
    "request_id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "user_id" TEXT,
    "conversation_id" TEXT,
    "action" TEXT,
    "text" TEXT,
    "code" TEXT,
    "detail" TEXT,
    "attempts" INTEGER NOT NULL,
    "parked_topic" TEXT,
    "parked_partition" INTEGER,
    "parked_offset" BIGINT,
    "reply" TEXT NOT NULL,
    "answer" TEXT,
    "received_at" TIMESTAMPTZ(3),
    "requested_at" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "answered_at" TIMESTAMPTZ(3),
    "replied_at" TIMESTAMPTZ(3),

    CONSTRAINT "request_status_pkey" PRIMARY KEY ("request_id")
);

-- CreateTable
CREATE TABLE "user_profile" (
    "user_id" TEXT NOT NULL,
    "display_name" TEXT,
    "location" TEXT,
    "timezone" TEXT,
    "settings" JSONB NOT NULL,
    "active" BOOLEAN NOT NULL,
    "revision" BIGINT NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "changes" INTEGER NOT NULL,

    CONSTRAINT "user_profile_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "conversation_log" (
    "id" TEXT NOT NULL,
    "conversation_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3),
    "author" TEXT NOT NULL,
    "user_id" TEXT,
    "text" TEXT,
    "request_id" TEXT NOT NULL,
    "delivery" TEXT,

    CONSTRAINT "conversation_log_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "action_usage" (
    "action" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "requested" INTEGER NOT NULL,
    "completed" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,

    CONSTRAINT "action_usage_pkey" PRIMARY KEY ("action","hour")
);

-- CreateTable
CREATE TABLE "action_usage_user" (
    "action" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "user_id" TEXT NOT NULL,
    "requests" INTEGER NOT NULL,

    CONSTRAINT "action_usage_user_pkey" PRIMARY KEY ("action","hour","user_id")
);

-- CreateTable
CREATE TABLE "action_usage_duration" (
    "action" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "up_to_ms" INTEGER NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "action_usage_duration_pkey" PRIMARY KEY ("action","hour","up_to_ms")
);

-- CreateTable
CREATE TABLE "weather_latest" (
    "location" TEXT NOT NULL,
    "temperature_c" DOUBLE PRECISION NOT NULL,
    "feels_like_c" DOUBLE PRECISION NOT NULL,
    "summary" TEXT NOT NULL,
    "humidity_pct" INTEGER NOT NULL,
    "wind_ms" DOUBLE PRECISION NOT NULL,
    "observed_at" TIMESTAMPTZ(3) NOT NULL,
    "provider" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "requests" INTEGER NOT NULL,

    CONSTRAINT "weather_latest_pkey" PRIMARY KEY ("location")
);

-- CreateTable
CREATE TABLE "schedule" (
    "schedule_id" TEXT NOT NULL,
    "cron" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "arguments" JSONB NOT NULL,
    "audience" TEXT NOT NULL,
    "user_ids" TEXT[],
    "enabled" BOOLEAN NOT NULL,
    "misfire" TEXT NOT NULL,

    CONSTRAINT "schedule_pkey" PRIMARY KEY ("schedule_id")
);

-- CreateTable
CREATE TABLE "router_user" (
    "user_id" TEXT NOT NULL,
    "display_name" TEXT,
    "location" TEXT,
    "timezone" TEXT,
    "settings" JSONB NOT NULL,
    "revision" BIGINT NOT NULL,

    CONSTRAINT "router_user_pkey" PRIMARY KEY ("user_id")
);

-- CreateIndex
CREATE INDEX "request_status_user_id_received_at_request_id_idx" ON "request_status"("user_id", "received_at", "request_id");

-- CreateIndex
CREATE INDEX "request_status_status_received_at_request_id_idx" ON "request_status"("status", "received_at", "request_id");

-- CreateIndex
CREATE INDEX "request_status_action_received_at_request_id_idx" ON "request_status"("action", "received_at", "request_id");

-- CreateIndex
CREATE INDEX "request_status_received_at_request_id_idx" ON "request_status"("received_at", "request_id");

-- CreateIndex
CREATE INDEX "user_profile_location_idx" ON "user_profile"("location");

-- CreateIndex
CREATE INDEX "conversation_log_conversation_id_at_id_idx" ON "conversation_log"("conversation_id", "at", "id");

-- CreateIndex
CREATE INDEX "action_usage_hour_idx" ON "action_usage"("hour");

-- CreateIndex
CREATE INDEX "action_usage_user_hour_idx" ON "action_usage_user"("hour");

-- CreateIndex
CREATE INDEX "action_usage_duration_hour_idx" ON "action_usage_duration"("hour");

-- CreateIndex
CREATE INDEX "weather_latest_requests_idx" ON "weather_latest"("requests");

