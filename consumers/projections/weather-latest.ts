import { defineProjection } from 'millrace'
import outcomes from '../../schemas/topics/outcomes.ts'

/**
 * One row per place: the latest observation. Reports of one place come from many partitions, so "latest" goes by the time of
 * observation, never by order of arrival; of two at the same moment the greater request id stands. Serves GET /weather.
 */
export default defineProjection({
  name: 'weather-latest',
  from: [outcomes],
  ignore: ['ActionFailed'],
  tables: {
    WeatherLatest: {
      key: ({ data }) => ('WeatherReport' in data.result ? data.result.WeatherReport.location : null),
      initial: {
        temperatureC: 0,
        feelsLikeC: 0,
        summary: '',
        humidityPct: 0,
        windMs: 0,
        observedAt: new Date(0),
        provider: '',
        requestId: '',
        requests: 0,
      },
      evolve: {
        ActionCompleted: (row, { data }) => {
          if (!('WeatherReport' in data.result)) return row
          const requests = row.requests + 1
          const report = data.result.WeatherReport
          const aheadMs = report.observedAt.getTime() - row.observedAt.getTime()
          const isLatest = aheadMs > 0 || (aheadMs === 0 && data.requestId > row.requestId)
          return isLatest ? { ...row, ...report, requestId: data.requestId, requests } : { ...row, requests }
        },
      },
    },
  },
})
